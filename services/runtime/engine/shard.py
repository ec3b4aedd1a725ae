"""A shard: the input partitions that share a transactional producer, because they always have one owner.

A partition may use a producer that was started before it asked where to go on: while Kafka takes what that producer
writes, nobody else has started one under the same id since, and so nobody moved an offset or left a transaction open.
It may not use one that was started later: that would make good again what it knows from before. So each new producer
begins without members, and all must enter anew.
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
        self._committed: dict[Partition, int] = {}
        self._failed_last: set[Partition] = set()  # whose last transaction failed: each of them writes alone
        self._transaction: Transaction | None = None  # the newest
        self._changing = asyncio.Lock()
        self.rests_until = 0.0  # the event loop's time before which nothing is read for it

    async def enter(self, partition: Partition) -> None:
        """Have a producer that shut out every former owner.

        Raises:
            FencedError: another owner came at the same moment.
            KafkaError, OSError: Kafka is not reachable.
        """
        async with self._changing:
            if self._failed:
                await self._drop()
            if self._producer is None:
                await self._start()
            self._members.add(partition)

    async def leave(self, partition: Partition) -> None:
        """Go; the producer goes with the last one, and with the first one after a transaction failed."""
        async with self._changing:
            self._members.discard(partition)
            if not self._members or self._failed:
                await self._drop()

    def last_commit(self, partition: Partition) -> int:
        """Return the offset that the producer committed for a partition, -1 where it did not.

        Kafka answers the end of a transaction before its offsets can be asked for.
        """
        return self._committed.get(partition, -1)

    async def join(self, partition: Partition) -> Transaction:
        """Take part in the open transaction, or in the next one.

        Raises:
            FencedError: the assignment sequence must run.
        """
        if self._producer is None or self._failed or partition not in self._members:
            raise FencedError(f"the producer of {partition} is closed")
        transaction = self._transaction
        if transaction is None or not transaction.may_be_joined or transaction.alone or partition in self._failed_last:
            alone = partition in self._failed_last
            transaction = self._transaction = Transaction(self._producer, transaction, self._ended, alone=alone)
        await transaction.join(partition)
        return transaction

    @property
    def _failed(self) -> bool:
        return self._transaction is not None and self._transaction.failed

    def _ended(self, partitions: set[Partition], offsets: dict[Partition, int] | None) -> None:
        """Note how a transaction ended, by its offsets; without any, it failed."""
        if offsets is None:
            self._failed_last |= partitions
        else:
            self._failed_last -= partitions
            self._committed |= offsets

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

    async def _drop(self) -> None:
        producer, self._producer, self._transaction = self._producer, None, None
        self._members, self._committed = set(), {}
        if producer is not None:
            await stop(producer)
