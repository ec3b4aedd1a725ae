"""Who owns which input partition: assigned, worked on, revoked, as the consumer group and the polls have it.

Each partition works by itself: while one waits for Kafka or PostgreSQL, the others go on, and so does the poll. Of each
partition one batch is worked on and at most one more is read ahead, so that a slow database slows the poll.
"""

import asyncio
from collections.abc import Callable, Iterable, Sequence
from math import inf

from aiokafka import AIOKafkaConsumer, TopicPartition

from services.runtime.engine.assignment import take_until_it_holds
from services.runtime.engine.delivery import Partition, Record
from services.runtime.engine.kafka_delivery import KafkaDelivery
from services.runtime.engine.mode import Mode
from services.runtime.engine.owned import Batch, Owned
from services.runtime.engine.turn import idle, process


class Ownership:
    """All partitions of one service instance."""

    def __init__(self, group: str, mode: Mode, make: Callable[[Partition], KafkaDelivery]) -> None:
        """Own nothing yet; ``make`` opens no connection."""
        self._group, self._mode, self._make = group, mode, make
        self.consumer: AIOKafkaConsumer | None = None
        self.owned: dict[TopicPartition, Owned] = {}
        self.moved = asyncio.Event()  # set when a batch begins or ends: the next one may be read
        self._turns: set[asyncio.Task[None]] = set()

    def assigned(self, partitions: Iterable[TopicPartition]) -> None:
        """Pause at once, so that nothing is read from a position nobody checked; then take each over."""
        for tp in partitions:
            partition = Partition(self._group, tp.topic, tp.partition)
            owned = self.owned[tp] = Owned(tp, partition, self._make(partition))
            self._take(owned)

    async def revoked(self, partitions: Iterable[TopicPartition]) -> None:
        """Let the batch in hand end, then forget the partitions."""
        await asyncio.gather(*(self._forget(tp) for tp in partitions))

    async def close(self) -> None:
        """Give everything up; the batches in hand end first."""
        await self.revoked(list(self.owned))

    def waiting(self) -> dict[str, str]:
        """Return what each partition that stands still waits for, by partition."""
        return {str(owned.partition): owned.waits_for for owned in self.owned.values() if owned.waits_for}

    def positions(self) -> dict[Partition, int]:
        """Return how far each owned partition came."""
        return {owned.partition: owned.position for owned in self.owned.values()}

    async def ends(self) -> dict[Partition, int]:
        """Ask Kafka where the records of each owned partition end.

        Raises:
            KafkaError: it does not answer.
        """
        owned = {tp: one.partition for tp, one in self.owned.items()}
        found = await self._consumer().end_offsets([*owned]) if owned else {}
        return {owned[tp]: end for tp, end in found.items()}

    def may_be_polled(self, tp: TopicPartition) -> bool:
        """Whether a partition is ours, and ready for its next batch."""
        owned = self.owned.get(tp)
        return owned is not None and owned.may_be_polled()

    def rests_until(self) -> float:
        """Return the event loop's time at which the first partition that rests may be polled."""
        now = asyncio.get_running_loop().time()
        ends = (owned.delivery.shard.rests_until for owned in self.owned.values())
        return min((end for end in ends if end > now), default=inf)

    def at_work(self) -> int:
        """Return how many partitions have something in hand."""
        return sum(owned.lock.locked() for owned in self.owned.values())

    def polled(self, tp: TopicPartition, records: Sequence[Record]) -> Batch:
        """Note a batch at the moment it was read.

        Where the assignment sequence seeks before its turn has come, it is void: its records come again, or are done.
        """
        owned = self.owned[tp]
        owned.ahead = batch = Batch(owned, records)
        return batch

    def take(self, batch: Batch) -> None:
        """Let a batch have its turn, beside what the other partitions do."""
        task = asyncio.create_task(self._turn(batch))
        self._turns.add(task)
        task.add_done_callback(self._turns.discard)

    def idle(self, tp: TopicPartition) -> None:
        """Let the mode use a moment in which a partition brought nothing; now and then, not at every poll."""
        owned = self.owned[tp]
        if not owned.lock.locked() and asyncio.get_running_loop().time() >= owned.idle_again:
            self.take(self.polled(tp, ()))

    async def _turn(self, batch: Batch) -> None:
        """Work on a batch; whatever goes wrong ends in the assignment sequence."""
        owned = batch.owned
        async with owned.lock:
            if owned.waits_for or owned.ahead is not batch:
                return
            owned.rest(len(batch.records))
            self.moved.set()
            try:
                await (process if batch.records else idle)(batch, self._mode, self._consumer())
            except Exception as error:  # noqa: BLE001 - the table of blame knows it; nobody above would act on it
                self._take_again(owned, error)
            self.moved.set()

    def unreadable(self, tp: TopicPartition, error: Exception) -> None:
        """Note that a partition's records cannot be fetched or unpacked: it waits, the others go on."""
        owned = self.owned.get(tp)
        if owned is not None and not owned.waits_for:
            self._take_again(owned, error)

    def _take_again(self, owned: Owned, error: Exception) -> None:
        owned.failures += 1
        owned.wait(error)
        waits = owned.taking is not None and not owned.taking.done()  # for the turn that failed: it goes on after it
        if self.owned.get(owned.tp) is owned and not waits:
            self._take(owned)

    def _take(self, owned: Owned) -> None:
        consumer = self._consumer()
        consumer.pause(owned.tp)
        owned.ahead = None
        owned.taking = asyncio.create_task(take_until_it_holds(owned, consumer, self._mode))

    async def _forget(self, tp: TopicPartition) -> None:
        owned = self.owned.pop(tp, None)
        if owned is None:
            return
        owned.ahead = None
        while owned.taking is not None and not owned.taking.done():
            owned.taking.cancel()
            await asyncio.wait([owned.taking], timeout=1)
        async with owned.lock:
            owned.waits_for = "nothing: another instance has it"
            await self._mode.release(owned.partition)
            await owned.delivery.close()

    def _consumer(self) -> AIOKafkaConsumer:
        if self.consumer is None:
            raise RuntimeError("expected the consumer to be started before partitions are assigned")
        return self.consumer
