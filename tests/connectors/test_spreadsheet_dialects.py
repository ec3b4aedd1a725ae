"""Whatever program wrote a table and however its office writes dates and amounts: it says the same."""

from collections.abc import Callable
from contextlib import suppress
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import NamedTuple

import hypothesis.strategies as st
import pytest
from hypothesis import example, given, settings

from contracts.event import EventPublished
from flows.connectors.spreadsheet.moments import When, when
from flows.connectors.spreadsheet.sheet import CellUnreadableError
from flows.connectors.spreadsheet.values import amount
from flows.ledger.known import content_hash
from tests.connectors.tables import HEADINGS, delimited, events, workbook

FIRST_1900, FIRST_1904 = date(1899, 12, 30), date(1904, 1, 1)
WEEKDAYS = ("Mo", "Di", "Mi", "Do", "Fr", "Sa", "So")
MONTHS = (
    *("Januar", "Februar", "März", "April", "Mai", "Juni"),
    *("Juli", "August", "September", "Oktober", "November", "Dezember"),
)
DAYS: dict[str, Callable[[date], str]] = {
    "01.02.2027": lambda day: f"{day:%d.%m.%Y}",
    "1.2.2027": lambda day: f"{day.day}.{day.month}.{day.year}",
    "01.02.27": lambda day: f"{day:%d.%m.%y}",
    "Mo, 01.02.2027": lambda day: f"{WEEKDAYS[day.weekday()]}, {day:%d.%m.%Y}",
    "1. Februar 2027": lambda day: f"{day.day}. {MONTHS[day.month - 1]} {day.year}",
    "2027-02-01": lambda day: f"{day:%Y-%m-%d}",
    "46419": lambda day: str((day - FIRST_1900).days),
}
CLOCKS: dict[str, Callable[[time], str]] = {
    "18:00": lambda clock: f"{clock:%H:%M}",
    "18.00 Uhr": lambda clock: f"{clock:%H.%M} Uhr",
    "18:00:00": lambda clock: f"{clock:%H:%M:%S}",
    "0,75": lambda clock: f"{(clock.hour * 60 + clock.minute) / 1440:.10f}".replace(".", ","),
}
AMOUNTS: dict[str, Callable[[Decimal], str]] = {
    "1.234,50": lambda price: f"{price:,.2f}".translate(str.maketrans(",.", ".,")),
    "1234,50 €": lambda price: f"{price:.2f} €".replace(".", ","),
    "EUR 1.234,50": lambda price: "EUR " + f"{price:,.2f}".translate(str.maketrans(",.", ".,")),
}
ENCODINGS = ("utf-8", "utf-8-sig", "utf-16", "cp1252")
SEPARATORS = (";", ",", "\t", "|")


class Course(NamedTuple):
    """What a row says."""

    title: str
    day: date
    start: time
    end: time
    place: str
    places: int
    price: Decimal


LETTERS = "abcdefghijklmnopqrstuvwxyzäöüßÄÖÜéè€ ,;|\"'&()/-"
TEXTS = st.text(LETTERS, min_size=1, max_size=40).map(lambda text: f"K{' '.join(text.split())}z")
CLOCK = st.times().map(lambda clock: clock.replace(second=0, microsecond=0))
COURSES = st.builds(
    Course,
    title=TEXTS,
    day=st.dates(date(2000, 1, 1), date(2099, 12, 31)),
    start=CLOCK.filter(lambda clock: time(0, 1) <= clock < time(12)),
    end=CLOCK.filter(lambda clock: clock > time(12)),
    place=TEXTS,
    places=st.integers(0, 900),
    price=st.decimals(Decimal("0.01"), Decimal("99999.99"), places=2),
)


def written(number: int, course: Course, day: str, clock: str, price: str) -> tuple[str, ...]:
    """Write a course in one way of writing."""
    clocks = [CLOCKS[clock](each) for each in (course.start, course.end)]
    return (
        f"K-{number}", course.title, DAYS[day](course.day), *clocks, course.place, str(course.places),
        AMOUNTS[price](course.price),
    )  # fmt: skip


def typed(number: int, course: Course) -> tuple[object, ...]:
    """Write a course as a workbook holds it: dates, times and numbers."""
    return (f"K-{number}", *course[:-1], float(course.price))


def facts(event: EventPublished) -> Course:
    """Return what an event says of a course."""
    (session,), (price,) = event.sessions, event.prices
    start, end = session.start.local, session.end.local
    assert event.place is not None
    assert event.capacity is not None
    return Course(
        event.texts[0].title, start.date(), start.time(), end.time(), str(event.place.name),
        event.capacity.maximum or 0, price.amount,
    )  # fmt: skip


def hashes(raw: bytes, name: str) -> list[str]:
    """Return what a file tells, as hashes."""
    return [content_hash(event) for event in events(raw, name)]


