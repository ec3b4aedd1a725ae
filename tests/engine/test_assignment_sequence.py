import asyncio
import math
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from types import SimpleNamespace

import pytest
from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.errors import KafkaConnectionError

from services.runtime import polling
from services.runtime.engine import owned
from services.runtime.engine.delivery import FencedError, Partition, Record
from services.runtime.engine.ownership import Ownership
from services.runtime.subscription import _member
from tests.engine.facts import published
from tests.engine.rigs import records

PLACE = TopicPartition("in", 0)


class Diary:
    """A consumer, a delivery and a mode that only write down what is asked of them, in order."""

    def __init__(self, committed: int | None = 10) -> None:
        """Answer that offset; fail where ``failing`` says."""
        self.lines: list[str] = []
        self.answer: int | Exception | None = committed
        self.failing: list[Exception] = []
        self.taken: list[int] = []
        self.stepped: list[tuple[int, int]] = []
        self.place = 12
        self.held = asyncio.Event()
        self.held.set()
        self.shard, self.last_commit, self.told = SimpleNamespace(rests_until=0.0), -1, 0  # the delivery's
        self._coordinator = SimpleNamespace(check_errors=lambda: self.lines.append("errors"))  # as aiokafka names it
        self._subscription = SimpleNamespace(fetch_context=self._fetching)  # as above

    @contextmanager
    def _fetching(self) -> Iterator[None]:
        """The consumer's: in it, a member is seen to poll."""
        self.lines.append("polls")
        yield

    def pause(self, _: TopicPartition) -> None:
        """The consumer's."""
        self.lines.append("pause")

    def resume(self, _: TopicPartition) -> None:
        """The consumer's."""
        self.lines.append("resume")

    def seek(self, _: TopicPartition, offset: int) -> None:
        """The consumer's."""
        self.lines.append(f"seek {offset}")

    async def committed(self, _: TopicPartition) -> int | None:
        """The consumer's."""
        self.lines.append("committed")
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer

    async def beginning_offsets(self, places: list[TopicPartition]) -> dict[TopicPartition, int]:
        """The consumer's: retention took everything below 5."""
        return dict.fromkeys(places, 5)

    async def open(self) -> None:
        """The delivery's."""
        self.lines.append("open")

    async def close(self) -> None:
        """The delivery's."""
        self.lines.append("close")

    async def recover(self, _: object, __: Partition, committed: int) -> int:
        """The mode's: a former owner left two records decided and unpublished."""
        self.lines.append("recover")
        return committed + 2

    async def position(self, _: TopicPartition) -> int:
        """The consumer's."""
        return self.place

    async def idle(self, _: object, __: Partition, position: int, reached: int) -> bool:
        """The mode's."""
        if self.failing:
            raise self.failing.pop()
        self.stepped.append((position, reached))
        return False

    async def release(self, _: Partition) -> None:
        """The mode's."""
        self.lines.append("release")

    async def process(self, _: object, __: Partition, position: int, batch: Sequence[Record]) -> None:
        """The mode's; it takes as long as it is held."""
        await self.held.wait()
        if self.failing:
            raise self.failing.pop()
        assert batch[0].offset >= position
        self.taken += [record.offset for record in batch]


def _ownership(diary: Diary) -> Ownership:
    ownership = Ownership("hub.test", diary, lambda _: diary)  # type: ignore[arg-type,return-value] # the diary plays all
    ownership.consumer = diary
    return ownership


async def _assigned(ownership: Ownership, place: TopicPartition = PLACE) -> None:
    ownership.assigned([place])
    taking = ownership.owned[place].taking
    assert taking is not None
    await taking


async def _ended(ownership: Ownership) -> None:
    """Wait for the batches in hand, and for the sequences that they cause."""
    await asyncio.gather(*ownership._turns)  # noqa: SLF001 - nobody else waits for them
    await asyncio.gather(*(owned.taking for owned in ownership.owned.values() if owned.taking))


