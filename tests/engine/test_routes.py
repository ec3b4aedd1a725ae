import contextlib
from collections.abc import AsyncIterator, Mapping
from types import SimpleNamespace

import pytest
from aiokafka import TopicPartition
from hypothesis import given
from hypothesis import strategies as st

from contracts.backfill import Backfill
from contracts.topics import BACKFILLS
from services.runtime.engine import kafka_routes
from services.runtime.engine.delivery import FencedError, Record
from services.runtime.engine.kafka_routes import KafkaRoutes
from services.runtime.engine.portions import LARGEST_PORTION, portions, weight
from services.runtime.engine.routes import Note, Target, read_note, revised
from tests.engine.cases import Dying
from tests.engine.facts import published, told
from tests.engine.rigs import MemoryRig, records
from tests.engine.route_cases import (
    EVERYTHING,
    GOOD,
    OTHER,
    WHAT_HOLDS,
    Instance,
    backfill,
    fed,
    of_person,
    ran,
    seen,
)

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


async def test_requests_that_cannot_be_read_hold_up_nobody() -> None:
    """What is known goes on to hold; asked again it is soon, and not for each partition that is taken over."""
    rig = MemoryRig()
    batch, one = await ran(rig)
    await rig.ask(backfill(rig, "first"))
    rig.ground.silent = True
    one = await one.take()
    await one.process(batch[3:])
    assert (await seen(rig, GOOD), await seen(rig, OTHER)) == (EVERYTHING, EVERYTHING)
    rig.ground.silent = False
    await (await one.take()).rest()  # it failed a moment ago
    assert await seen(rig, OTHER) == EVERYTHING
    one.mode._asking._ask_at = 0.0  # noqa: SLF001 - no test waits for seconds
    await (await one.take()).rest()
    assert (await seen(rig, OTHER))[4:] == WHAT_HOLDS


async def test_nobody_is_told_of_the_erased_by_who_does_not_know_them() -> None:
    """A request that somebody else took up is gone on with once it is known; until then its route waits."""
    rig, erased = MemoryRig(), "e" * 26
    facts = [of_person("1", erased), of_person("2", "o" * 26)]
    batch, two = await fed(rig, facts), Instance(rig, whole=False)
    await rig.open_route(OTHER)
    await (await Instance(rig, whole=False).take()).process(batch)
    await two.take()  # and knows that nothing is asked for
    await rig.ask(backfill(rig, "first", without=(erased,)))
    with pytest.raises(FencedError):  # it dies after it took the request up
        await (await Instance(rig, whole=False).take(Dying(await rig.owner(), "begin", 1))).rest()
    rig.ground.silent = True
    await (await two.take()).rest()
    assert await seen(rig, OTHER) == [told(fact) for fact in facts]
    rig.ground.silent = False
    two.mode._asking._ask_at = 0.0  # noqa: SLF001 - as above
    await (await two.take()).rest()
    assert (await seen(rig, OTHER))[2:] == [told(facts[1])]


async def test_requests_are_read_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each look reads what came since the last one, however many there are; a new topic is read whole."""
    lying = [Backfill(name, partner, {}, (), "", "", "") for name, partner in (("1", "a"), ("2", "b"), ("3", "a"))]
    ends, read = [2, 3, 1], []

    async def between(
        _: object, starts: Mapping[tuple[str, int], int], found: Mapping[tuple[str, int], int]
    ) -> AsyncIterator[SimpleNamespace]:
        ((place, start),) = starts.items()
        read.append((start, found[place]))
        for each in lying[start : found[place]]:
            yield SimpleNamespace(value=each.message().value)

    class Silent(KafkaRoutes):
        async def _edges(self, _: object, place: TopicPartition) -> list[dict[TopicPartition, int]]:
            return [{place: 0}, {place: ends.pop(0)}]

    monkeypatch.setattr(kafka_routes, "between", between)
    routes = Silent(Topics())  # type: ignore[arg-type] # all that is asked of it
    assert [[each.id for each in await routes.asked()] for _ in range(3)] == [["1", "2"], ["3", "2"], ["1"]]
    assert read == [(0, 2), (2, 3), (0, 1)]


class Topics:
    """Says that the topic is there, and lets everybody read."""

    def administration(self, _: float) -> None:
        """Not needed."""

    async def topics(self) -> set[str]:
        """The one that is asked about."""
        return {BACKFILLS}

    @contextlib.asynccontextmanager
    async def consumer(self) -> AsyncIterator[None]:
        """Nothing is read through it."""
        yield


@given(note=notes)
def test_the_book_says_whether_a_target_cannot_be_written(note: Note) -> None:
    """So that a backfill does not hide it; and once it can be written again, that."""
    blocked = revised(note, Target("", "it is not there"), 50)
    assert (blocked.blocked, blocked.stopped is not None) == (True, True)
    assert not revised(blocked, Target(note.target or "a"), 50).blocked
