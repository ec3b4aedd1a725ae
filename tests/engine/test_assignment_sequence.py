import asyncio
from collections.abc import Sequence

import pytest
from aiokafka import AIOKafkaConsumer, TopicPartition

from services.runtime.engine.delivery import FencedError, Partition, Record
from services.runtime.engine.ownership import Ownership
from services.runtime.subscription import _each_alone, _member
from tests.engine.facts import published
from tests.engine.rigs import records

PLACE = TopicPartition("in", 0)


class Diary:
    """A consumer, a delivery and a mode that only write down what is asked of them, in order."""

    def __init__(self, committed: int | None = 10) -> None:
        """Answer that offset; fail where ``failing`` says."""
        self.lines: list[str] = []
        self.answer = committed
        self.failing: list[Exception] = []
        self.taken: list[int] = []
        self.stepped: list[tuple[int, int]] = []
        self.place = 12

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
        """The mode's."""
        if self.failing:
            raise self.failing.pop()
        assert batch[0].offset >= position
        self.taken += [record.offset for record in batch]


def _ownership(diary: Diary) -> Ownership:
    ownership = Ownership("hub.test", diary, lambda _: diary)  # type: ignore[arg-type,return-value] # the diary plays all
    ownership.consumer = diary
    return ownership


async def _assigned(ownership: Ownership) -> None:
    ownership.assigned([PLACE])
    taking = ownership.owned[PLACE].taking
    assert taking is not None
    await taking


async def test_the_assignment_sequence_has_one_order() -> None:
    """Pause, fence, ask afresh, recover, seek, resume: any other order reads from a place nobody checked."""
    diary = Diary()
    await _assigned(_ownership(diary))
    assert diary.lines == ["pause", "close", "open", "committed", "recover", "seek 12", "resume"]


async def test_a_batch_polled_before_the_assignment_is_not_taken_twice() -> None:
    """Records below the owned position were done by another owner: a batch polled before a rebalance loses them."""
    diary = Diary()
    ownership = _ownership(diary)
    await _assigned(ownership)
    await ownership.process(PLACE, records([published()] * 6, first=9))
    assert diary.taken == [12, 13, 14]
    await ownership.process(PLACE, records([published()] * 6, first=9))
    assert diary.taken == [12, 13, 14]


async def test_nothing_is_taken_for_a_partition_that_is_not_ours_or_still_waits() -> None:
    """A batch for a partition that was revoked, or whose sequence has not ended, is dropped: it comes again."""
    diary = Diary(committed=None)
    ownership = _ownership(diary)
    await ownership.process(PLACE, records([published()]))
    ownership.assigned([PLACE])
    await asyncio.sleep(0.05)
    await ownership.process(PLACE, records([published()], first=10))
    assert diary.taken == []
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
    await ownership.process(PLACE, records([published()], first=12))
    assert ownership.waiting() != {}
    taking = ownership.owned[PLACE].taking
    assert taking is not None
    await taking
    assert diary.lines == ["pause", "close", "open", "committed", "recover", "seek 12", "resume"]
    assert ownership.waiting() == {}
    await ownership.process(PLACE, records([published()], first=12))
    assert diary.taken == [12]


async def test_an_unreadable_partition_costs_its_neighbours_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where one partition's records cannot be unpacked, it waits by itself; what another brought is handed over."""
    other, diary = TopicPartition("in", 1), Diary()
    ownership = _ownership(diary)
    await _assigned(ownership)

    async def getmany(_: object, tp: TopicPartition, **__: object) -> dict[TopicPartition, list[str]]:
        return {tp: ["record"]} if tp == other else {tp: [b"\xf6".decode()]}

    monkeypatch.setattr(AIOKafkaConsumer, "getmany", getmany)
    monkeypatch.setattr(Diary, "assignment", lambda _: [PLACE, other], raising=False)
    assert await _each_alone(diary, ownership, timeout_ms=0) == {other: ["record"]}
    assert "UnicodeDecodeError" in ownership.waiting()["in/0"]
    await ownership.close()


async def test_an_idle_partition_is_looked_at_now_and_then() -> None:
    """A poll that brings nothing lets the mode step on, not at every poll; failures start the sequence."""
    diary = Diary()
    ownership = _ownership(diary)
    await _assigned(ownership)
    diary.place = 15
    for _ in range(5):
        await ownership.idle(PLACE)
    assert (diary.stepped, ownership.owned[PLACE].position) == ([(12, 15)], 15)
    ownership.owned[PLACE].idle_again, diary.failing = 0.0, [FencedError("a newer owner")]
    await ownership.idle(PLACE)
    assert ownership.waiting() != {}
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
