"""Rows of one identifier to one fact about an event: each row is one of its dates."""

import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from pydantic import ValidationError

from contracts.event import EventCancelled, EventPublished
from contracts.text import words
from contracts.violation import told
from flows.connectors.spreadsheet.details import Details
from flows.connectors.spreadsheet.records import Record
from flows.connectors.spreadsheet.sheet import CellUnreadableError
from flows.connectors.spreadsheet.spans import Span, WrongCellError, span
from flows.connectors.spreadsheet.terms import Terms
from flows.icalendar.identity import SINGLE, instant_id
from flows.icalendar.texts import one_line, plain
from flows.wording import expected

EventFact = EventPublished | EventCancelled
_CALLED_OFF = re.compile(r"^\W*(?:abgesagt|entfällt|fällt aus|ausfall)\W*[:!–-]\W*", re.IGNORECASE)  # noqa: RUF001
"""What people write in front of a title instead of deleting the row."""


@dataclass(frozen=True, slots=True)
class Dated:
    """One row of an event: what it says of its state, and when it is; None where that is open."""

    record: Record
    state: str
    when: Span | None


def title_of(record: Record) -> str:
    """Return a row's title, without a word in front that calls it off."""
    return _CALLED_OFF.sub("", one_line(plain(record.text("title"))))


def dated(record: Record, terms: Terms) -> Dated:
    """Read state and date of a row. One that is called off needs no date: what matters is that it is off.

    Raises:
        WrongCellError: the state is unknown, or the date is missing or cannot be.
    """
    state = _state(record)
    try:
        return Dated(record, state, span(record, terms.context.zone))
    except WrongCellError:
        if state == "cancelled":
            return Dated(record, state, None)
        raise


def fact(rows: Sequence[Dated], object_id: str, terms: Terms) -> tuple[EventFact, Details]:
    """Make the fact of rows that agree.

    Returns:
        The fact, and what was left out of it.

    Raises:
        WrongCellError: a field is as the contract does not take it.
    """
    details = Details(rows[0].record, terms)
    if all(row.state == "cancelled" for row in rows):
        return EventCancelled(event_id=object_id, revision=1), details
    values = _fields(rows, details) | {"event_id": object_id, "revision": 1}
    try:
        return EventPublished.model_validate(values), details
    except ValidationError as error:
        violation = error.errors(include_url=False)[0]
        raise WrongCellError(_field(violation["loc"]), CellUnreadableError(told(violation))) from None


def _fields(rows: Sequence[Dated], details: Details) -> dict[str, Any]:
    record, context, place, online = rows[0].record, details.terms.context, details.place(), details.read("online_url")
    texts = {"language": context.language, "title": title_of(record), "description": plain(record.text("description"))}
    told_online = bool(online) or details.text("place").casefold() == "online"
    audience, states = details.read("audience"), {row.state for row in rows}
    numbers = {name: details.read(field) for name, field in _NUMBERS.items()}
    numbers |= {"remaining": 0} if "full" in states and numbers["remaining"] is None else {}
    return {
        "texts": [texts],
        "organiser": details.organiser(),
        "sessions": _sessions(rows, place, details.terms),
        "attendance": {(True, True): "mixed", (False, True): "online"}.get((bool(place), told_online), "offline"),
        "place": place or None,
        "online_url": online,
        "status": next((name for name in ("postponed", "tentative") if name in states), "scheduled"),
        "capacity": numbers if any(value is not None for value in numbers.values()) else None,
        "registration": details.registration(),
        "audience": {"groups": audience} if audience else None,
        "keywords": details.read("keywords") or (),
        "licence": context.licence,
        "source_url": details.read("source_url"),
        **details.costs(),
    }


_NUMBERS = {"maximum": "capacity", "minimum": "minimum", "remaining": "remaining"}


def _sessions(rows: Sequence[Dated], place: Mapping[str, Any], terms: Terms) -> list[dict[str, Any]]:
    found = [(row, row.when) for row in rows if row.when is not None]
    return [
        {
            "session_id": SINGLE if len(rows) == 1 else _session_id(when),
            "start": when.start,
            "end": when.end,
            "all_day": when.all_day,
            "zone_assumed": False,
            "status": "cancelled" if row.state == "cancelled" else "scheduled",
            "place": there if (there := Details(row.record, terms).place()) and there != place else None,
        }
        for row, when in sorted(found, key=lambda each: each[1].start.utc)
    ]


def _session_id(when: Span) -> str:
    return f"{when.start.local:%Y%m%d}" if when.all_day else instant_id(when.start.utc)


def _state(record: Record) -> str:
    if _CALLED_OFF.match(one_line(plain(record.text("title")))):
        return "cancelled"
    written = " ".join(words(record.text("status") if record.cells.get("status") is not True else "ja"))
    states = _states()
    if written and written not in states:
        options = "findet statt, unter Vorbehalt, verschoben, ausgebucht, abgesagt"
        raise WrongCellError("status", CellUnreadableError(expected("row-status", options=options)))
    return states.get(written, "scheduled")


@cache
def _states() -> Mapping[str, str]:
    found = tomllib.loads(files(__package__).joinpath("states.toml").read_text(encoding="utf-8"))
    return {word: state for state, row in found.items() if state != "version" for word in row["words"]}


_FIELDS = {"texts": "title", "sessions": "date", "organiser": "contact", "prices": "price", "free_of_charge": "free"}


def _field(steps: Sequence[int | str]) -> str:
    """Return the field of a row that a step of the contract's path stands for."""
    first = str(steps[0]) if steps else "free"
    return "description" if "description" in steps else _FIELDS.get(first, first)
