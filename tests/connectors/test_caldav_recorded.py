"""The mapping on payloads recorded from a real server."""

from datetime import UTC, datetime
from pathlib import Path

from contracts.event import EventPublished
from flows.connector import Item
from flows.connectors.caldav import multistatus
from flows.connectors.caldav.exchange import Answer
from flows.connectors.caldav.mapping import mapped
from flows.connectors.caldav.multistatus import CALDAV, DAV
from flows.icalendar.context import Context
from tests.icalendar.reads import shown

RECORDED = Path(__file__).parent / "recorded"
CITY = Context("stadt", "Stadt am Fluss", licence="CC-BY-4.0")
NOW = datetime(2026, 11, 24, tzinfo=UTC)


def event(name: str) -> EventPublished:
    """Read one recorded resource."""
    (draft,) = mapped(Item(name, (RECORDED / f"{name}.ics").read_bytes()), CITY, NOW).drafts
    assert isinstance(draft.fact, EventPublished)
    return draft.fact


def answer(name: str, status: int = 207) -> Answer:
    """Return one recorded answer."""
    return Answer(status, {"content-type": "text/xml; charset=utf-8"}, (RECORDED / f"{name}.xml").read_bytes())


def test_course() -> None:
    """Six evenings across the time change: one moved to Sunday, one cancelled, one taken out."""
    course = event("course")
    assert [shown(each) for each in course.sessions] == [
        "20261010T160000Z: 2026-10-10 18:00 to 20:00 scheduled",
        "20261017T160000Z: 2026-10-17 18:00 to 20:00 scheduled",
        "20261024T160000Z: 2026-10-25 11:00 to 13:00 scheduled moved from 2026-10-24 18:00",
        "20261031T170000Z: 2026-10-31 18:00 to 20:00 cancelled",
        "20261114T170000Z: 2026-11-14 18:00 to 20:00 scheduled",
    ]
    assert course.texts[0].title == "Löten für Anfänger: Reparieren statt Wegwerfen"
    assert course.texts[0].description.endswith("ein kaputtes Gerät, gute Laune.")
    moved_place = course.sessions[2].place
    assert moved_place is not None
    assert moved_place.name == "Stadtteilladen Nord"
    assert course.sessions[3].place is None


def test_holiday_workshop() -> None:
    """Three whole days in plain language."""
    workshop = event("holiday-workshop")
    assert workshop.texts[0].language == "de-simple"
    assert [shown(each) for each in workshop.sessions] == ["single: 2027-03-30 to 2027-04-02 scheduled"]
    assert workshop.status == "tentative"


def test_festival_names_nobody() -> None:
    """A member of staff and a guest in the entry are in nothing that we tell."""
    payload = event("festival").payload().decode()
    assert not any(word in payload for word in ("Erika", "erika", "mer", "privat"))


def test_recorded_reports() -> None:
    """The server's reports are read: every member with its ETag, the token, the calendars' text."""
    sync = multistatus.read(answer("sync"))
    assert len(sync.members) == 3
    assert sync.token is not None
    etags = {member.href: member.text(f"{DAV}getetag") for member in sync.members}
    texts = multistatus.read(answer("multiget"))
    assert {member.href: member.text(f"{DAV}getetag") for member in texts.members} == etags
    assert all((member.text(f"{CALDAV}calendar-data") or "").startswith("BEGIN:VCALENDAR") for member in texts.members)
    assert {member.href for member in multistatus.read(answer("etags")).members} > etags.keys()


def test_recorded_refusals() -> None:
    """A server's refusals name their rule."""
    assert multistatus.preconditions(answer("token-refused", 403)) == {"valid-sync-token"}
    assert multistatus.preconditions(answer("uid-conflict", 409)) == {"no-uid-conflict"}
