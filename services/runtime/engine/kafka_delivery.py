"""The port to Kafka by aiokafka: an input partition's part in the transactions of its shard."""

from collections.abc import Sequence

from services.runtime.engine.delivery import FencedError, Output, Partition
from services.runtime.engine.shard import Shard
from services.runtime.engine.sharding import shard_of
from services.runtime.engine.transaction import Transaction
from services.runtime.kafka import Kafka


class KafkaDelivery:
    """Implements `Delivery`. Opening it has fenced whoever wrote for this partition before."""

    def __init__(self, partition: Partition, shard: Shard) -> None:
        """Remember for whom to write; connect in `open`."""
        self._partition = partition
        self.shard = shard
        self.told = 0
        self._transaction: Transaction | None = None

    async def open(self) -> None:
        """Enter the shard.

        Raises:
            FencedError: another owner came at the same moment.
            KafkaError, OSError: Kafka is not reachable.
        """
        await self.shard.enter(self._partition)

    @property
    def last_commit(self) -> int:
        """The offset that was committed for the partition since it was opened, -1 where none was."""
        return self.shard.last_commit(self._partition)

    async def begin(self) -> None:
        """Take part in a transaction."""
        self._transaction = await self.shard.join(self._partition)

    async def send(self, outputs: Sequence[Output]) -> None:
        """Put messages into it."""
        await self._joined().send(outputs)

    async def commit(self, next_offset: int) -> None:
        """Be done, with the input's offset, and wait until the others are."""
        await self._joined().commit(self._partition, next_offset)

    async def abort(self) -> None:
        """Give the transaction up, for the others, too."""
        if self._transaction is not None:
            await self._transaction.give_up(f"{self._partition} could not go on")

    async def close(self) -> None:
        """Leave the shard; what was left open becomes invisible at the next owner's start."""
        await self.shard.leave(self._partition)

    def _joined(self) -> Transaction:
        if self._transaction is None:
            raise FencedError(f"{self._partition} takes part in no transaction")
        return self._transaction


class Deliveries:
    """The deliveries of one process, by shard; none is connected before it is opened."""

    def __init__(self, kafka: Kafka) -> None:
        """Have no shard yet."""
        self._kafka = kafka
        self._shards: dict[str, Shard] = {}

    def of(self, partition: Partition) -> KafkaDelivery:
        """Make the delivery of one partition."""
        number = shard_of(partition.topic, partition.number, self._kafka.settings.shards)
        name = f"{partition.group}.shard-{number}"
        return KafkaDelivery(partition, self._shards.setdefault(name, Shard(name, self._kafka)))
