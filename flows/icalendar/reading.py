"""iCalendar bytes to drafts: one UID, one event; a bad one is refused by name and leaves its neighbours alone."""

from dataclasses import dataclass, field, replace
from datetime import datetime

from flows.connector import Draft, Mapped, Refused
from flows.icalendar.changes import NOT_PUBLIC
from flows.icalendar.context import Context
from flows.icalendar.entries import Calendar, Entry, calendar
from flows.icalendar.errors import CalendarUnreadableError
from flows.icalendar.event import Told, told
from flows.wording import expected

_ANSWERS = {"REPLY", "COUNTER", "DECLINECOUNTER", "REFRESH"}
"""iTIP methods (RFC 5546) by which people answer each other; they tell of no event."""


@dataclass(slots=True)
class Read:
    """All that a file tells, entry by entry."""

    told: list[Told] = field(default_factory=list)
    refused: list[Refused] = field(default_factory=list)


def read(raw: bytes, source_id: str, context: Context, now: datetime) -> Mapped:
    """Read a calendar; pure.

    Args:
        raw: the file.
        source_id: how its source calls it, for refusals.
        context: what the agreement says.
        now: moves the window of endless series, month by month.

    Returns:
        A draft for each UID, and a refusal for each that cannot be told and for each unreadable date.
    """
    found = read_entries(raw, source_id, context, now)
    return Mapped(
        drafts=tuple(Draft(each.fact, source_id, each.flags, each.origin) for each in found.told),
        refused=tuple(found.refused),
    )


def read_entries(raw: bytes, source_id: str, context: Context, now: datetime) -> Read:
    """Read a calendar with all that is known of each entry; arguments as for :func:`read`."""
    found = Read()
    try:
        file = calendar(raw, context.zone)
    except CalendarUnreadableError as error:
        found.refused.append(_refused(source_id, error))
        return found
    if file.method in _ANSWERS:
        found.refused.append(Refused(source_id, "METHOD", expected("published-only")))
        return found
    found.refused += [_refused(source_id, error) for error in file.refused]
    for entry in file.entries:
        _take(found, entry, file, source_id, (context, now))
    return found


def _take(found: Read, entry: Entry, file: Calendar, source_id: str, how: tuple[Context, datetime]) -> None:
    if entry.master.word("CLASS") in NOT_PUBLIC:
        place = f"{entry.master.place}, CLASS"
        found.refused.append(Refused(source_id, place, expected("public"), not_public=True))
        return
    try:
        one = told(entry, file.zones, *how, called_off=file.method == "CANCEL")
    except CalendarUnreadableError as error:
        found.refused.append(_refused(source_id, error))
        return
    found.told.append(replace(one, flags=(*file.flags, *one.flags)))
    found.refused += [_refused(source_id, error) for error in one.refused]


def _refused(source_id: str, error: CalendarUnreadableError) -> Refused:
    return Refused(source_id, error.place, error.reason)
