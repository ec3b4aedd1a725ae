"""One row of a table of enrolments: who wants to take part in what, and whether they still do."""

import re
import tomllib
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cache
from importlib.resources import files
from typing import Any
from zoneinfo import ZoneInfo

from contracts import spelling
from contracts.text import words
from contracts.wording import Wording
from flows.connectors.spreadsheet.born import born
from flows.connectors.spreadsheet.columns import heading
from flows.connectors.spreadsheet.moments import when
from flows.connectors.spreadsheet.records import Record
from flows.connectors.spreadsheet.sheet import CellUnreadableError, Value
from flows.connectors.spreadsheet.spans import WrongCellError
from flows.connectors.spreadsheet.terms import Terms
from flows.connectors.spreadsheet.values import listed, yes_or_no
from flows.icalendar.identity import object_id
from flows.wording import expected

_DIGITS = 4  # of a year
_FIRST_DAY = date(1899, 12, 30)  # any: that there is a day is all that counts


@dataclass(slots=True)
class Request:
    """What one row says. ``person``: as of the contract; ``notes``: what was left out, by field."""

    offering: str
    person: Mapping[str, Any]
    cancelled: bool
    asked: date | None = None
    notes: list[tuple[str, Wording]] = field(default_factory=list)


def request_of(record: Record, terms: Terms, now: datetime) -> Request:
    """Read a row.

    Raises:
        WrongCellError: it is torn or garbled, a cell of it cannot be read, or it does not tell whom it is about.
    """
    for broken, sentence in ((record.torn, "row-whole"), (record.garbled, "umlauts-whole")):
        if broken:
            raise WrongCellError("", CellUnreadableError(expected(sentence)))
    today = now.astimezone(ZoneInfo(terms.context.zone)).date()
    told = Request(_offering(record, terms), _person(record, today), _cell("cancelled", record, _cancelled) or False)
    try:
        told.asked = _cell("asked", record, lambda value: when(value, record.sheet.first_day).day)
    except WrongCellError as error:
        told.notes.append((error.name, error.reason))
    return told


def _offering(record: Record, terms: Terms) -> str:
    text = _line(record, "offering")
    if not text:
        raise WrongCellError("offering", CellUnreadableError(expected("row-offering")))
    agreed = {heading(written): meant for written, meant in terms.settings.offerings.items()}
    if heading(text) in agreed:
        return agreed[heading(text)]
    return text if re.match(spelling.OBJECT, text) else object_id(terms.agreement.id, text)


def _person(record: Record, today: date) -> Mapping[str, Any]:
    """Return who it is, with what tells them from others: their own number, else name and birth date, else the mail.

    Raises:
        WrongCellError: name or all of these are missing: two humans of one name must not become one.
    """
    name, mail = _name(record), _cell("email", record, _mail)
    birth = _cell("birth", record, lambda value: born(value, record.sheet.first_day, today))
    if not name:
        raise WrongCellError("last_name", CellUnreadableError(expected("row-name")))
    own = _line(record, "id")
    if not (own or birth or mail):
        raise WrongCellError("birth", CellUnreadableError(expected("row-person")))
    needs = _cell("needs", record, listed)
    found = {
        "person_id": own or f"{' '.join(words(name))} {birth or str(mail).lower()}",
        "name": name,
        "email": mail,
        "phone": _line(record, "phone"),
        "birth_year": int(birth[:_DIGITS]) if birth else None,
        "needs": list(needs or ()),
    }
    return {name: value for name, value in found.items() if value}


def _name(record: Record) -> str:
    first, last = _line(record, "first_name"), _line(record, "last_name")
    if not first and last.count(",") == 1:
        last, _, first = last.partition(",")
    return f"{first.strip()} {last.strip()}".strip()


def _mail(value: Value) -> str:
    told = "".join(str(value).split()).removeprefix("mailto:")
    if not re.match(spelling.MAIL, told):
        raise CellUnreadableError(expected("mail-or-nothing"))
    return told


def _cancelled(value: Value) -> bool:
    """Whether a cell says that somebody does not take part after all: a word, a tick, or the day on which they said so.

    Raises:
        CellUnreadableError: it says something else.
    """
    told = " ".join(words(str(value)))
    known = _words()
    if told in known["cancelled"] or told in known["standing"]:
        return told in known["cancelled"]
    with suppress(CellUnreadableError):
        return yes_or_no(value) == "yes"
    with suppress(CellUnreadableError):
        return when(value, _FIRST_DAY).day is not None
    raise CellUnreadableError(expected("row-status", options=", ".join(known["cancelled"])))


@cache
def _words() -> Mapping[str, list[str]]:
    told = tomllib.loads(files(__package__).joinpath("columns.toml").read_text(encoding="utf-8"))
    rows: Mapping[str, list[str]] = told["cancellations"]
    return rows


def _line(record: Record, name: str) -> str:
    return " ".join(record.text(name).split())


def _cell(name: str, record: Record, reader: Any) -> Any:  # noqa: ANN401 - each field has its own kind of value
    try:
        return reader(record.cells[name]) if name in record.cells else None
    except CellUnreadableError as error:
        raise WrongCellError(name, error) from None
