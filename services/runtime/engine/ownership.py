"""Who owns which input partition: assigned, worked on, revoked, as the consumer group and the polls have it."""

import asyncio
from collections.abc import Callable, Iterable, Sequence

from aiokafka import AIOKafkaConsumer, TopicPartition

from services.runtime.engine.assignment import take_until_it_holds
from services.runtime.engine.delivery import Partition, Record
from services.runtime.engine.kafka_delivery import KafkaDelivery
from services.runtime.engine.mode import Mode
from services.runtime.engine.owned import Owned

IDLE_PAUSE = 3.0  # seconds between two looks at a partition in which nothing comes


class Ownership:
    """All partitions of one service instance."""

    def __init__(self, group: str, mode: Mode, make: Callable[[Partition], KafkaDelivery]) -> None:
        """Own nothing yet; ``make`` opens no connection."""
        self._group, self._mode, self._make = group, mode, make
        self.consumer: AIOKafkaConsumer | None = None
        self.owned: dict[TopicPartition, Owned] = {}

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

    async def process(self, tp: TopicPartition, records: Sequence[Record]) -> None:
        """Take a batch if the partition is ours and runs; whatever goes wrong ends in the assignment sequence."""
        owned = self.owned.get(tp)
        if owned is None:
            return
        async with owned.lock:
            fresh = [record for record in records if record.offset >= owned.position]
            if owned.waits_for or not fresh:
                return  # read before the last seek: it comes again, or is done
            try:
                await self._mode.process(owned.delivery, owned.partition, owned.position, fresh)
            except Exception as error:  # noqa: BLE001 - the table of blame knows it; FastStream would swallow it
                self._take_again(owned, error)
            else:
                owned.position, owned.failures = fresh[-1].offset + 1, 0

    async def idle(self, tp: TopicPartition) -> None:
        """Let the mode use a moment in which a partition brought nothing; now and then, not at every poll."""
        owned, now = self.owned.get(tp), asyncio.get_running_loop().time()
        if owned is None or now < owned.idle_again:
            return
        async with owned.lock:
            if owned.waits_for:
                return
            try:
                reached = max(owned.position, await self._consumer().position(tp))
                more = await self._mode.idle(owned.delivery, owned.partition, owned.position, reached)
            except Exception as error:  # noqa: BLE001 - as in `process`
                self._take_again(owned, error)
            else:
                owned.failures = owned.failures if reached == owned.position else 0
                owned.idle_again = now if more else now + IDLE_PAUSE
                owned.position = reached

    def unreadable(self, tp: TopicPartition, error: Exception) -> None:
        """Note that a partition's records cannot be fetched or unpacked: it waits, the others go on."""
        owned = self.owned.get(tp)
        if owned is not None and not owned.waits_for:
            self._take_again(owned, error)

    def _take_again(self, owned: Owned, error: Exception) -> None:
        owned.failures += 1
        owned.wait(error)
        if self.owned.get(owned.tp) is owned:
            self._take(owned)

    def _take(self, owned: Owned) -> None:
        consumer = self._consumer()
        consumer.pause(owned.tp)
        owned.taking = asyncio.create_task(take_until_it_holds(owned, consumer, self._mode))

    async def _forget(self, tp: TopicPartition) -> None:
        owned = self.owned.pop(tp, None)
        if owned is None:
            return
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
