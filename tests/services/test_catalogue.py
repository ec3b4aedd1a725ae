import json

from hypothesis import given
from hypothesis import strategies as st

from contracts.admission import Admitted, read
from contracts.refusal import Refusal
from services.events.catalogue import catalogue
from services.runtime.by_revision import Entry
from services.runtime.engine.decider import Decision
from tests.engine.facts import cancelled, published


def _fact(revision: int, *, cancels: bool) -> Admitted:
    admitted = read(cancelled(revision=revision) if cancels else published(revision=revision))
    assert isinstance(admitted, Admitted)
    return admitted


# What a revision says is fixed (even: published, odd above 1: cancelled), so that only the order of arrival varies.
arrivals = st.lists(st.integers(1, 6), min_size=1, max_size=30)


def _fold(revisions: list[int]) -> tuple[Entry | None, list[Decision | Refusal]]:
    decider, state, verdicts = catalogue(), None, []
    for revision in revisions:
        fact = _fact(revision, cancels=revision > 1 and revision % 2 == 1)
        verdict = decider.decide(state, fact)
        verdicts.append(verdict)
        for recorded in verdict.facts if isinstance(verdict, Decision) else ():
            state = decider.evolve(state, recorded)
    return state, verdicts


@given(arrivals)
def test_repeated_deliveries_change_nothing(revisions: list[int]) -> None:
    """Applying is idempotent by (object, revision): the same arrivals twice over give the same state."""
    once, _ = _fold([1, *revisions])
    twice, _ = _fold([1, *revisions, *revisions])
    assert once == twice


@given(st.sampled_from([None, 2]), st.booleans(), st.booleans())
def test_how_json_is_written_makes_no_other_fact(indent: int | None, escapes: bool, sort: bool) -> None:  # noqa: FBT001
    """Blanks, escapes and the order of fields are the program's that writes them: the same revision is a duplicate."""
    state, _ = _fold([1, 2])
    fact = _fact(2, cancels=False)
    again = json.dumps(json.loads(fact.payload), indent=indent, ensure_ascii=escapes, sort_keys=sort).encode()
    assert catalogue().decide(state, fact._replace(payload=again)) == Decision("duplicate")
    other = json.dumps({**json.loads(fact.payload), "keywords": ["anders"]}).encode()
    refused = catalogue().decide(state, fact._replace(payload=other))
    assert isinstance(refused, Refusal)
    assert refused.rule == "revision-conflict"


@given(arrivals)
def test_any_order_of_arrival_ends_in_the_highest_revision(revisions: list[int]) -> None:
    """Once an event is known, any interleaving of deliveries gives the state of the highest revision."""
    state, _ = _fold([1, *revisions])
    in_order, _ = _fold([1, *sorted(revisions)])
    assert state is not None
    assert in_order is not None
    assert (state.revision, state.status, state.digest) == (in_order.revision, in_order.status, in_order.digest)


@given(arrivals)
def test_state_is_the_fold_of_the_recorded_facts(revisions: list[int]) -> None:
    """Promise 6: folding only what was recorded, without deciding again, gives the same bytes."""
    decider, state = catalogue(), None
    final, verdicts = _fold([1, *revisions])
    for verdict in verdicts:
        for fact in verdict.facts if isinstance(verdict, Decision) else ():
            state = decider.evolve(state, fact)
    assert state is not None
    assert final is not None
    assert decider.dump(state) == decider.dump(final)
    assert decider.load(decider.dump(state)) == state


@given(
    st.lists(st.text() | st.just('x:","published":{"a":1}'), max_size=3),
    st.none() | st.just(b' {"a":1,"published":2}\n'),
)
def test_an_entry_is_read_as_it_was_written(marks: list[str], published: bytes | None) -> None:
    """It is JSON with what was published in it byte for byte, whatever stands in the marks before it."""
    decider, entry = catalogue(), Entry("event", "published", 2**53 - 1, "0f", tuple(marks), published)
    body = decider.dump(entry)
    assert decider.load(body) == entry
    assert json.loads(body).get("published") == (json.loads(published) if published else None)
