"""A file's VEVENTs by UID: one UID is one event, whatever the number of its VEVENTs."""

from dataclasses import dataclass, field

from flows.icalendar.blocks import Block, blocks
from flows.icalendar.changes import newest
from flows.icalendar.errors import CalendarUnreadableError
from flows.icalendar.lines import content_lines
from flows.icalendar.properties import BLANKS, Component
from flows.icalendar.zones import Zones
from flows.wording import expected


@dataclass(slots=True)
class Entry:
    """The VEVENTs of one UID."""

    uid: str
    masters: list[Component] = field(default_factory=list)
    overrides: list[Component] = field(default_factory=list)

    @property
    def leads(self) -> bool:
        """Whether there is a master; else the earliest override speaks for the event."""
        return bool(self.masters)

    @property
    def master(self) -> Component:
        """The VEVENT that speaks for the event: the newest without RECURRENCE-ID."""
        found = newest(self.masters)
        if found is not None:
            return found
        return min(self.overrides, key=lambda each: (prop.value if (prop := each.one("DTSTART")) else "", each.place))


@dataclass(frozen=True, slots=True)
class Calendar:
    """A file, read: several VCALENDARs in it count as one, because series are split over them."""

    entries: tuple[Entry, ...]
    zones: Zones
    method: str = ""
    flags: tuple[str, ...] = ()
    refused: tuple[CalendarUnreadableError, ...] = ()


def calendar(raw: bytes, default_zone: str) -> Calendar:
    """Read a file into entries.

    Raises:
        CalendarUnreadableError: no calendar, or one that is cut off: then nothing of it is taken.
    """
    text = content_lines(raw)
    roots = blocks(text.lines)
    for root in roots:
        if root.name in {"VCALENDAR", "VEVENT"} and not root.closed:
            raise CalendarUnreadableError(f"line {root.begin}, {root.name}", expected("file-end", component=root.name))
    calendars = [root for root in roots if root.name == "VCALENDAR"]
    header = Component(calendars[0]) if calendars else Component(Block("VCALENDAR", 0))
    named = header.one("X-WR-TIMEZONE")
    found, refused = _entries([*roots, *(child for each in calendars for child in each.children)])
    definitions = [block for each in calendars for block in each.inside("VTIMEZONE")]
    return Calendar(
        entries=tuple(found),
        zones=Zones(definitions, named.text if named else None, default_zone),
        method=header.word("METHOD"),
        flags=(f"encoding {text.assumed_encoding} assumed",) if text.assumed_encoding else (),
        refused=tuple(refused),
    )


def _entries(candidates: list[Block]) -> tuple[list[Entry], list[CalendarUnreadableError]]:
    by_uid: dict[str, Entry] = {}
    refused: list[CalendarUnreadableError] = []
    for block in (each for each in candidates if each.name == "VEVENT"):
        component = Component(block)
        uid = component.one("UID")
        if not block.closed:
            refused.append(CalendarUnreadableError(component.place, expected("event-end")))
        elif uid is None:
            refused.append(CalendarUnreadableError(component.place, expected("uid")))
        else:
            entry = by_uid.setdefault(uid.text.strip(BLANKS), Entry(uid.text.strip(BLANKS)))
            (entry.overrides if component.all("RECURRENCE-ID") else entry.masters).append(component)
    return list(by_uid.values()), refused
