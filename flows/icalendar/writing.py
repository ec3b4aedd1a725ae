"""Facts to iCalendar bytes."""

from collections.abc import Iterable
from datetime import datetime

from contracts.event import EventCancelled, EventPublished
from flows.icalendar.blocks import Block
from flows.icalendar.components import Writer
from flows.icalendar.content import line, rendered, text, vcalendar
from flows.icalendar.event import REASON, REASONS
from flows.icalendar.identity import instant_id
from flows.icalendar.zone_rules import vtimezone

_CANCELLING = {"STATUS", "SEQUENCE", "DTSTAMP", "LAST-MODIFIED", REASON}


def write(event: EventPublished, stamp: datetime) -> bytes:
    """Write an event as a calendar of its own.

    Args:
        event: what to tell; without sessions it has no DTSTART and the calendar says METHOD:PUBLISH, as RFC 5545,
            section 3.6.1 asks. Not every program shows such an entry.
        stamp: when it is written (DTSTAMP).
    """
    return rendered(document(event, stamp))


def document(event: EventPublished, stamp: datetime, keep: Iterable[datetime] = ()) -> Block:
    """Return the calendar as components; ``keep`` as in :func:`flows.icalendar.plan.plan`."""
    writer = Writer(event, stamp, keep)
    heading = [text("X-WR-TIMEZONE", writer.zone)] if event.sessions else [line("METHOD", "PUBLISH")]
    return vcalendar([*zones([event]), *writer.vevents()], heading)


def zones(events: Iterable[EventPublished]) -> list[Block]:
    """Define every zone that the times of these events are written in."""
    sessions = [session for event in events for session in event.sessions]
    times = [time for each in sessions for time in (each.start, each.end, each.moved_from) if time is not None]
    years = [time.utc.year for time in times]
    return [vtimezone(name, min(years), max(years)) for name in sorted({time.zone for time in times})]


def cancel(root: Block, fact: EventCancelled, stamp: datetime) -> Block:
    """Mark every VEVENT of a calendar as cancelled and leave the rest as it is."""
    written = instant_id(stamp)
    marks = [
        line("STATUS", "CANCELLED"),
        line("SEQUENCE", str(fact.revision)),
        line("DTSTAMP", written),
        line("LAST-MODIFIED", written),
        *([text(REASON, REASONS.dump_json(fact.reason).decode())] if fact.reason else []),
    ]
    for vevent in root.inside("VEVENT"):
        kept = [each for each in vevent.lines if name_of(each.text) not in _CANCELLING]
        vevent.lines[:] = [*kept, *marks]
    return root


def name_of(written: str) -> str:
    """Return the name of a content line, in upper case."""
    return written.partition(":")[0].partition(";")[0].strip().upper()
