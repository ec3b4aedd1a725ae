"""What a service does with the records of a partition it owns: the port between ownership and the two modes."""

from collections.abc import Sequence
from typing import Protocol

from services.runtime.engine.delivery import Delivery, Partition, Record


class Mode(Protocol):
    """The stateless or the stateful mode."""

    async def recover(self, delivery: Delivery, partition: Partition, committed: int) -> int:
        """Finish what a former owner left; return the position to go on from."""
        ...

    async def process(self, delivery: Delivery, partition: Partition, position: int, records: Sequence[Record]) -> None:
        """Take a batch."""
        ...

    async def idle(self, delivery: Delivery, partition: Partition, position: int, reached: int) -> bool:
        """Use a moment without records; from ``position`` up to ``reached`` there is none. Say whether to come again.

        Transactions leave markers, which take offsets. A cursor that stayed before the last of them would lie before
        the topic's beginning once retention takes it, and look like one that lost records.
        """
        ...

    async def release(self, partition: Partition) -> None:
        """Forget a partition that is no longer ours."""
        ...
