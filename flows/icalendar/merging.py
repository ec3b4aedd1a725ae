"""Our event into an entry that others have worked on: what we do not know there is kept, word for word."""

from datetime import datetime

from contracts.event import EventPublished
from flows.icalendar.blocks import Block, blocks
from flows.icalendar.changes import newest
from flows.icalendar.errors import CalendarUnreadableError
from flows.icalendar.extents import extent
from flows.icalendar.lines import ContentLine, content_lines
from flows.icalendar.moments import Moment, moment
from flows.icalendar.properties import Component
from flows.icalendar.recurrence import Series
from flows.icalendar.writing import document, name_of
from flows.icalendar.zones import Zones
from flows.wording import expected

OWNED = {
    *("UID", "DTSTAMP", "LAST-MODIFIED", "SEQUENCE", "RECURRENCE-ID", "DTSTART", "DTEND", "DURATION"),
    *("RRULE", "RDATE", "EXDATE", "EXRULE", "SUMMARY", "DESCRIPTION", "X-ALT-DESC", "LOCATION", "GEO", "STATUS"),
    *("CONFERENCE", "URL", "CATEGORIES", "CONTACT", "VERSION", "PRODID", "CALSCALE", "METHOD", "X-WR-TIMEZONE"),
}
"""Properties that the event's owner or the writer of the file decides; the others are left to whoever wrote them."""


def merge(event: EventPublished, existing: bytes, stamp: datetime) -> Block:
    """Write an event over an entry.

    Kept are alarms, properties we do not write, other components, and the overrides that hold such things, as long as
    their date exists. An entry that cannot be read is written anew.

    Args:
        event: what to tell, with at least one session.
        existing: the entry as it is there now.
        stamp: when it is written (DTSTAMP).
    """
    try:
        root = parsed(existing)
        there = _by_instant(root)
    except CalendarUnreadableError:
        return document(event, stamp)
    keep = [instant for instant, vevent in there.items() if instant and (_foreign(vevent) or vevent.children)]
    made = document(event, stamp, keep)
    made.lines += _foreign(root)
    for instant, vevent in _by_instant(made).items():
        known = there.get(instant)
        vevent.lines += _foreign(known) if known else []
        vevent.children += known.children if known else []
    made.children[:0] = _other_components(root, made)
    return made


def parsed(raw: bytes) -> Block:
    """Return the first calendar of a file as components.

    Raises:
        CalendarUnreadableError: there is none.
    """
    for root in blocks(content_lines(raw).lines):
        if root.name == "VCALENDAR" and root.closed:
            return root
    raise CalendarUnreadableError("file", expected("whole-calendar"))


def _by_instant(root: Block) -> dict[datetime | None, Block]:
    """Return the VEVENTs of one event by original start, the master under None."""
    named = Component(root).one("X-WR-TIMEZONE")
    zones = Zones(list(root.inside("VTIMEZONE")), named.text if named else None, "UTC")
    components = [Component(block) for block in root.inside("VEVENT")]
    master = newest(each for each in components if not each.all("RECURRENCE-ID"))
    found: dict[datetime | None, Block] = {None: master.block} if master else {}
    overrides = [each for each in components if each.all("RECURRENCE-ID")]
    if overrides:
        start = extent(master or overrides[0], zones).start
        for each in overrides:
            wall = Series(start).wall_of(moment(each.all("RECURRENCE-ID")[0], zones))
            found[Moment(wall, start.zone, start.all_day).utc] = each.block
    return found


def _foreign(block: Block) -> list[ContentLine]:
    named = ((name_of(each.text), each) for each in block.lines)
    return [each for name, each in named if name not in OWNED and not name.startswith("X-LCH-")]


def _other_components(root: Block, made: Block) -> list[Block]:
    defined = {_zone_id(block) for block in made.inside("VTIMEZONE")}
    return [
        child
        for child in root.children
        if child.name != "VEVENT" and not (child.name == "VTIMEZONE" and _zone_id(child) in defined)
    ]


def _zone_id(block: Block) -> str:
    return next((each.text.partition(":")[2] for each in block.lines if name_of(each.text) == "TZID"), "")