async def _taken(ownership: Ownership, batch: Sequence[Record]) -> None:
    """Let a batch have its turn, to its end."""
    ownership.take(ownership.polled(PLACE, batch))
    await _ended(ownership)


async def test_the_assignment_sequence_has_one_order() -> None:
    """Pause, fence, ask afresh, recover, seek, resume: any other order reads from a place nobody checked."""
    diary = Diary()
    await _assigned(_ownership(diary))
    assert diary.lines == ["pause", "close", "open", "committed", "recover", "seek 12", "resume"]


async def test_records_below_the_owned_position_are_left_out() -> None:
    """They were done by another owner, whatever the client's own position says."""
    diary = Diary()
    ownership = _ownership(diary)
    await _assigned(ownership)
    await _taken(ownership, records([published()] * 6, first=9))
    assert diary.taken == [12, 13, 14]
    await _taken(ownership, records([published()] * 6, first=9))
    assert diary.taken == [12, 13, 14]


async def test_a_batch_read_before_a_seek_is_void() -> None:
    """What was read ahead when the sequence ran comes again: taken at once, it would skip the batch that failed."""
    diary = Diary()
    ownership = _ownership(diary)
    await _assigned(ownership)
    diary.failing, diary.held = [FencedError("a newer owner")], asyncio.Event()
    ownership.take(ownership.polled(PLACE, records([published()] * 2, first=12)))
    await asyncio.sleep(0)
    ahead = ownership.polled(PLACE, records([published()], first=14))
    diary.held.set()
    await _ended(ownership)
    ownership.take(ahead)
    await _ended(ownership)
    assert (diary.taken, ownership.owned[PLACE].position) == ([], 12)
    await _taken(ownership, records([published()] * 3, first=12))
    assert diary.taken == [12, 13, 14]


async def test_a_batch_of_a_former_ownership_is_void() -> None:
    """Between the poll and its turn the partition went away and came back: somebody else may have done the records."""
    diary = Diary()
    ownership = _ownership(diary)
    await _assigned(ownership)
    batch = ownership.polled(PLACE, records([published()], first=12))
    await ownership.revoked([PLACE])
    await _assigned(ownership)
    ownership.take(batch)
    await _ended(ownership)
    assert diary.taken == []


async def test_one_batch_is_read_ahead_and_no_more(monkeypatch: pytest.MonkeyPatch) -> None:
    """A partition whose work takes long slows its own poll, and nobody else's: memory stays flat."""
    monkeypatch.setattr(owned, "SPACING", 0)
    other, diary = TopicPartition("in", 1), Diary()
    ownership = _ownership(diary)
    await _assigned(ownership)
    await _assigned(ownership, other)
    diary.held = asyncio.Event()
    ownership.take(ownership.polled(PLACE, records([published()], first=12)))
    await asyncio.sleep(0)
    assert ownership.may_be_polled(PLACE)
    ownership.take(ownership.polled(PLACE, records([published()], first=13)))
    await asyncio.sleep(0)
    assert (ownership.may_be_polled(PLACE), ownership.may_be_polled(other)) == (False, True)
    diary.held.set()
    await _ended(ownership)
    assert diary.taken == [12, 13]


@pytest.mark.parametrize(("number", "rests"), [(1, True), (owned.SMALL, False)])
async def test_a_small_batch_is_followed_by_a_rest(number: int, *, rests: bool) -> None:
    """So a few records a second cost few transactions; a partition with many waits for nothing."""
    diary = Diary()
    ownership = _ownership(diary)
    await _assigned(ownership)
    await _taken(ownership, records([published()] * number, first=12))
    assert ownership.may_be_polled(PLACE) is not rests
    assert (ownership.rests_until() < math.inf) is rests
    await asyncio.sleep(owned.SPACING)
    assert ownership.may_be_polled(PLACE)


