from hypothesis import given
from hypothesis import strategies as st

from services.runtime.engine.delivery import Record
from services.runtime.engine.portions import LARGEST_PORTION, portions, weight
from services.runtime.engine.routes import Note, Target, read_note, revised
from tests.engine.facts import published
from tests.engine.rigs import records

places = st.one_of(st.none(), st.integers(0, 50))
notes = st.builds(Note, st.just("in/0"), st.just("out"), places, st.sampled_from(["", "a", "b"]))
targets = st.builds(Target, st.sampled_from(["", "a", "b"]), st.sampled_from(["", "it is not there"]))


@given(note=notes)
def test_a_note_is_read_as_it_was_written(note: Note) -> None:
    """The book gives back what was put into it."""
    assert read_note(note.output().message.value or b"") == note


@given(note=notes, target=targets)
def test_a_look_never_skips_and_never_repeats(note: Note, target: Target) -> None:
    """What was not served stays noted; only a topic that is another one is served from the beginning."""
    position = 50
    after = revised(note, target, position)
    anew = target.id not in ("", note.target)
    missed = 0 if anew else note.stopped
    if target.why_not:
        assert after.stopped == (position if missed is None else missed)
    else:
        assert after.stopped in ((None,) if missed in (None, position) else (missed,))
    assert revised(after, target, position) == after


@given(sizes=st.lists(st.integers(1, 300), min_size=1, max_size=60), copies=st.integers(1, 20_000))
def test_portions_are_the_batch_in_order_and_none_is_too_large(sizes: list[int], copies: int) -> None:
    """Nothing is left out; a portion over the limit is one record, which no cut makes smaller."""
    batch = records([published(str(n), title="x" * size) for n, size in enumerate(sizes)])
    cut = list(portions(batch, copies))
    assert [record for portion in cut for record in portion] == batch
    assert all(_size(portion, copies) <= LARGEST_PORTION or len(portion) == 1 for portion in cut)


def _size(portion: list[Record], copies: int) -> int:
    return sum(weight(record.message) * copies for record in portion)
