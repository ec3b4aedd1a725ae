"""DAV:multistatus (RFC 4918, section 13): read whole or not at all."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from xml.etree.ElementTree import Element, ParseError

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import fromstring

from flows.connector import SourceUnusableError
from flows.connectors.caldav.exchange import Answer

DAV, CALDAV = "{DAV:}", "{urn:ietf:params:xml:ns:caldav}"
_STATUS = re.compile(r"^HTTP/[0-9.]+\s+([0-9]{3})")
_MULTI_STATUS = 207
_OK = 200


@dataclass(frozen=True, slots=True)
class Member:
    """One DAV:response: ``status`` where it has one of its own (404 for a removed member), else 200."""

    href: str
    status: int
    found: dict[str, Element]

    def text(self, name: str) -> str | None:
        """Return the text of a property that was found."""
        element = self.found.get(name)
        return (element.text or "").strip() or None if element is not None else None

    def href_in(self, name: str) -> str | None:
        """Return the DAV:href inside a property."""
        element = self.found.get(name)
        return element.findtext(f"{DAV}href") if element is not None else None

    def has(self, name: str, child: str) -> bool:
        """Whether a property holds that element, such as resourcetype a calendar."""
        element = self.found.get(name)
        return element is not None and element.find(child) is not None


@dataclass(frozen=True, slots=True)
class Multistatus:
    """All members, and the token of a sync report."""

    members: tuple[Member, ...]
    token: str | None


def read(answer: Answer) -> Multistatus:
    """Read a 207 answer.

    Raises:
        SourceUnusableError: another status, no XML, cut-off XML, XML of another kind.
    """
    root = _root(answer)
    members = tuple(_member(each) for each in root.iterfind(f"{DAV}response"))
    return Multistatus(members, (root.findtext(f"{DAV}sync-token") or "").strip() or None)


def preconditions(answer: Answer) -> set[str]:
    """Return the names in a DAV:error, such as ``valid-sync-token`` (RFC 4918, section 16), or nothing."""
    try:
        root = fromstring(answer.body)
    except (ParseError, DefusedXmlException, ValueError):
        return set()
    return {each.tag.rpartition("}")[2] for each in root} if root.tag == f"{DAV}error" else set()


def _root(answer: Answer) -> Element:
    expected = "expected a multistatus (207, XML)"
    if answer.status != _MULTI_STATUS:
        raise SourceUnusableError(f"{expected}, came status {answer.status} with {answer.kind or 'no type'}")
    if answer.kind not in {"application/xml", "text/xml"}:
        raise SourceUnusableError(f"{expected}, came {answer.kind or 'no type'}: a login page or a proxy?")
    try:
        root: Element = fromstring(answer.body)
    except (ParseError, DefusedXmlException, ValueError):
        raise SourceUnusableError(f"{expected}, came XML that is cut off or broken") from None
    if root.tag != f"{DAV}multistatus":
        raise SourceUnusableError(f"{expected}, came other XML")
    return root


def _member(response: Element) -> Member:
    own = _code(response.findtext(f"{DAV}status"))
    found = {element.tag: element for element in _found(response)}
    return Member((response.findtext(f"{DAV}href") or "").strip(), own or _OK, found)


def _found(response: Element) -> Iterator[Element]:
    for propstat in response.iterfind(f"{DAV}propstat"):
        if _code(propstat.findtext(f"{DAV}status")) == _OK:
            for prop in propstat.iterfind(f"{DAV}prop"):
                yield from prop


def _code(status: str | None) -> int | None:
    match = _STATUS.match((status or "").strip())
    return int(match.group(1)) if match else None
