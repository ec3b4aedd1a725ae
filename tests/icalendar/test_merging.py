"""Our event over an entry in which others have written: what is theirs stays, what is ours is replaced."""

from contracts.event import EventPublished
from flows.icalendar.content import rendered
from flows.icalendar.merging import merge
from flows.icalendar.writing import write
from tests.icalendar.reads import NOW, event, shown, told

SERIES = """
UID:loeten
SUMMARY:Löten
DTSTART;TZID=Europe/Berlin:20261010T180000
DTEND;TZID=Europe/Berlin:20261010T200000
RRULE:FREQ=WEEKLY;COUNT=3
"""
ALARM = "BEGIN:VALARM\r\nACTION:DISPLAY\r\nTRIGGER:-PT15M\r\nDESCRIPTION:Los\r\nEND:VALARM\r\n"
THEIRS = 'X-FARBE;X-WO="a:b;c":blau\\, grün\r\nATTENDEE;CN=Jemand:mailto:jemand@stadt.example\r\nTRANSP:TRANSPARENT\r\n'


def written(told_event: EventPublished) -> str:
    """Return our own writing of it."""
    return write(told_event, NOW).decode()


def merged(existing: str, told_event: EventPublished) -> str:
    """Write an event over an entry."""
    return rendered(merge(told_event, existing.encode(), NOW)).decode()


def unfolded(text: str) -> str:
    """Join folded lines."""
    return text.replace("\r\n ", "")


def test_what_others_added_survives() -> None:
    """Alarms, attendees and properties nobody of us knows are there after our update, word for word."""
    there = written(event(SERIES)).replace("END:VEVENT", f"{THEIRS}{ALARM}END:VEVENT", 1)
    after = unfolded(merged(there, event(SERIES.replace("Löten", "Löten II"))))
    assert THEIRS in after
    assert ALARM in after
    assert "SUMMARY;LANGUAGE=de:Löten II" in after
    assert after.count("SUMMARY") == 1
    assert unfolded(merged(after, event(SERIES))).count("X-FARBE") == 1


def test_what_is_ours_is_replaced() -> None:
    """A date, place or rule that somebody changed there is what the owner says again."""
    there = written(event(SERIES)).replace("T180000", "T090000").replace("STATUS:CONFIRMED", "LOCATION:Anderswo")
    read = told(merged(there, event(SERIES)).encode()).event
    assert read.place is None
    assert read.sessions == event(SERIES).sessions


def test_alarm_on_one_date_survives() -> None:
    """An override that holds something of others stays an override, as long as its date exists."""
    override = (
        "BEGIN:VEVENT\r\nUID:loeten\r\nDTSTAMP:20261001T000000Z\r\nRECURRENCE-ID:20261017T160000Z\r\nSUMMARY:Meins\r\n"
        f"DTSTART:20261017T160000Z\r\n{ALARM}END:VEVENT\r\n"
    )
    there = written(event(SERIES)).replace("END:VCALENDAR", f"{override}END:VCALENDAR")
    after = merged(there, event(SERIES))
    assert after.count("BEGIN:VALARM") == 1
    assert "Meins" not in after
    assert [shown(each) for each in told(after.encode()).event.sessions] == [shown(s) for s in event(SERIES).sessions]
    shorter = event(SERIES.replace("COUNT=3", "COUNT=1"))
    assert "BEGIN:VALARM" not in merged(there, shorter)


def test_other_components_survive() -> None:
    """A zone or task that is not ours stays in the entry."""
    other = "BEGIN:VTIMEZONE\r\nTZID:Mondzeit\r\nEND:VTIMEZONE\r\n"
    there = written(event(SERIES)).replace("BEGIN:VEVENT", f"{other}BEGIN:VEVENT", 1)
    after = merged(there, event(SERIES))
    assert other in after
    assert after.count("TZID:Europe/Berlin\r\n") == 1


def test_unreadable_entry_is_written_anew() -> None:
    """Where the entry was spoilt, ours is written whole."""
    assert told(merged("BEGIN:VCALENDAR\r\nnichts", event(SERIES)).encode()).event.sessions == event(SERIES).sessions


def test_cancelled_date_is_an_override_others_can_show() -> None:
    """A cancelled date is an entry of its own with title and place, so that every program shows it as cancelled."""
    cancelled = """
UID:loeten
STATUS:CANCELLED
RECURRENCE-ID:20261017T160000Z
DTSTART:20261017T160000Z
DTEND:20261017T180000Z
"""
    raw = written(event(SERIES + "LOCATION:Lernhaus", cancelled))
    override = raw[raw.index("RECURRENCE-ID") :]
    assert "STATUS:CANCELLED" in override
    assert "LOCATION:Lernhaus" in override
    assert "SUMMARY" in override
