"""A shard: the input partitions that share a transactional producer, because they always have one owner.

A partition may use a producer that was started before it came: while Kafka takes what that producer writes, nobody else
has started one under the same id since, and so nobody moved an offset or left a transaction open.
"""

import asyncio

from aiokafka import AIOKafkaProducer

from services.runtime.engine.delivery import FencedError, Partition
from services.runtime.engine.stopping import stop
from services.runtime.engine.transaction import PATIENCE, Transaction
from services.runtime.kafka import Kafka


class Shard:
    """The producer of some partitions, and its transactions, one at a time."""

    def __init__(self, transactional_id: str, kafka: Kafka) -> None:
        """Connect to nothing yet."""
        self._transactional_id, self._kafka = transactional_id, kafka
        self._producer: AIOKafkaProducer | None = None
        self._members: set[Partition] = set()
        self._transaction: Transaction | None = None  # the last one
        self._changing = asyncio.Lock()
        self.rests_until = 0.0  # the event loop's time before which nothing is read for it

    async def enter(self, partition: Partition) -> None:
        """Have a producer that shut out every former owner.

        Raises:
            FencedError: another owner came at the same moment.
            KafkaError, OSError: Kafka is not reachable.
        """
        async with self._changing:
            if self._producer is None:
                await self._start()
            self._members.add(partition)

    async def leave(self, partition: Partition) -> None:
        """Go; the producer goes with the last one, and with the first one after a transaction failed."""
        async with self._changing:
            self._members.discard(partition)
            producer = self._producer
            if producer is not None and (not self._members or self._failed):
                self._producer = self._transaction = None
                await stop(producer)

    async def join(self, partition: Partition) -> Transaction:
        """Take part in the open transaction, or in the next one.

        Raises:
            FencedError: the assignment sequence must run.
        """
        if self._producer is None or self._failed:
            raise FencedError(f"the producer of {partition} is closed")
        transaction = self._transaction
        if transaction is None or not transaction.may_be_joined:
            transaction = self._transaction = Transaction(self._producer, transaction)
        await transaction.join(partition)
        return transaction

    @property
    def _failed(self) -> bool:
        return self._transaction is not None and self._transaction.failed

    async def _start(self) -> None:
        """Start the producer: InitProducerId ends a former owner's open transaction and shuts it out."""
        producer = self._kafka.producer(self._transactional_id)
        try:
            async with asyncio.timeout(PATIENCE):
                await producer.start()
        except BaseException:
            await stop(producer)
            raise
        self._producer = producer
