"""The user's own calendar, taken apart entry by entry. Pure: ``fetching`` got it, ``joining`` takes it on."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from icalendar import Calendar, Component

from services.operations.errors import UsageError

NOT_PUBLIC = ("PRIVATE", "CONFIDENTIAL")  # RFC 5545, 3.8.1.3


class GuestCalendarError(UsageError):
    """What was given as the user's calendar is none; the text says what came and what to do."""


@dataclass(frozen=True, slots=True)
class Guest:
    """One entry with all its changes. ``text``: a calendar of its own, as CalDAV keeps it."""

    name: str
    uid: str
    title: str
    text: str
    private: bool = False
    cancelled: bool = False


@dataclass(frozen=True, slots=True)
class Guests:
    """All of a calendar; ``nameless`` entries have no UID, without which no calendar server takes one."""

    entries: Sequence[Guest]
    nameless: int = 0

    def __len__(self) -> int:
        """How many entries were read."""
        return len(self.entries) + self.nameless


def read(data: bytes) -> Guests:
    """Take a calendar apart: one guest per UID.

    Raises:
        GuestCalendarError: it is no iCalendar, breaks off, or holds no event.
    """
    calendars = _parsed(data)
    by_uid: dict[str, list[Component]] = defaultdict(list)
    for event in (event for calendar in calendars for event in calendar.walk("VEVENT")):
        by_uid[str(event.get("UID", "")).strip()].append(event)
    nameless = len(by_uid.pop("", []))
    if not by_uid and not nameless:
        raise GuestCalendarError(
            "expected a calendar with at least one event (VEVENT), it holds none: name another one"
        )
    zones = [zone for calendar in calendars for zone in calendar.walk("VTIMEZONE")]
    return Guests([_guest(number, *each, zones) for number, each in enumerate(by_uid.items(), 1)], nameless)


def _parsed(data: bytes) -> Sequence[Component]:
    beginning = data[:1000].removeprefix(b"\xef\xbb\xbf").lstrip().lower()
    if not beginning.startswith(b"begin:vcalendar"):
        raise GuestCalendarError(f"expected iCalendar text, which begins with BEGIN:VCALENDAR; {_what(beginning)}")
    try:
        calendars = Calendar.from_ical(data, multiple=True)
    except ValueError:
        raise GuestCalendarError(
            "expected iCalendar text (RFC 5545), came some that begins like it and cannot be read: export it anew"
        ) from None
    if not calendars:
        raise GuestCalendarError("expected END:VCALENDAR, the calendar breaks off before it: export it anew")
    return calendars


def _what(beginning: bytes) -> str:
    if not beginning:
        return "it is empty: export the calendar anew"
    if b"<html" in beginning or beginning.startswith(b"<!doctype"):
        return "came a web page: name the calendar's iCal or ICS address instead, which its own software shows"
    return "came something else: export the calendar as .ics"


def _guest(number: int, uid: str, events: Sequence[Component], zones: Iterable[Component]) -> Guest:
    master = next((event for event in events if "RECURRENCE-ID" not in event), events[0])
    return Guest(
        name=f"guest-{number}",
        uid=uid,
        title=str(master.get("SUMMARY", "")) or "(without a title)",
        text=_calendar([*zones, *events]),
        private=str(master.get("CLASS", "")).upper() in NOT_PUBLIC,
        cancelled=str(master.get("STATUS", "")).upper() == "CANCELLED",
    )


def _calendar(parts: Iterable[Component]) -> str:
    one = Calendar()
    one.add("VERSION", "2.0")
    one.add("PRODID", "-//Learning City Hub//demo//EN")
    for part in parts:
        one.add_component(part)
    return str(one.to_ical(), "utf-8")
