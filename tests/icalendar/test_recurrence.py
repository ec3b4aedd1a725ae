"""Series: the right dates in the right hour, and the same answer tomorrow."""

from datetime import UTC, datetime, timedelta

import pytest

from contracts.event import EventCancelled
from flows.icalendar.window import LIMIT, choose
from tests.icalendar.reads import NOW, event, mapped, shown

WEEKLY = """
UID:loeten
SUMMARY:Löten für alle
DTSTART;TZID=Europe/Berlin:20261010T180000
DTEND;TZID=Europe/Berlin:20261010T200000
RRULE:FREQ=WEEKLY;COUNT=4
"""


def dates(*events: str, header: str = "", now: datetime = NOW) -> list[str]:
    """Say the dates of the only event."""
    return [shown(session) for session in event(*events, header=header, now=now).sessions]


def test_hour_stays_across_the_time_change() -> None:
    """A course at 18 o'clock is at 18 o'clock in summer and in winter; its id tells the instant in UTC."""
    assert dates(WEEKLY) == [
        "20261010T160000Z: 2026-10-10 18:00 to 20:00 scheduled",
        "20261017T160000Z: 2026-10-17 18:00 to 20:00 scheduled",
        "20261024T160000Z: 2026-10-24 18:00 to 20:00 scheduled",
        "20261031T170000Z: 2026-10-31 18:00 to 20:00 scheduled",
    ]


def test_series_in_utc_recurs_in_utc() -> None:
    """A series that begins in UTC moves on the clock with the time change, as RFC 5545 says."""
    series = WEEKLY.replace(";TZID=Europe/Berlin", "").replace("0000\n", "0000Z\n")
    hours = [session.start.local.hour for session in event(series).sessions]
    assert hours == [20, 20, 20, 19]


@pytest.mark.parametrize(
    "recurrence_id",
    [
        "RECURRENCE-ID;TZID=Europe/Berlin:20261017T180000",
        "RECURRENCE-ID:20261017T160000Z",
        "RECURRENCE-ID;TZID=Europe/London:20261017T170000",
        "RECURRENCE-ID;TZID=W. Europe Standard Time:20261017T180000",
        "RECURRENCE-ID:20261017T180000",
        "RECURRENCE-ID;VALUE=DATE:20261017",
    ],
    ids=["same zone", "UTC", "other zone", "Windows name", "floating", "date"],
)
def test_moved_date_keeps_its_id(recurrence_id: str) -> None:
    """However an override names the date it moves, it is that date: once, moved, with its old id."""
    moved = f"""
UID:loeten
SUMMARY:Löten für alle
{recurrence_id}
DTSTART;TZID=Europe/Berlin:20261018T100000
DTEND;TZID=Europe/Berlin:20261018T130000
"""
    told = dates(WEEKLY, moved)
    assert told[1] == "20261017T160000Z: 2026-10-18 10:00 to 13:00 scheduled moved from 2026-10-17 18:00"
    assert len(told) == 4


def test_cancelled_date_stays_visible() -> None:
    """A date cancelled by an override is told as cancelled; one taken out by EXDATE is not told."""
    cancelled = """
UID:loeten
SUMMARY:Löten für alle
STATUS:CANCELLED
RECURRENCE-ID;TZID=Europe/Berlin:20261024T180000
DTSTART;TZID=Europe/Berlin:20261024T180000
DTEND;TZID=Europe/Berlin:20261024T200000
"""
    told = dates(f"{WEEKLY}EXDATE;TZID=Europe/Berlin:20261017T180000", cancelled)
    assert told == [
        "20261010T160000Z: 2026-10-10 18:00 to 20:00 scheduled",
        "20261024T160000Z: 2026-10-24 18:00 to 20:00 cancelled",
        "20261031T170000Z: 2026-10-31 18:00 to 20:00 scheduled",
    ]


@pytest.mark.parametrize(
    "exdate",
    [":20261017T160000Z", ";VALUE=DATE:20261017", ":20261017T180000", ";TZID=Nowhere:20261017T180000"],
    ids=["UTC", "date", "floating", "unknown zone"],
)
def test_exdate_of_another_type(exdate: str) -> None:
    """An EXDATE takes its date out, whatever type or zone it is written in."""
    assert [told.split(":")[0] for told in dates(f"{WEEKLY}EXDATE{exdate}")] == [
        "20261010T160000Z",
        "20261024T160000Z",
        "20261031T170000Z",
    ]


def test_this_and_future() -> None:
    """RANGE=THISANDFUTURE moves every later date by as much; their ids stay."""
    later = """
UID:loeten
SUMMARY:Löten für alle
RECURRENCE-ID;RANGE=THISANDFUTURE;TZID=Europe/Berlin:20261024T180000
DTSTART;TZID=Europe/Berlin:20261024T190000
DTEND;TZID=Europe/Berlin:20261024T200000
"""
    assert dates(WEEKLY, later)[2:] == [
        "20261024T160000Z: 2026-10-24 19:00 to 20:00 scheduled moved from 2026-10-24 18:00",
        "20261031T170000Z: 2026-10-31 19:00 to 20:00 scheduled moved from 2026-10-31 18:00",
    ]


def test_newest_version_counts() -> None:
    """Of several VEVENTs for the same date the highest SEQUENCE counts, then the latest LAST-MODIFIED."""
    first = WEEKLY.replace("Löten für alle", "alt") + "SEQUENCE:1\nLAST-MODIFIED:20261001T000000Z"
    second = WEEKLY.replace("Löten für alle", "neu") + "SEQUENCE:2\nLAST-MODIFIED:20260901T000000Z"
    third = WEEKLY.replace("Löten für alle", "neuer") + "SEQUENCE:2\nLAST-MODIFIED:20260902T000000Z"
    assert event(third, first, second).texts[0].title == "neuer"