async def test_a_poll_that_finds_nothing_waits_for_the_first_news(monkeypatch: pytest.MonkeyPatch) -> None:
    """Records that arrive are seen at once, and so is that a batch has begun: the next one may be read."""
    diary, looks = Diary(), []
    ownership = _ownership(diary)
    arrival = asyncio.get_running_loop().create_future()
    diary._fetcher = SimpleNamespace(_create_fetch_waiter=lambda: arrival)  # noqa: SLF001 - as aiokafka names it

    async def each_alone(*_: object) -> dict[TopicPartition, list[object]]:
        looks.append(asyncio.get_running_loop().time())
        return {}

    monkeypatch.setattr(polling, "_each_alone", each_alone)
    monkeypatch.setattr(polling, "LONGEST_WAIT_S", 60)
    waiting = asyncio.create_task(polling.poll(diary, ownership, timeout_ms=0, max_records=1))
    await asyncio.sleep(0.01)
    assert len(looks) == 1
    arrival.set_result(None)
    await waiting
    arrival = asyncio.get_running_loop().create_future()
    waiting = asyncio.create_task(polling.poll(diary, ownership, timeout_ms=0, max_records=1))
    await asyncio.sleep(0.01)
    ownership.moved.set()
    await waiting
    assert len(looks) == 4
    assert diary.lines == ["errors", "polls"] * 2, "or aiokafka leaves the group of who has no partition to poll"


async def test_a_partition_that_is_given_up_ends_its_batch_and_begins_no_other() -> None:
    """At SIGTERM and in a rebalance the batch in hand comes to its end; what was read ahead is for the next owner."""
    diary = Diary()
    ownership = _ownership(diary)
    await _assigned(ownership)
    diary.held = asyncio.Event()
    ownership.take(ownership.polled(PLACE, records([published()] * owned.SMALL, first=12)))
    await asyncio.sleep(0)
    ownership.take(ownership.polled(PLACE, records([published()], first=12 + owned.SMALL)))
    closing = asyncio.create_task(ownership.close())
    await asyncio.sleep(0.01)
    assert not closing.done()
    diary.held.set()
    await closing
    assert diary.taken == [*range(12, 12 + owned.SMALL)]
    assert diary.lines[-2:] == ["release", "close"]


async def test_nothing_is_read_for_a_partition_that_is_not_ours_or_still_waits() -> None:
    """Until its sequence has ended a partition is not polled; what stands in its way is told."""
    diary = Diary(committed=None)
    ownership = _ownership(diary)
    assert not ownership.may_be_polled(PLACE)
    ownership.assigned([PLACE])
    await asyncio.sleep(0.05)
    assert not ownership.may_be_polled(PLACE)
    assert "found none" in ownership.waiting()["in/0"]
    await ownership.close()
    assert ownership.waiting() == {}


@pytest.mark.parametrize("error", [FencedError("a newer owner"), ConnectionResetError()])
async def test_after_a_failure_the_whole_sequence_runs_again(error: Exception) -> None:
    """Nothing goes on from memory: the producer is closed, Kafka asked again, and the same records come again."""
    diary = Diary()
    ownership = _ownership(diary)
    await _assigned(ownership)
    diary.lines.clear()
    diary.failing = [error]
    await _taken(ownership, records([published()], first=12))
    assert diary.lines == ["pause", "close", "open", "committed", "recover", "seek 12", "resume"]
    assert ownership.waiting() == {}
    await _taken(ownership, records([published()], first=12))
    assert diary.taken == [12]


async def test_what_kafka_does_not_tell_yet_is_not_done_again() -> None:
    """Promise 2: Kafka answers the end of a transaction before its offset can be asked for; what we committed holds."""
    diary = Diary()
    diary.last_commit = 20
    ownership = _ownership(diary)
    await _assigned(ownership)
    assert ownership.owned[PLACE].position == 22


