"""Which facts of the unified stream somebody gets to see."""

from datetime import UTC, datetime, timedelta

import pytest

from contracts.counterparts import counterparts
from services.operations.analysis.unified import Row, Wanted, _shown

NOW = datetime(2027, 3, 28, 12, tzinfo=UTC)
CITY, UNI = "stadt-gelsenkirchen", "universitaet-wuppertal"


def row(number: int, subject: str, kind: str = "event.published", **data: object) -> Row:
    """The fact of that number of hours; what is published has texts."""
    texts = {} if kind == "event.cancelled" else {"texts": [{"language": "de", "title": "Kurs"}]}
    return {
        "time": NOW + timedelta(hours=number),
        "partner": subject.partition(":")[0],
        "type": f"de.lernende-stadt.{kind}.v1",
        "subject": subject,
        "data": {**texts, **data},
    }


def by_target(target: str) -> dict[str, object]:
    """A course placed in the SDGs."""
    return {"sdgs": [{"goal": int(target.partition(".")[0]), "target": target}]}


def by(term: str) -> dict[str, object]:
    """A course placed in one of the other two schemes."""
    return {"about": [{"term": term}]}


ROWS = [
    row(0, f"{CITY}:sdg", **by_target("4.7")),
    row(1, f"{CITY}:learning", **by("learning-city:benefits.3")),
    row(2, f"{UNI}:bne", **by("bne:municipalities.4")),
    row(3, f"{UNI}:sea", **by_target("14.1")),
    row(4, f"{UNI}:nowhere"),
    row(5, f"{CITY}:sdg", "event.cancelled"),
]


def chosen(wanted: Wanted) -> list[int]:
    """The numbers of the rows that one gets."""
    return [ROWS.index(each) for each in wanted.of(ROWS)]


@pytest.mark.parametrize("term", ["sdg:4.7", "learning-city:benefits.3", "bne:municipalities.4", "bne:municipalities"])
def test_a_course_is_shown_whichever_scheme_it_was_placed_in(term: str) -> None:
    """Asked for by any of the three, the same courses come, and what became of them; a course on the sea does not."""
    assert chosen(Wanted(about=term)) == [0, 1, 2, 5]
    assert chosen(Wanted(about="sdg:14")) == [3]


def test_what_is_asked_for_holds_together() -> None:
    """A cancellation of today is shown by what was published before the time asked for; partner and type limit it."""
    since = NOW + timedelta(hours=5)
    assert chosen(Wanted(since, about="learning-city:benefits.3")) == [5]
    assert chosen(Wanted(partner=UNI, about="sdg:4.7")) == [2]
    assert chosen(Wanted(contract="cancelled", about="sdg:4.7")) == [5]
    assert chosen(Wanted()) == [0, 1, 2, 3, 4, 5]


def test_a_course_is_shown_by_what_was_last_said_of_it() -> None:
    """Placed elsewhere by a later revision, it is no longer found where it was."""
    moved = [*ROWS, row(6, f"{CITY}:sdg", **by_target("14.1"))]
    assert "sdg:14.1" not in counterparts("bne:school")
    assert [each["subject"] for each in Wanted(about="sdg:14").of(moved)] == [
        *(f"{CITY}:sdg", f"{UNI}:sea", f"{CITY}:sdg", f"{CITY}:sdg")
    ]
    assert {each["subject"] for each in Wanted(about="bne:school").of(moved)} == {f"{CITY}:learning"}


@pytest.mark.parametrize(
    ("kind", "hour"), [("event.published", 15), ("enrolment.associated", 0), ("course.newly-made-up", 0)]
)
def test_of_facts_about_people_the_day_is_shown(kind: str, hour: int) -> None:
    """Also of those about which this version cannot know whether they are about people."""
    assert _shown(row(3, f"{CITY}:x", kind))["time"] == NOW.replace(hour=hour)