def test_overrides_without_their_series() -> None:
    """Overrides whose master is missing are told as the dates they are."""
    alone = WEEKLY.replace("RRULE:FREQ=WEEKLY;COUNT=4", "RECURRENCE-ID:20261003T160000Z")
    (draft,) = mapped(alone).drafts
    assert "overrides without their series" in draft.flags
    assert dates(alone) == ["20261003T160000Z: 2026-10-10 18:00 to 20:00 scheduled moved from 2026-10-03 18:00"]


@pytest.mark.parametrize(
    ("until", "count"),
    [("20261024", 3), ("20261024T160000Z", 3), ("20261024T180000", 3), ("20261024T155959Z", 2)],
    ids=["date", "UTC", "floating", "just before"],
)
def test_until(until: str, count: int) -> None:
    """UNTIL counts to the second, and as a date to the end of its day, whatever type DTSTART has."""
    assert len(dates(WEEKLY.replace("COUNT=4", f"UNTIL={until}"))) == count


def test_series_without_a_date_left_is_cancelled() -> None:
    """An event all of whose dates are taken out will not take place."""
    (draft,) = mapped(WEEKLY.replace("COUNT=4", "COUNT=1") + "EXDATE:20261010T160000Z").drafts
    assert isinstance(draft.fact, EventCancelled)


def test_event_that_does_not_recur_keeps_its_session_id() -> None:
    """The only date of an event is the same one after it was moved."""
    single = WEEKLY.replace("RRULE:FREQ=WEEKLY;COUNT=4\n", "")
    moved = single.replace("20261010", "20261111")
    assert event(single).sessions[0].session_id == event(moved).sessions[0].session_id == "single"


def test_endless_series_changes_with_the_month_only() -> None:
    """What an endless series tells is the same all month long, reaches a year ahead, and a finite one never changes."""
    endless = WEEKLY.replace(";COUNT=4", "").replace("2026", "2020")
    day = datetime(2026, 11, 1, tzinfo=UTC)
    same = {event(endless, now=day + timedelta(days=days)).payload() for days in range(30)}
    assert len(same) == 1
    told = event(endless, now=day).sessions
    assert told[0].start.utc < day - timedelta(days=27)
    assert told[-1].start.utc > day + timedelta(days=395)
    assert event(endless, now=day + timedelta(days=30)).payload() not in same
    assert len({event(WEEKLY, now=day + timedelta(days=days)).payload() for days in range(0, 3000, 100)}) == 1


def test_daily_series_fits() -> None:
    """A daily event fits into the contract; a denser one is cut, and says so."""
    daily = WEEKLY.replace("FREQ=WEEKLY;COUNT=4", "FREQ=DAILY")
    assert len(event(daily).sessions) <= LIMIT
    (draft,) = mapped(daily.replace("DAILY", "DAILY;BYHOUR=10,14")).drafts
    assert "dates cut at 500" in draft.flags


def test_long_finite_series_that_is_over_tells_its_last_dates() -> None:
    """A series too long to be told whole never looks as if it had no dates."""
    start = datetime(2015, 1, 1)  # noqa: DTZ001 - a wall clock
    window = choose([start + timedelta(days=days) for days in range(1000)], finite=True, now=NOW)
    assert len(window.starts) == LIMIT
    assert window.starts[-1] == start + timedelta(days=999)


@pytest.mark.parametrize(
    "rule",
    [
        "FREQ=SECONDLY",
        "FREQ=MINUTELY;INTERVAL=5",
        "FREQ=DAILY;INTERVAL=0",
        "FREQ=DAILY;BYHOUR=1,2;BYMINUTE=0,5,10,15,20,25,30,35,40,45,50,55,59",
        "FREQ=WEEKLY;BYDAY=XX",
        "BYDAY=MO",
        "FREQ=HOURLY;BYHOUR=24",
        "FREQ=HOURLY;BYMINUTE=77",
        "FREQ=MONTHLY;BYDAY=99MO",
        "FREQ=HOURLY;BYSETPOS=9",
        "FREQ=HOURLY\nEXRULE:FREQ=HOURLY",
    ],
)
def test_rule_that_nobody_could_attend_is_refused(rule: str) -> None:
    """A rule too dense, endless in itself or unreadable is refused by line, quickly."""
    (refused,) = mapped(WEEKLY.replace("FREQ=WEEKLY;COUNT=4", rule)).refused
    assert "RRULE" in refused.place
    assert refused.reason.en.startswith("expected")


def test_private_date_of_a_public_series_is_left_out() -> None:
    """One date marked private is not told; the others are."""
    private = """
UID:loeten
SUMMARY:Intern
CLASS:PRIVATE
RECURRENCE-ID:20261017T160000Z
DTSTART:20261017T160000Z
"""
    assert len(dates(WEEKLY, private)) == 3


def test_rdate_period_has_its_own_length() -> None:
    """An RDATE may be a period; then it says how long that date lasts."""
    series = WEEKLY.replace("RRULE:FREQ=WEEKLY;COUNT=4", "RDATE;VALUE=PERIOD:20261017T160000Z/PT30M")
    assert dates(series)[1] == "20261017T160000Z: 2026-10-17 18:00 to 18:30 scheduled"