async def test_kafka_is_asked_how_far_it_came_now_and_then() -> None:
    """The answer to a commit is not enough to forget what was published; a question without an answer stops nobody."""
    diary = Diary()
    diary.last_commit = 20
    ownership = _ownership(diary)
    await _assigned(ownership)
    assert diary.told == 10
    owned, away = ownership.owned[PLACE], KafkaConnectionError()
    for pause_is_over, answer, told in ((1, 13, 13), (0, 14, 13), (1, away, 13), (1, 14, 14), (1, 11, 14)):
        diary.answer = answer
        owned.ask_again *= not pause_is_over
        await _taken(ownership, records([published()], first=owned.position))
        assert (diary.told, ownership.waiting()) == (told, {})


async def test_one_sequence_runs_however_many_failures_ask_for_it() -> None:
    """A batch that fails while the poll has failed too: the sequence that waits for it is enough, and ends with it."""
    diary = Diary()
    ownership = _ownership(diary)
    await _assigned(ownership)
    owned, diary.held, diary.failing = ownership.owned[PLACE], asyncio.Event(), [FencedError("a newer owner")]
    ownership.take(ownership.polled(PLACE, records([published()], first=12)))
    await asyncio.sleep(0)
    ownership.unreadable(PLACE, ConnectionResetError())
    waiting = owned.taking
    diary.lines.clear()
    diary.held.set()
    await _ended(ownership)
    assert owned.taking is waiting
    assert diary.lines.count("open") == 1


async def test_an_unreadable_partition_costs_its_neighbours_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where one partition's records cannot be unpacked, it waits by itself; what another brought is handed over."""
    other, diary = TopicPartition("in", 1), Diary()
    ownership = _ownership(diary)
    await _assigned(ownership)

    await _assigned(ownership, other)
    record = SimpleNamespace(offset=12, key=b"k", value=b"v", headers=(), checksum=None)

    async def getmany(_: object, tp: TopicPartition, **__: object) -> dict[TopicPartition, list[object]]:
        return {tp: [record]} if tp == other else {tp: [b"\xf6".decode()]}

    monkeypatch.setattr(AIOKafkaConsumer, "getmany", getmany)
    monkeypatch.setattr(Diary, "assignment", lambda _: [PLACE, other], raising=False)
    found = await polling._each_alone(diary, ownership, 1)  # noqa: SLF001 - what FastStream is given
    assert [(tp, [one.offset for one in batch.records]) for tp, [batch] in found.items()] == [(other, [12])]
    assert "UnicodeDecodeError" in ownership.waiting()["in/0"]
    await ownership.close()


async def test_an_idle_partition_is_looked_at_now_and_then() -> None:
    """A poll that brings nothing lets the mode step on, not at every poll; failures start the sequence."""
    diary = Diary()
    ownership = _ownership(diary)
    await _assigned(ownership)
    diary.place = 15
    for _ in range(5):
        ownership.idle(PLACE)
        assert diary.stepped or not ownership.may_be_polled(PLACE), "a record could be stepped over"
        await _ended(ownership)
    assert (diary.stepped, ownership.owned[PLACE].position) == ([(12, 15)], 15)
    ownership.owned[PLACE].idle_again, diary.failing = 0.0, [FencedError("a newer owner")]
    diary.lines.clear()
    ownership.idle(PLACE)
    await _ended(ownership)
    assert diary.lines == ["pause", "close", "open", "committed", "recover", "seek 12", "resume"]
    await ownership.close()


async def test_records_that_retention_took_are_told() -> None:
    """A position before the topic's beginning is an error that says so, not a partition that stands still."""
    diary = Diary(committed=1)
    ownership = _ownership(diary)
    ownership.assigned([PLACE])
    await asyncio.sleep(0.05)
    assert "begins at 5" in ownership.waiting()["in/0"]
    await ownership.close()


def test_a_member_that_reads_other_topics_is_another_member() -> None:
    """Its name stays from start to start, and changes with what it reads; without a name it is anybody."""
    assert _member("1", ["a", "b"]) == _member("1", ["b", "a"])
    assert len({_member("1", ["a"]), _member("1", ["a", "b"]), _member("2", ["a"])}) == 3
    assert _member("", ["a"]) is None
