"""How the tests read calendars."""

from dataclasses import replace
from datetime import UTC, datetime

from contracts.event import EventPublished
from contracts.parts import Session
from flows.connector import Mapped
from flows.icalendar.context import Context
from flows.icalendar.event import Told
from flows.icalendar.reading import read, read_entries

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
CITY = Context("stadt", "Stadt am Fluss", licence="CC-BY-4.0")


def calendar(*events: str, header: str = "") -> bytes:
    """Put events, given as their properties, into a calendar."""
    inside = "\n".join(f"BEGIN:VEVENT\n{event.strip()}\nEND:VEVENT" for event in events)
    whole = f"BEGIN:VCALENDAR\nVERSION:2.0\nPRODID:test\n{header.strip()}\n{inside}\nEND:VCALENDAR\n"
    return whole.replace("\n\n", "\n").replace("\n", "\r\n").encode()


def mapped(*events: str, header: str = "", now: datetime = NOW, context: Context = CITY) -> Mapped:
    """Read such a calendar."""
    return read(calendar(*events, header=header), "kurse.ics", context, now)


def told(raw: bytes) -> Told:
    """Read what the hub wrote itself."""
    return read_entries(raw, "ours.ics", replace(CITY, ours=True), NOW).told[0]


def event(*events: str, header: str = "", now: datetime = NOW, context: Context = CITY) -> EventPublished:
    """Read the only event of a calendar."""
    found = mapped(*events, header=header, now=now, context=context)
    assert not found.refused, [str(refused) for refused in found.refused]
    (draft,) = found.drafts
    assert isinstance(draft.fact, EventPublished)
    return draft.fact


def shown(session: Session) -> str:
    """Say a session in one short line."""
    end = f"{session.end.local:%Y-%m-%d}" if session.all_day else f"{session.end.local:%H:%M}"
    start = f"{session.start.local:%Y-%m-%d}" if session.all_day else f"{session.start.local:%Y-%m-%d %H:%M}"
    moved = f" moved from {session.moved_from.local:%Y-%m-%d %H:%M}" if session.moved_from else ""
    return f"{session.session_id}: {start} to {end} {session.status}{moved}"
