"""Times without a usable zone, zones under every name, and zones as we write them."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import icalendar
import pytest

from flows.icalendar.content import rendered
from flows.icalendar.zone_names import iana_name
from flows.icalendar.zone_rules import vtimezone
from tests.icalendar.reads import event, mapped

EVENT = "UID:1\nSUMMARY:Kurs\nDTSTART{zone}:20260702T180000\nDTEND{zone}:20260702T200000"
OWN_RULES = """
BEGIN:VTIMEZONE
TZID:Zeit der Stadt\\, amtlich
BEGIN:STANDARD
DTSTART:16010101T030000
TZOFFSETFROM:+0200
TZOFFSETTO:+0100
RRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=10
END:STANDARD
BEGIN:DAYLIGHT
DTSTART:16010101T020000
TZOFFSETFROM:+0100
TZOFFSETTO:+0200
RRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=3
END:DAYLIGHT
END:VTIMEZONE
"""
ODD_RULES = """
BEGIN:VTIMEZONE
TZID:Mondzeit
BEGIN:STANDARD
DTSTART:19700101T000000
TZOFFSETFROM:+0017
TZOFFSETTO:+0017
END:STANDARD
END:VTIMEZONE
"""


@pytest.mark.parametrize(
    ("zone", "header", "utc", "assumed"),
    [
        (";TZID=Europe/Berlin", "", 16, False),
        (";TZID=W. Europe Standard Time", "", 16, False),
        (';TZID="(UTC+01:00) Amsterdam, Berlin, Bern, Rom, Stockholm, Wien"', "", 16, False),
        (";TZID=(UTC+01:00) Amsterdam\\, Berlin", "", 16, True),
        (";TZID=Mitteleuropäische Zeit", "", 16, False),
        (";TZID=Central Europe Standard Time", "", 16, False),
        (";TZID=/freeassociation.sourceforge.net/Europe/London", "", 17, False),
        (";TZID=Tokyo Standard Time", "", 9, False),
        (';TZID="Zeit der Stadt, amtlich"', OWN_RULES, 16, False),
        ("", "", 16, True),
        ("", "X-WR-TIMEZONE:Europe/London", 17, False),
        ("", "X-WR-TIMEZONE:nirgends", 16, True),
        (";TZID=Nirgendwo", "", 16, True),
        (";TZID=Nirgendwo", "X-WR-TIMEZONE:Europe/London", 17, True),
    ],
)
def test_hour_of_a_time(zone: str, header: str, utc: int, assumed: bool) -> None:  # noqa: FBT001 - a column
    """A time is at the hour its zone says, under every name of the zone; a guess is marked as one."""
    session = event(EVENT.format(zone=zone), header=header).sessions[0]
    assert (session.start.utc.hour, session.zone_assumed) == (utc, assumed)
    assert session.start.local.hour == 18


def test_calendar_without_vtimezone_is_read_right() -> None:
    """A missing VTIMEZONE takes nothing away where the name is known."""
    (draft,) = mapped(EVENT.format(zone=";TZID=Europe/Berlin")).drafts
    assert "zone assumed" not in draft.flags


def test_zone_like_no_other_keeps_its_instants() -> None:
    """A zone of the calendar's own says when it is; the source's zone shows the wall clock."""
    session = event(EVENT.format(zone=";TZID=Mondzeit"), header=ODD_RULES).sessions[0]
    assert session.start.utc == datetime(2026, 7, 2, 17, 43, tzinfo=UTC)
    assert session.start.zone == "Europe/Berlin"


def test_one_file_does_not_teach_the_next() -> None:
    """A zone that one calendar defines means nothing in another."""
    event(EVENT.format(zone=";TZID=Mondzeit"), header=ODD_RULES)
    assert event(EVENT.format(zone=";TZID=Mondzeit")).sessions[0].zone_assumed


def test_utc_is_shown_on_the_calendars_clock() -> None:
    """A time in UTC is exact and shown as people there read it."""
    session = event(EVENT.format(zone="").replace("00\n", "00Z\n") + "Z").sessions[0]
    assert (session.start.local.hour, session.start.zone, session.zone_assumed) == (20, "Europe/Berlin", False)


@pytest.mark.parametrize("name", ["", "Nirgendwo", "..", "/", "Europe/", "A" * 500])
def test_unknown_names(name: str) -> None:
    """What is no zone is none."""
    assert iana_name(name) is None


@pytest.mark.parametrize(
    "name",
    ["Europe/Berlin", "Europe/London", "Europe/Dublin", "America/New_York", "Australia/Sydney", "Asia/Kathmandu", "UTC",
     "Africa/Casablanca", "America/Santiago", "Asia/Tehran", "Europe/Moscow"],
)  # fmt: skip
def test_written_zone_gives_the_same_hours(name: str) -> None:
    """The VTIMEZONE we write has, hour by hour, the offsets of the zone it defines."""
    written = icalendar.Timezone.from_ical(rendered(vtimezone(name, 2026, 2027)).replace(b"TZID:", b"TZID:own-"))
    rules = written.to_tz(lookup_tzid=False)
    for day in range(700):
        wall = datetime(2026, 1, 5, 12) + timedelta(days=day)  # noqa: DTZ001 - a wall clock
        assert wall.replace(tzinfo=rules).utcoffset() == wall.replace(tzinfo=ZoneInfo(name)).utcoffset(), wall


@pytest.mark.parametrize("name", ["Europe/Berlin", "Europe/London", "America/New_York", "Australia/Sydney"])
def test_written_zone_has_rules_from_1970(name: str) -> None:
    """Outlook reads yearly rules and no lists of dates: two observances, from 1970, each with a rule."""
    observances = vtimezone(name, 2026, 2027).children
    assert {each.name for each in observances} == {"STANDARD", "DAYLIGHT"}
    for each in observances:
        lines = [line.text for line in each.lines]
        assert any(line.startswith("DTSTART:1970") for line in lines)
        assert any(line.startswith("RRULE:FREQ=YEARLY") for line in lines)
