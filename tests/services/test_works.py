"""What holds of datasets, publications, observations and studies."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.admission import Admitted, read
from contracts.refusal import Refusal
from contracts.registry import CONTRACTS
from services.research.works import BECOMES, works
from services.runtime.by_revision import Entry
from services.runtime.engine.decider import Decision
from tests.contracts.worlds import examples, message, subject_of, type_of

PREFIX = "de.lernende-stadt."
EXAMPLES = {name.removeprefix(PREFIX): payload for name, payload in examples().items()}


def _fact(name: str, **changed: object) -> Admitted:
    admitted = read(message(type_of(PREFIX + name), {**EXAMPLES[name], **changed}))
    assert isinstance(admitted, Admitted)
    return admitted


def _after(*facts: Admitted) -> Entry:
    decider, state = works(), None
    for fact in facts:
        assert isinstance(decider.decide(state, fact), Decision)
        state = decider.evolve(state, fact)
    assert state is not None
    return state


def test_every_contract_of_the_stream_has_a_row() -> None:
    """A contract without one would be admitted and then break the service."""
    assert set(BECOMES) == {contract.type for contract in CONTRACTS.values() if contract.stream == "research"}


@pytest.mark.parametrize(
    ("first", "then", "status", "keeps"),
    [
        ("dataset.published.v1.1", "dataset.withdrawn.v1.1", "withdrawn", False),
        ("dataset.published.v1.2", "dataset.withdrawn.v1.2", "withdrawn", False),
        ("study.opened.v1.1", "study.closed.v1.1", "closed", True),
        ("study.opened.v1.2", "study.closed.v1.2", "closed", True),
    ],
)
def test_what_ends_an_object(first: str, then: str, status: str, *, keeps: bool) -> None:
    """A withdrawn dataset is forgotten; a closed study stays known as what it was opened as."""
    assert subject_of(EXAMPLES[first]) == subject_of(EXAMPLES[then])
    entry = _after(_fact(first), _fact(then))
    assert (entry.status, bool(entry.published)) == (status, keeps)


@pytest.mark.parametrize("name", ["dataset.withdrawn.v1.1", "study.closed.v1.1"])
def test_nothing_ends_that_never_began(name: str) -> None:
    """An end without a beginning is refused where the id stands."""
    verdict = works().decide(None, _fact(name))
    assert isinstance(verdict, Refusal)
    assert (verdict.rule, verdict.place) == ("object-unknown", CONTRACTS[type_of(PREFIX + name)].subject_field)


def test_two_kinds_of_objects_do_not_share_an_id() -> None:
    """Keys and outboxes know objects by their id alone: a study under a dataset's id would take its place."""
    dataset, study = EXAMPLES["dataset.published.v1.1"], EXAMPLES["study.opened.v1.1"]
    taken = _fact("study.opened.v1.1", study_id=dataset["dataset_id"], revision=dataset["revision"] + 1)
    verdict = works().decide(_after(_fact("dataset.published.v1.1")), taken)
    assert isinstance(verdict, Refusal)
    assert (verdict.rule, verdict.place) == ("object-of-another-kind", "study_id")
    assert study["study_id"] not in str(verdict.expected)


@pytest.mark.parametrize("then", ["dataset.withdrawn", "publication.withdrawn", "observation.withdrawn"])
def test_a_mistaken_kind_is_put_right_by_a_withdrawal(then: str) -> None:
    """A source that took a publication for a dataset withdraws the one and publishes the other under the same id."""
    first = {
        "dataset": "dataset.published",
        "publication": "publication.published",
        "observation": "observation.recorded",
    }
    kind = then.partition(".")[0]
    begun = EXAMPLES[f"{first[kind]}.v1.1"]
    state = _after(_fact(f"{first[kind]}.v1.1"), _fact(f"{then}.v1.1", revision=8, **{f"{kind}_id": subject_of(begun)}))
    study = _fact("study.opened.v1.1", study_id=subject_of(begun), revision=9)
    assert isinstance(works().decide(state, study), Decision)
    closed = _fact("study.closed.v1.1", study_id=subject_of(begun), revision=9)
    assert isinstance(works().decide(state, closed), Refusal)


def test_an_entry_of_before_there_were_kinds_is_an_events() -> None:
    """States that were written when events were all there was are read on."""
    old = b'{"status":"published","revision":3,"digest":"0f","marks":["same:x"],"published":{"a":1}}'
    assert works().load(old) == Entry("event", "published", 3, "0f", ("same:x",), b'{"a":1}')


@given(st.lists(st.integers(1, 5), min_size=1, max_size=12))
def test_any_order_of_arrival_ends_in_the_highest_revision(revisions: list[int]) -> None:
    """An observation that is corrected again and again ends as its newest correction, whatever came late or twice."""
    decider, state = works(), None
    for revision in revisions:
        fact = _fact("observation.recorded.v1.1", revision=revision, count=revision)
        verdict = decider.decide(state, fact)
        assert isinstance(verdict, Decision)
        for recorded in verdict.facts:
            state = decider.evolve(state, recorded)
    assert state is not None
    assert json.loads(state.published or b"")["count"] == max(revisions)
    assert decider.load(decider.dump(state)) == state
