"""A mode for each input topic: a service decides on what lies in one of them, and what it hears of goes there first."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from services.runtime.engine.delivery import Delivery, Partition, Record
from services.runtime.engine.mode import Mode


@dataclass(frozen=True, slots=True)
class ByTopic:
    """Implements `Mode` by handing each partition to the mode of its topic."""

    modes: Mapping[str, Mode]

    async def recover(self, delivery: Delivery, partition: Partition, committed: int) -> int:
        """Let it finish what a former owner left."""
        return await self.modes[partition.topic].recover(delivery, partition, committed)

    async def process(self, delivery: Delivery, partition: Partition, position: int, records: Sequence[Record]) -> None:
        """Let it take a batch."""
        await self.modes[partition.topic].process(delivery, partition, position, records)

    async def idle(self, delivery: Delivery, partition: Partition, position: int, reached: int) -> bool:
        """Let it use a moment without records."""
        return await self.modes[partition.topic].idle(delivery, partition, position, reached)

    async def release(self, partition: Partition) -> None:
        """Let it forget a partition."""
        await self.modes[partition.topic].release(partition)