FORMS = st.tuples(*(st.sampled_from(list(forms)) for forms in (DAYS, CLOCKS, AMOUNTS)))
SOME = st.lists(COURSES, min_size=1, max_size=3)
FEWER = settings(max_examples=min(60, settings.default.max_examples))  # a workbook takes its time


@given(SOME, st.sampled_from(ENCODINGS), st.sampled_from(SEPARATORS), FORMS, st.booleans())
def test_every_dialect_says_the_same(
    courses: list[Course],
    encoding: str,
    separator: str,
    forms: tuple[str, str, str],
    letterhead: bool,  # noqa: FBT001
) -> None:
    """Encoding, separator, dates, times, amounts and a letterhead are ways of writing: what is told is one thing."""
    told = [written(number, course, *forms) for number, course in enumerate(courses)]
    above = [("Sportverein Schalke, Kurse; Stand 1.1.27",), ()] if letterhead else []
    raw = delimited(*above, HEADINGS, *told, separator=separator, encoding=encoding)
    assert [facts(event) for event in events(raw)] == courses


@FEWER
@given(SOME, FORMS, st.sampled_from([None, datetime(1904, 1, 1)]))  # noqa: DTZ001
def test_a_workbook_says_the_same_as_text(
    courses: list[Course], forms: tuple[str, str, str], epoch: datetime | None
) -> None:
    """Dates, times and numbers of a workbook, whatever its epoch, are those that a CSV file writes out."""
    book = workbook(HEADINGS, *(typed(number, course) for number, course in enumerate(courses)), epoch=epoch)
    raw = delimited(HEADINGS, *(written(number, course, *forms) for number, course in enumerate(courses)))
    assert hashes(book, "kurse.xlsx") == hashes(raw, "kurse.csv")


@given(day=st.dates(date(1990, 1, 1), date(2100, 12, 31)), minutes=st.integers(1, 1439))
@example(day=date(2027, 2, 1), minutes=1080)
def test_a_number_is_the_day_that_it_counts(day: date, minutes: int) -> None:
    """A date that lost its format is the same day and minute, from the epoch that is agreed."""
    clock = (datetime(2000, 1, 1) + timedelta(minutes=minutes)).time()  # noqa: DTZ001
    for first in (FIRST_1900, FIRST_1904):
        told = when((day - first).days + minutes / 1440, first)
        assert (told.day, told.clock) == (day, clock)


@given(day=st.dates(date(1990, 1, 1), date(2100, 12, 31)), form=st.sampled_from(["%m/%d/%Y", "%d/%m/%Y", "%Y.%m.%d"]))
def test_no_other_order_of_a_date_is_guessed(day: date, form: str) -> None:
    """What is no German date is refused, never read with month and day exchanged."""
    with pytest.raises(CellUnreadableError):
        when(day.strftime(form), FIRST_1900)


@given(text=st.text(max_size=20))
def test_no_text_breaks_the_reader(text: str) -> None:
    """Any cell is read as what is wanted, or refused."""
    for reader, kind in ((lambda value: when(value, FIRST_1900), When), (amount, Decimal)):
        found: object = None
        with suppress(CellUnreadableError):
            found = reader(text)
        assert found is None or isinstance(found, kind)


@pytest.mark.parametrize(
    ("text", "day", "last", "clock", "end"),
    [
        ("1.-3.2.2027", (2027, 2, 1), (2027, 2, 3), None, None),
        ("27.02. bis 01.03.2027", (2027, 2, 27), (2027, 3, 1), None, None),
        ("28.12.-02.01.2027", (2026, 12, 28), (2027, 1, 2), None, None),
        ("Sa., 6.2.2027, 10-12 Uhr", (2027, 2, 6), None, (10, 0), (12, 0)),
        ("von 18 bis 20:30 Uhr", None, None, (18, 0), (20, 30)),
        ("01.02.2027 18:00:00", (2027, 2, 1), None, (18, 0), None),
    ],
)
def test_what_people_write_into_one_cell(
    text: str, day: tuple[int, ...] | None, last: tuple[int, ...] | None, clock: tuple[int, ...] | None,
    end: tuple[int, ...] | None,
) -> None:  # fmt: skip
    """Periods, and day and time together."""
    told = when(text, FIRST_1900)
    assert told.day == (day and date(*day))
    assert told.last_day == (last and date(*last))
    assert told.clock == (clock and time(*clock))
    assert told.end == (end and time(*end))


@pytest.mark.parametrize("text", ["32.01.2027", "31.02.2027", "01.02.", "18:60", "1.1.1890", "morgen", "1.2.2027 x"])
def test_what_is_no_date(text: str) -> None:
    """A day that is not on the calendar, a time that is none, or words: refused."""
    with pytest.raises(CellUnreadableError):
        when(text, FIRST_1900)
