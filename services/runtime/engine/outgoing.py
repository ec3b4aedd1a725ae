"""What one transaction writes: batches by target partition, which stay open until they are full or the end comes."""

import asyncio
from collections.abc import Sequence
from typing import Any

from aiokafka import AIOKafkaProducer
from confluent_kafka import murmur2  # type: ignore[attr-defined] # its published types are older than it

from contracts.admission import Message
from services.runtime.engine.delivery import FencedError, Output
from services.runtime.engine.suspects import failure, suspects
from services.runtime.kafka import TRANSACTION_TIMEOUT_MS

_Target = tuple[str, int]


class Outgoing:
    """The messages of a transaction on their way to Kafka."""

    def __init__(self, producer: AIOKafkaProducer) -> None:
        """Start without any."""
        self._producer = producer
        self._filling: dict[_Target, Any] = {}  # the batch of each target that is not full yet
        self._pending: list[tuple[str, asyncio.Future[Any]]] = []
        self._sending = asyncio.Lock()

    async def put(self, outputs: Sequence[Output]) -> None:
        """Put messages into batches, in order, and hand over full ones."""
        async with self._sending:  # where a full batch is handed over, another's messages would get lost
            counts = {topic: len(await self._producer.partitions_for(topic)) for topic in {o.topic for o in outputs}}
            for topic, message, _ in outputs:
                target = topic, number_for(message.key, counts[topic])
                batch = self._filling.get(target)
                if batch is None or _append(batch, message) is None:
                    await self._hand_over(target)
                    self._filling[target] = batch = self._producer.create_batch()
                    _append(batch, message)

    async def acknowledged(self) -> None:
        """Hand over what is left, and wait until Kafka has everything.

        Raises:
            FencedError: it was not taken; its suspects are the topics whose own fault that is.
        """
        for target in [*self._filling]:
            await self._hand_over(target)
        futures = [future for _, future in self._pending]
        if not futures:
            return
        await asyncio.wait(futures, timeout=TRANSACTION_TIMEOUT_MS / 1000, return_when=asyncio.FIRST_EXCEPTION)
        failures = {topic: error for topic, future in self._pending if (error := failure(future))}
        if failures:
            taken = {topic for topic, _ in self._pending} - failures.keys()
            told = ", ".join(f"{topic}: {type(error).__name__}" for topic, error in sorted(failures.items()))
            raise FencedError(f"a transaction was not taken ({told})", suspects(failures, taken))

    def forget(self) -> None:
        """Wait for nothing any more. What failed is asked for, or it complains when it is collected."""
        for _, future in self._pending:
            future.cancel() or future.cancelled() or future.exception()

    async def _hand_over(self, target: _Target) -> None:
        batch = self._filling.pop(target, None)
        if batch is not None:
            topic, number = target
            self._pending.append((topic, await self._producer.send_batch(batch, topic, partition=number)))


def _append(batch: Any, message: Message) -> Any:  # noqa: ANN401 - aiokafka ships no types
    return batch.append(key=message.key, value=message.value, timestamp=None, headers=list(message.headers))


def number_for(key: bytes | None, partitions: int) -> int:
    """Return the number of a key's partition, as the Java client works it out."""
    return int(murmur2(key or b"", partitions))
