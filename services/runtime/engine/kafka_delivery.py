"""The port to Kafka by aiokafka: one transactional producer for each owned input partition."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from typing import Any

from aiokafka import AIOKafkaProducer, TopicPartition
from aiokafka.errors import KafkaError
from confluent_kafka import murmur2  # type: ignore[attr-defined] # its published types are older than it

from contracts.admission import Message
from services.runtime.engine.delivery import FencedError, Output, Partition
from services.runtime.engine.stopping import stop
from services.runtime.engine.suspects import failure, suspects
from services.runtime.kafka import TRANSACTION_TIMEOUT_MS, Kafka

# The broker aborts a transaction at its timeout; an answer that takes longer than that can only be bad news.
_PATIENCE = TRANSACTION_TIMEOUT_MS / 1000 + 5


class KafkaDelivery:
    """Implements `Delivery`. Opening it fences whoever wrote for this partition before."""

    def __init__(self, partition: Partition, kafka: Kafka) -> None:
        """Remember for whom to write; connect in `open`."""
        self._partition = partition
        self._kafka = kafka
        self._producer: AIOKafkaProducer | None = None
        self._filling: dict[tuple[str, int], Any] = {}  # the batch of each target partition that is not full yet
        self._pending: list[tuple[str, asyncio.Future[Any]]] = []

    async def open(self) -> None:
        """Start the producer: InitProducerId ends a former owner's open transaction and shuts it out.

        Raises:
            FencedError: another owner came at the same moment.
            KafkaError, OSError: Kafka is not reachable.
        """
        producer = self._kafka.producer(self._partition.transactional_id)
        try:
            async with asyncio.timeout(_PATIENCE):
                await producer.start()
        except BaseException:
            await stop(producer)
            raise
        self._producer = producer

    async def begin(self) -> None:
        """Open a transaction."""
        self._filling, self._pending = {}, []
        async with self._fenced() as producer:
            await producer.begin_transaction()

    async def send(self, outputs: Sequence[Output]) -> None:
        """Put messages into batches by target partition and hand over full ones; `commit` does so with the others."""
        async with self._fenced() as producer:
            counts = {topic: len(await producer.partitions_for(topic)) for topic in {o.topic for o in outputs}}
            for topic, message in outputs:
                target = topic, number_for(message.key, counts[topic])
                batch = self._filling.get(target)
                if batch is None or _append(batch, message) is None:
                    await self._hand_over(producer, target)
                    self._filling[target] = batch = producer.create_batch()
                    _append(batch, message)

    async def commit(self, next_offset: int) -> None:
        """End the transaction with the input's offset in it."""
        source = TopicPartition(self._partition.topic, self._partition.number)
        async with self._fenced() as producer:
            for target in [*self._filling]:
                await self._hand_over(producer, target)
            await self._acknowledged()
            await producer.send_offsets_to_transaction({source: next_offset}, self._partition.group)
            await producer.commit_transaction()

    async def abort(self) -> None:
        """Abort, as well as that goes: the next owner's InitProducerId aborts it anyway."""
        for _, future in self._pending:
            future.cancel() or future.cancelled() or future.exception()  # asked, or it complains when it is collected
        if self._producer is not None:
            with suppress(KafkaError, TimeoutError, AssertionError, ValueError):
                async with asyncio.timeout(1):
                    await self._producer.abort_transaction()

    async def close(self) -> None:
        """Stop the producer; what it left open becomes invisible at the next owner's start."""
        if self._producer is not None:
            await stop(self._producer)
            self._producer = None

    async def _hand_over(self, producer: AIOKafkaProducer, target: tuple[str, int]) -> None:
        batch = self._filling.pop(target, None)
        if batch is not None:
            topic, number = target
            self._pending.append((topic, await producer.send_batch(batch, topic, partition=number)))

    async def _acknowledged(self) -> None:
        """Wait until Kafka has all messages."""
        futures = [future for _, future in self._pending]
        if not futures:
            return
        await asyncio.wait(futures, timeout=TRANSACTION_TIMEOUT_MS / 1000, return_when=asyncio.FIRST_EXCEPTION)
        failures = {topic: error for topic, future in self._pending if (error := failure(future))}
        if failures:
            taken = {topic for topic, _ in self._pending} - failures.keys()
            told = ", ".join(f"{topic}: {type(error).__name__}" for topic, error in sorted(failures.items()))
            raise FencedError(f"the transaction of {self._partition} was not taken ({told})", suspects(failures, taken))

    @asynccontextmanager
    async def _fenced(self) -> AsyncIterator[AIOKafkaProducer]:
        """Say `FencedError` for every way in which a transaction's fate becomes unknown."""
        if self._producer is None:
            raise FencedError(f"the producer of {self._partition} is closed")
        try:
            async with asyncio.timeout(_PATIENCE):
                yield self._producer
        except (KafkaError, TimeoutError, AssertionError) as error:
            raise FencedError(f"the transaction of {self._partition} ended with {type(error).__name__}") from error


def _append(batch: Any, message: Message) -> Any:  # noqa: ANN401 - aiokafka ships no types
    return batch.append(key=message.key, value=message.value, timestamp=None, headers=list(message.headers))


def number_for(key: bytes | None, partitions: int) -> int:
    """Return the number of a key's partition, as the Java client works it out."""
    return int(murmur2(key or b"", partitions))
