"""Whatever a file holds, reading it ends, and in drafts and refusals only."""

import re

from hypothesis import given
from hypothesis import strategies as st

from contracts.event import EventPublished
from flows.icalendar.reading import read
from flows.icalendar.writing import write
from tests.icalendar.reads import CITY, NOW, calendar, told

NAMES = re.findall(
    r"\S+",
    """
    UID SUMMARY DESCRIPTION DTSTART DTEND DURATION RRULE RDATE EXDATE EXRULE RECURRENCE-ID SEQUENCE
    LAST-MODIFIED STATUS CLASS LOCATION GEO URL CATEGORIES CONFERENCE ORGANIZER X-ALT-DESC
    X-LCH-PLACE X-LCH-EVENT-ID X-LCH-SESSION-ID X-LCH-MOVED-FROM X-LCH-STATUS X-LCH-CAPACITY
    X-LCH-ONLINE-URL X-LCH-REASON X-LCH-DATES BEGIN END
    """,
)
PARAMS = ("", ";TZID=Europe/Berlin", ";TZID=", ";TZID=Nirgends", ";VALUE=DATE", ";VALUE=PERIOD", ";RANGE=THISANDFUTURE")
MORE = (";LANGUAGE=de_DE", ";X-LCH-ZONE=Mars", ";TZID=UTC", ';X="', ";", ";=")
VALUES = re.findall(
    r"\S+",
    r"""
    20261024T180000 20261024T180000Z 20261025T023000 20270328T023000 20261024 99991231T235959Z
    00010101 20261324 P1D PT2H -PT2H P99999999W PT 20261024T180000/PT1H
    20261024T180000Z/20261023T180000Z 20261024T180000/P999999999D FREQ=WEEKLY;COUNT=3 FREQ=DAILY
    FREQ=YEARLY;INTERVAL=400;COUNT=400 FREQ=DAILY;UNTIL=20200101 FREQ=WEEKLY;UNTIL=x
    FREQ=MONTHLY;BYSETPOS=9 FREQ=YEARLY;BYWEEKNO=60 FREQ=DAILY;COUNT=0 FREQ=DAILY;INTERVAL=-1
    RSCALE=CHINESE;FREQ=DAILY 1;2 91;0 nan;inf 0;0 x PRIVATE CANCELLED OPEN VEVENT VCALENDAR VALARM
    https://x.example/?a=1,2 mailto:info@x.example {} [] null {"name":1} "x" <b>x</b> &amp; \ \n \N
    a,b ; : stadt:1 -1 9999999999999999999999
    """,
)

DATED = [name for name in NAMES if name.startswith(("DT", "RDATE", "EXDATE", "RECURRENCE", "X-LCH-MOVED"))]
TIMES = [value for value in VALUES if (value[:1].isdecimal() and "T" in value) or value.isdecimal()]
RULES = [value for value in VALUES if "FREQ" in value]
ODD = st.text(st.characters(codec="utf-8", exclude_characters="\r\n"), max_size=8)


def lines(names: list[str], values: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    """Make content lines."""
    return st.builds("{}{}:{}".format, st.sampled_from(names), st.sampled_from(PARAMS + MORE), values)


properties = st.one_of(
    lines(DATED, st.sampled_from(TIMES)),
    lines(["RRULE", "EXRULE"], st.sampled_from(RULES)),
    lines(NAMES, st.sampled_from(VALUES) | ODD),
)
events = st.lists(properties, max_size=8).map(
    lambda lines: "\n".join(
        ["UID:1", "SUMMARY:x", *lines] + ["DTSTART:20261024T180000Z"] * ("DTSTART" not in str(lines))
    )
)


@given(st.lists(events, max_size=3))
def test_nonsense_is_refused_or_read(written: list[str]) -> None:
    """Every mixture of properties is read or refused; what is read is written and read again the same."""
    found = read(calendar(*written), "unsinn.ics", CITY, NOW)
    assert all(refusal.place and refusal.reason for refusal in found.refused)
    for draft in found.drafts:
        if isinstance(draft.fact, EventPublished):
            assert EventPublished.model_validate_json(draft.fact.payload(), strict=True) == draft.fact
            assert told(write(draft.fact, NOW)).event == draft.fact


@given(st.binary(max_size=200))
def test_bytes_are_refused_or_read(raw: bytes) -> None:
    """Every row of bytes, alone and inside a calendar, is read or refused."""
    for file in (raw, b"BEGIN:VCALENDAR\r\n" + raw, calendar("UID:1\nSUMMARY:x\nDTSTART:20261024").replace(b"x", raw)):
        found = read(file, "unsinn.ics", CITY, NOW)
        assert all(refusal.place and refusal.reason for refusal in found.refused)
