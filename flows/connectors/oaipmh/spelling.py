"""Identifiers, languages and dates as repositories spell them, to how the contracts do."""

import re
from datetime import date, timedelta
from typing import Any
from urllib.parse import quote

from pydantic import TypeAdapter, ValidationError

from contracts.identifiers import Doi, Orcid, Ror
from contracts.text import Identifier, LanguageTag, Line, Prose, WebAddress
from flows.connectors.oaipmh.words import word

LINE: TypeAdapter[str] = TypeAdapter(Line)
PROSE: TypeAdapter[str] = TypeAdapter(Prose)
DOI: TypeAdapter[str] = TypeAdapter(Doi)
ORCID: TypeAdapter[str] = TypeAdapter(Orcid)
ROR: TypeAdapter[str] = TypeAdapter(Ror)
ADDRESS: TypeAdapter[object] = TypeAdapter(WebAddress)
IDENTIFIER: TypeAdapter[str] = TypeAdapter(Identifier)
LANGUAGE: TypeAdapter[str] = TypeAdapter(LanguageTag)

_RESOLVER = re.compile(r"^(?:https?://(?:dx\.)?doi\.org/|doi:\s*|info:doi/)", re.IGNORECASE)
_DATE = re.compile(r"^(\d{4})(?:-(\d{2})(?:-(\d{2}))?)?(?:T.*)?$")
_NOTHING = re.compile(r"^\(?:(?:un(?:ac|al|ap|as|av|kn)|none|null|tba|etal)\)?$", re.IGNORECASE)
"""DataCite's codes for values that are missing (appendix 3 of its documentation)."""


def fitting(adapter: TypeAdapter[Any], value: str) -> bool:
    """Whether the contract takes a value."""
    try:
        adapter.validate_python(value)
    except ValidationError:
        return False
    return True


def said(text: str | None) -> str:
    """Return a text without blanks around it; empty where it only says that something is missing."""
    found = (text or "").strip()
    return "" if _NOTHING.match(found) else found


def doi(text: str) -> str | None:
    """Return a DOI without the address of a resolver, or None."""
    found = _RESOLVER.sub("", text.strip())
    return found if fitting(DOI, found) else None


def doi_address(name: str) -> str:
    """Return where a DOI leads."""
    return f"https://doi.org/{quote(name, safe='/;:().-_~')}"


def last_part(address: str) -> str:
    """Return what stands behind the last slash: an ORCID iD or a ROR id without its address."""
    return address.strip().rstrip("/").rpartition("/")[2]


def language(text: str | None, default: str) -> str:
    """Return a BCP 47 tag; the default where there is none, or one that is no tag."""
    head, _, rest = said(text).replace("_", "-").partition("-")
    head = word("languages", head) or head.lower()
    tag = f"{head}-{rest}" if rest else head
    return tag if fitting(LANGUAGE, tag) else default


def span(text: str) -> dict[str, str] | None:
    """Return a period of days from ``a/b`` or one date; years and months are taken from their first to last day."""
    start, slash, end = text.partition("/")
    found = {"start": _day(start, last=False), "end": _day(end if slash else start, last=True)}
    days = {name: day for name, day in found.items() if day is not None}
    return days if days and days.get("start", "") <= days.get("end", "9999") else None


def day(text: str) -> str | None:
    """Return a date as a day, if it is at least that exact."""
    match = _DATE.match(text.strip())
    return _day(text, last=False) if match and match.group(3) else None


def _day(text: str, *, last: bool) -> str | None:
    match = _DATE.match(text.strip())
    if match is None:
        return None
    year, month, exact = (int(each) if each else None for each in match.groups())
    try:
        if exact or not last:
            return date(year or 1, month or 1, exact or 1).isoformat()
        after = date((year or 1) + 1, 1, 1) if month in {None, 12} else date(year or 1, (month or 1) + 1, 1)
    except ValueError:
        return None
    return (after - timedelta(days=1)).isoformat()
