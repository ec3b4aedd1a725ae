"""The same course, whichever of the three schemes it was placed in."""

import re
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.counterparts import SCHEMES, counterparts, found, parts, placed, scheme, terms, without
from contracts.event import EventPublished
from contracts.parts import Sdg
from contracts.vocabulary import load
from tests.contracts.event_strategies import PUBLISHED, goals

DOCS = Path(__file__).parents[2] / "docs"
JOINED = load("counterparts")
RELATIONS = {"closeMatch", "relatedMatch", "broadMatch", "narrowMatch"}
TERMS = st.sampled_from(terms())
TARGETS = [7, 8, 13, 10, 9, 8, 5, 12, 8, 10, 10, 11, 5, 10, 12, 12, 19]  # of each goal: 169


def test_agenda_2030_is_whole() -> None:
    """There are the 17 goals, and of each as many targets as A/RES/70/1 has, numbered without a gap."""
    numbers = [term.removeprefix("sdg:").split(".") for term in terms() if scheme(term) == "sdg"]
    assert [number[0] for number in numbers if len(number) == 1] == [str(goal) for goal in range(1, 18)]
    below = Counter(number[0] for number in numbers if len(number) == 2)
    assert [below[str(goal)] for goal in range(1, 18)] == TARGETS
    for goal in below:
        digits = [number[1] for number in numbers if number[0] == goal and number[1:] and number[1].isdigit()]
        letters = [number[1] for number in numbers if number[0] == goal and number[1:] and number[1].isalpha()]
        assert digits == [str(n) for n in range(1, len(digits) + 1)]
        assert letters == list("abcd")[: len(letters)]


def test_each_term_is_there_once_and_below_a_term_that_is_there() -> None:
    """A part names its whole, and each scheme is one of the three."""
    assert len(set(terms())) == len(terms())
    assert {scheme(term) for term in terms()} == set(SCHEMES)
    assert {term.rpartition(".")[0] for term in terms() if "." in term} <= set(terms())


def test_each_row_has_sources() -> None:
    """A row names terms of two schemes, a relation of SKOS, its basis, and documents with place and year."""
    documents = {source["id"]: source for source in JOINED["source"]}
    for row in JOINED["row"]:
        assert {row["term"], *row["with"]} <= set(terms()), row
        assert scheme(row["term"]) not in {scheme(other) for other in row["with"]}, row
        assert row["relation"] in RELATIONS
        assert row["basis"] in {"stated", "compared"}
    for each in (*JOINED["row"], *JOINED["without"]):
        assert each["sources"], each
        for source in each["sources"]:
            assert source.keys() == {"document", "at"}
            assert source["at"].strip()
            assert isinstance(documents[source["document"]]["year"], int)
    cited = {source["document"] for each in (*JOINED["row"], *JOINED["without"]) for source in each["sources"]}
    assert cited == set(documents)
    assert all(source[name].strip() for source in documents.values() for name in ("title", "publisher", "identifier"))


def test_no_pair_is_joined_twice() -> None:
    """Two rows about the same two terms might disagree."""
    pairs = Counter(frozenset((row["term"], other)) for row in JOINED["row"] for other in row["with"])
    assert [pair for pair, times in pairs.items() if times > 1] == []


@pytest.mark.parametrize("term", terms())
def test_each_term_has_a_counterpart_or_a_reason_for_none(term: str) -> None:
    """From each term one comes into each of the other schemes, or is told in both languages why not."""
    for other in set(SCHEMES) - {scheme(term)}:
        reached = any(scheme(each) == other for each in counterparts(term))
        reason = without(term, other)
        assert reached != (reason is not None), f"{term} in {other}: a row or a [[without]], one of the two"
        assert reason is None or (reason["de"] and reason["en"])


def test_no_reason_is_idle() -> None:
    """Each term under a [[without]] is itself, or has a part, without a counterpart: nothing is left from before."""
    for entry in JOINED["without"]:
        for term in entry["terms"]:
            assert any(without(part, entry["scheme"]) == entry for part in parts(term)), term


@given(TERMS, TERMS)
def test_counterparts_are_symmetric(one: str, other: str) -> None:
    """Whichever of two terms is asked for, the other one is found; a term is no counterpart in its own scheme."""
    assert (one in counterparts(other)) == (other in counterparts(one))
    assert scheme(one) != scheme(other) or one not in counterparts(other)


@given(st.data())
def test_a_course_is_found_by_any_scheme(data: st.DataObject) -> None:
    """Placed in a term, a course is found by that term, by its whole and by each counterpart; and so is its twin."""
    place = data.draw(TERMS)
    twin = data.draw(st.sampled_from(sorted(counterparts(place)) or [place]))
    for asked in (place, twin):
        assert found(asked, {place})
        assert found(asked, {twin})
    assert found(place.partition(".")[0], {place})


def test_a_course_is_not_found_by_everything() -> None:
    """A course on oceans is none on schools, and what is placed nowhere is found by nothing."""
    assert not found("bne:school", {"sdg:14.1"})
    assert not found("sdg:4.1", {"sdg:4.7"})
    assert not any(found(term, ()) for term in terms())


@given(PUBLISHED)
def test_what_a_fact_says_is_read_into_terms(event: EventPublished) -> None:
    """Each goal of a fact is one term, its target if there is one of that number; so is each entry of about."""
    told = event.model_dump(mode="json")
    places = placed(told)
    assert places <= set(terms())
    assert {each["term"] for each in told["about"]} <= places
    assert all(places & parts(f"sdg:{sdg['goal']}") for sdg in told["sdgs"])


@given(goals())
def test_a_target_that_there_is_not_counts_as_its_goal(goal: Sdg) -> None:
    """The door checks the form of a target alone: 7.12 has it, but Agenda 2030 has no such target."""
    told = goal.model_dump(mode="json")
    exact = f"sdg:{told['target']}"
    assert placed({"sdgs": [told]}) == {exact if exact in terms() else f"sdg:{told['goal']}"}


@pytest.mark.parametrize("page", ["frameworks.md", "rahmenwerke.md"])
def test_the_page_has_the_rows_of_the_file(page: str) -> None:
    """People read the crosswalk as it is: each term of the frameworks, and each row in its order."""
    text = (DOCS / page).read_text(encoding="utf-8")
    listed = [re.findall(r"`([^`]+)`", row) for row in text.splitlines() if row.startswith("| `")]
    rows = [[row["term"], row["relation"], *row["with"], row["basis"]] for row in JOINED["row"]]
    assert listed == [*([term["id"]] for term in load("frameworks")["term"]), *rows]
