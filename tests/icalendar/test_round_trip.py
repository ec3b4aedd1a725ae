"""What is written is read back the same: all that the contract can say, in iCalendar and X-LCH- properties."""

from datetime import datetime, timedelta

from hypothesis import given

from contracts.event import EventCancelled, EventPublished
from contracts.parts import Session, Text
from contracts.zoned_time import ZonedTime
from flows.icalendar.content import rendered
from flows.icalendar.merging import parsed
from flows.icalendar.texts import one_line, plain
from flows.icalendar.writing import cancel, write
from tests.contracts.event_strategies import CANCELLED, PUBLISHED
from tests.icalendar.reads import NOW, told


def in_calendar_form(event: EventPublished) -> EventPublished:
    """Bring an event into the form that a calendar can hold; these are all the exceptions."""
    texts = tuple(
        Text(language=text.language, title=one_line(plain(text.title)) or "-", description=plain(text.description))
        for text in event.texts
    )
    keywords = tuple(dict.fromkeys(word for each in event.keywords if (word := one_line(each))))
    sessions = [_session(each, event) for each in event.sessions]
    sessions.sort(key=lambda each: (each.start.utc, each.session_id))
    return event.model_copy(update={"texts": texts, "keywords": keywords, "sessions": tuple(sessions), "revision": 1})


def _session(session: Session, event: EventPublished) -> Session:
    """Times in whole seconds; whole days from midnight to midnight; a place only where it differs."""
    start, end = _time(session.start, session), _time(session.end, session)
    moved = _seconds(session.moved_from) if session.moved_from else None
    if session.all_day and end.local <= start.local:
        end = ZonedTime.at(start.local + timedelta(days=1), start.zone)
    place = None if session.place == event.place else session.place
    return session.model_copy(update={"start": start, "end": end, "moved_from": moved, "place": place})


def _time(time: ZonedTime, session: Session) -> ZonedTime:
    if session.all_day:
        return ZonedTime.at(datetime.combine(time.local.date(), datetime.min.time()), time.zone)
    return _seconds(time)


def _seconds(time: ZonedTime) -> ZonedTime:
    return ZonedTime.of(time.utc.replace(microsecond=0), time.zone) if time.local.microsecond else time


@given(PUBLISHED)
def test_event_comes_back(event: EventPublished) -> None:
    """Reading what was written gives the event, but for what no calendar can hold."""
    normal = in_calendar_form(event)
    assert told(write(normal, NOW)).event == normal


@given(PUBLISHED, CANCELLED)
def test_cancelled_event_stays_readable(event: EventPublished, cancelled: EventCancelled) -> None:
    """A cancelled entry still tells what it was, and why it is off."""
    raw = rendered(cancel(parsed(write(event, NOW)), cancelled, NOW))
    read = told(raw)
    assert read.cancelled is not None
    assert read.cancelled.reason == cancelled.reason
    assert read.event.event_id == event.event_id
