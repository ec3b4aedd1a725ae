"""What a repository answers (OAI-PMH 2.0, section 3.2): XML without entities, read whole or not at all."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from xml.etree.ElementTree import Element, ParseError, tostring

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import fromstring

from flows.connector import SourceUnusableError
from flows.connectors.caldav.exchange import Answer

OAI = "{http://www.openarchives.org/OAI/2.0/}"
MAX_PAGE = 16_000_000
"""Bytes of one answer: a tree of it takes ten times as much."""
_OK = 200
_FAILED = range(400, 500)


class TokenRefusedError(Exception):
    """The repository does not know the resumption token, or no longer: the list begins again."""


class NoSuchRecordError(Exception):
    """The repository itself says that it has no such record, or not in this format."""


@dataclass(frozen=True, slots=True)
class Header:
    """Which record it is, when it was changed, and whether it is still there."""

    identifier: str
    stamp: str
    deleted: bool = False


@dataclass(frozen=True, slots=True)
class Page:
    """A part of a list. ``size`` is how long the repository says the whole list is, where it does."""

    asked: datetime
    headers: tuple[Header, ...] = ()
    records: dict[str, bytes] = field(default_factory=dict)
    token: str | None = None
    size: int | None = None
    nameless: bool = False  # a header without an identifier: something is there that cannot be named


def read(answer: Answer, *, resumed: bool = False) -> Element:
    """Read an answer and return its root; an error of the protocol is raised.

    Args:
        answer: what came.
        resumed: whether a resumption token was sent. Some refuse it by status (422, 400, 410) instead of by the book.

    Raises:
        TokenRefusedError: badResumptionToken.
        NoSuchRecordError: idDoesNotExist, cannotDisseminateFormat.
        SourceUnusableError: anything else that is no answer of a repository.
    """
    root = _root(answer)
    if root is None and resumed and answer.status in _FAILED:
        raise TokenRefusedError
    if root is None or (answer.status != _OK and root.find(f"{OAI}error") is None):
        came = f"status {answer.status} with {answer.kind or 'no type'}"
        raise SourceUnusableError(f"expected an answer of OAI-PMH in whole XML, came {came}: check 'url'")
    codes = {each.get("code", "") for each in root.iterfind(f"{OAI}error")}
    if "badResumptionToken" in codes:
        raise TokenRefusedError
    if codes & {"idDoesNotExist", "cannotDisseminateFormat"}:
        raise NoSuchRecordError
    if codes - {"noRecordsMatch"}:
        # Of a code only what the protocol knows is told: it is somebody else's text.
        named = (
            ", ".join(sorted(codes & {"badArgument", "badVerb", "noMetadataFormats", "noSetHierarchy"})) or "another"
        )
        raise SourceUnusableError(f"expected records, came the error {named}: check 'format' and 'set'")
    return root


def page(root: Element) -> Page:
    """Take a list apart; where nothing matches it is empty, which is a success."""
    listed = next(
        (found for name in ("ListIdentifiers", "ListRecords") if (found := root.find(OAI + name)) is not None), root
    )
    records = {name: each for each in listed.iterfind(f"{OAI}record") if (name := identifier_of(each))}
    heads = [*listed.iterfind(f"{OAI}header"), *listed.iterfind(f"{OAI}record/{OAI}header")]
    named = tuple(header for each in heads if (header := _header(each)))
    token = listed.find(f"{OAI}resumptionToken")
    return Page(
        asked=moment(root.findtext(f"{OAI}responseDate")),
        headers=named,
        records={name: raw_of(each) for name, each in records.items()},
        token=(token.text or "").strip() or None if token is not None else None,
        size=_number(token.get("completeListSize")) if token is not None else None,
        nameless=len(named) < len(heads),
    )


def moment(text: str | None) -> datetime:
    """Read a responseDate or datestamp.

    Raises:
        SourceUnusableError: it is none.
    """
    try:
        found = datetime.fromisoformat((text or "").strip())
    except ValueError:
        raise SourceUnusableError("expected a date such as 2026-11-24T12:00:00Z in the answer, came none") from None
    return found.astimezone(UTC) if found.tzinfo else found.replace(tzinfo=UTC)


def identifier_of(record: Element) -> str:
    """Return what the repository calls a record; empty where it does not say."""
    return (record.findtext(f"{OAI}header/{OAI}identifier") or "").strip()


def raw_of(record: Element) -> bytes:
    """Return a record's own XML."""
    return bytes(tostring(record, "utf-8"))


def texts(root: Element, path: str) -> Iterator[str]:
    """Return the texts at a path of OAI's own elements."""
    steps = "/".join(OAI + step for step in path.split("/"))
    return ((each.text or "").strip() for each in root.iterfind(steps))


def _root(answer: Answer) -> Element | None:
    if len(answer.body) > MAX_PAGE:
        raise SourceUnusableError(f"expected at most {MAX_PAGE} bytes in an answer, came more")
    try:
        root: Element = fromstring(answer.body)
    except (ParseError, DefusedXmlException, ValueError):
        return None
    return root if root.tag == f"{OAI}OAI-PMH" else None


def _header(element: Element) -> Header | None:
    name = (element.findtext(f"{OAI}identifier") or "").strip()
    stamp = (element.findtext(f"{OAI}datestamp") or "").strip()
    return Header(name, stamp, element.get("status") == "deleted") if name else None


def _number(text: str | None) -> int | None:
    return int(text) if text and text.isascii() and text.isdecimal() else None
