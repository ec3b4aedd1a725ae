"""Who owns which input partition, and the only order of steps in which it may change hands.

aiokafka refreshes committed offsets before it awaits a rebalance listener, swallows the listener's exceptions and sends
no group metadata with transactional offsets. So ownership does not rest on the group alone: see `Ownership.take`.
"""

import asyncio
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

import structlog
from aiokafka import AIOKafkaConsumer, TopicPartition

from services.runtime.engine.blame import Blame, blame, told
from services.runtime.engine.delivery import Partition, Record
from services.runtime.engine.kafka_delivery import KafkaDelivery
from services.runtime.engine.mode import Mode

IDLE_PAUSE = 3.0  # seconds between two looks at a partition in which nothing comes
REPEATED = 3  # failures in a row that are no passing thing
LONGEST_PAUSE = 5.0  # seconds between two tries while the world is away


class CursorLostError(Exception):
    """The group has no committed offset for a partition it owns: guessing would lose or double records."""


@dataclass(slots=True)
class Owned:
    """One partition we own: its producer, the next offset, and what it waits for (empty while it runs)."""

    partition: Partition
    delivery: KafkaDelivery
    position: int = -1
    waits_for: str = "its first turn"
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    taking: asyncio.Task[None] | None = None
    failures: int = 0  # since a batch was last taken
    idle_again: float = 0.0  # the event loop's time of the next look while nothing comes


class Ownership:
    """All partitions of one service instance."""

    def __init__(self, group: str, mode: Mode, make: Callable[[Partition], KafkaDelivery]) -> None:
        """Own nothing yet; ``make`` opens no connection."""
        self._group, self._mode, self._make = group, mode, make
        self.consumer: AIOKafkaConsumer | None = None
        self.owned: dict[TopicPartition, Owned] = {}
        self._log = structlog.get_logger("engine")

    def assigned(self, partitions: Iterable[TopicPartition]) -> None:
        """Pause at once, so that nothing is read from a position nobody checked; then take each over."""
        for tp in partitions:
            self._consumer().pause(tp)
            partition = Partition(self._group, tp.topic, tp.partition)
            owned = self.owned[tp] = Owned(partition, self._make(partition))
            owned.taking = asyncio.create_task(self._take_until_it_holds(tp, owned))

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
                self._start_again(tp, owned, error)
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
                self._start_again(tp, owned, error)
            else:
                owned.failures = owned.failures if reached == owned.position else 0
                owned.idle_again = now if more else now + IDLE_PAUSE
                owned.position = reached

    def unreadable(self, tp: TopicPartition, error: Exception) -> None:
        """Note that a partition's records cannot be fetched or unpacked: it waits, the others go on."""
        owned = self.owned.get(tp)
        if owned is not None and not owned.waits_for:
            self._start_again(tp, owned, error)

    def _start_again(self, tp: TopicPartition, owned: Owned, error: Exception) -> None:
        owned.failures += 1
        self._wait(owned, error)
        if self.owned.get(tp) is owned:
            self._consumer().pause(tp)
            owned.taking = asyncio.create_task(self._take_until_it_holds(tp, owned))

    async def _take_until_it_holds(self, tp: TopicPartition, owned: Owned) -> None:
        pause = 0.1 * 2 ** min(owned.failures, 6)
        if owned.failures > 1:  # the sequence succeeds, but the batch after it fails again and again
            await asyncio.sleep(min(pause, LONGEST_PAUSE))
        while True:
            try:
                await self._take(tp, owned)
            except Exception as error:  # noqa: BLE001 - waits and tries again, visibly, for whatever reason
                self._wait(owned, error)
                await asyncio.sleep(pause)
                pause = min(pause * 2, LONGEST_PAUSE)
            else:
                return

    async def _take(self, tp: TopicPartition, owned: Owned) -> None:
        """Run the assignment sequence: fence, ask, recover, seek, resume. The partition is paused before."""
        consumer = self._consumer()
        async with owned.lock:
            await owned.delivery.close()
            await owned.delivery.open()  # InitProducerId: from here on no former owner can write
            committed = await consumer.committed(tp)  # asked afresh; aiokafka's own copy may be older
            if committed is None:
                raise CursorLostError(
                    f"expected a committed offset of group {self._group} for {owned.partition}, found none: "
                    "run 'hub apply': it sets a new topic's cursor and tells the 'hub cursor set' to use for an old one"
                )
            owned.position = await self._mode.recover(owned.delivery, owned.partition, committed)
            first = (await consumer.beginning_offsets([tp]))[tp]
            if owned.position < first:
                raise CursorLostError(
                    f"expected {owned.partition} to hold offset {owned.position}, it begins at {first}: retention took "
                    "what was not read; 'hub cursor set' lets the reader go on from there"
                )
            consumer.seek(tp, owned.position)  # drops what was prefetched from elsewhere
            owned.waits_for = ""
        consumer.resume(tp)

    def _wait(self, owned: Owned, error: Exception) -> None:
        verdict = blame(error)
        owned.waits_for = f"{verdict.value}: {told(error)}"
        say = self._log.info if verdict is Blame.FENCED and owned.failures < REPEATED else self._log.warning
        say("partition_waits", position=str(owned.partition), blame=verdict.value, reason=told(error))

    def _consumer(self) -> AIOKafkaConsumer:
        if self.consumer is None:
            raise RuntimeError("expected the consumer to be started before partitions are assigned")
        return self.consumer
