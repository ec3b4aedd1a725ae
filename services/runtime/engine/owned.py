"""One input partition of ours: the producer that writes for it, how far it came, and what it waits for."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field

import structlog
from aiokafka import TopicPartition

from services.runtime.engine.blame import Blame, blame, told
from services.runtime.engine.delivery import Partition, Record
from services.runtime.engine.kafka_delivery import KafkaDelivery

REPEATED = 3  # failures in a row that are no passing thing
SPACING = 0.02
"""Seconds that a shard rests after a small batch, counted from its beginning.

A transaction costs Kafka the same for one record as for hundreds: partitions in which a few records a second come would
take all it has. Who works longer than this anyway, or comes after a pause, does not wait for it.
"""
SMALL = 100  # records


@dataclass(frozen=True, slots=True, eq=False)
class Batch:
    """Records of one poll of one partition; without any, a moment in which there are none."""

    owned: "Owned"
    records: Sequence[Record]

    @property
    def topic(self) -> str:
        """The topic, by which FastStream names a batch in its log."""
        return self.owned.partition.topic


@dataclass(slots=True)
class Owned:
    """A partition from its assignment to its revocation; ``waits_for`` is empty while it runs."""

    tp: TopicPartition
    partition: Partition
    delivery: KafkaDelivery
    position: int = -1  # the next offset
    waits_for: str = "its first turn"
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    taking: asyncio.Task[None] | None = None
    failures: int = 0  # since a batch was last taken
    idle_again: float = 0.0  # the event loop's time of the next look while nothing comes
    ask_again: float = 0.0  # the event loop's time at which Kafka is asked again how far the partition came
    ahead: Batch | None = None  # what was read last and has not begun; a seek forgets it

    def may_be_polled(self) -> bool:
        """Whether it runs, has no batch that waits for its turn, and does not rest."""
        if self.waits_for or self.ahead is not None:
            return False
        return self.delivery.shard.rests_until <= asyncio.get_running_loop().time()

    def rest(self, records: int) -> None:
        """Begin a batch of so many records: after a small one the shard rests, so that more come together."""
        if 0 < records < SMALL:
            self.delivery.shard.rests_until = asyncio.get_running_loop().time() + SPACING

    def wait(self, error: Exception) -> None:
        """Stand still because of an error, and say so; to be fenced once or twice is part of a rebalance."""
        verdict = blame(error)
        self.waits_for = f"{verdict.value}: {told(error)}"
        log = structlog.get_logger("engine")
        say = log.info if verdict is Blame.FENCED and self.failures < REPEATED else log.warning
        say("partition_waits", position=str(self.partition), blame=verdict.value, reason=told(error))
