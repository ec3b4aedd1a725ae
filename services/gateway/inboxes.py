"""Facts into inboxes: each is answered for when Kafka has it in every replica that must have it."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple, Protocol, TypeAlias

import structlog
from aiokafka.errors import KafkaError

from contracts.admission import Message
from contracts.topics import inbox
from services.runtime.engine.blame import told
from services.runtime.kafka import Kafka

_Producer: TypeAlias = Any
"""aiokafka's, which ships no types."""

PATIENCE_S = 20.0
READY_S = 3.0


class PartAwayError(Exception):
    """Kafka or PostgreSQL does not answer: nobody knows what became of what was asked."""


class Place(NamedTuple):
    """Where a fact lies in its partner's inbox."""

    partition: int
    offset: int


class Inboxes(Protocol):
    """Where facts are put."""

    async def put(self, partner: str, messages: Sequence[Message]) -> list[Place]:
        """Return where each lies once all are acknowledged.

        Raises:
            PartAwayError: that is uncertain for any.
        """
        ...


@dataclass(slots=True)
class KafkaInboxes:
    """Implements `Inboxes` by one producer, which is made when it is first needed, and anew after a failure."""

    kafka: Kafka
    _producer: _Producer = None
    _making: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def put(self, partner: str, messages: Sequence[Message]) -> list[Place]:
        """Send all in order and await every acknowledgement; errors as of `Inboxes`."""
        producer = None
        try:
            async with asyncio.timeout(PATIENCE_S):
                producer = await self._ready()
                sent = [await self._send(producer, inbox(partner), message) for message in messages]
                places = [Place(each.partition, each.offset) for each in await asyncio.gather(*sent)]
        except (KafkaError, OSError, TimeoutError) as error:
            structlog.get_logger("gateway").warning("not_acknowledged", partner=partner, reason=told(error))
            await self._drop(producer)
            raise PartAwayError("Kafka did not acknowledge") from None
        if any(place.offset < 0 for place in places):  # Kafka knows that it has it, and not any more where
            raise PartAwayError("Kafka did not say where")
        return places

    async def reachable(self) -> bool:
        """Whether Kafka answers now."""
        try:
            async with asyncio.timeout(READY_S):
                producer = await self._ready()
                return bool(await producer.client.force_metadata_update())
        except (KafkaError, OSError, TimeoutError):
            return False

    async def close(self) -> None:
        """Stop the producer."""
        await self._drop(self._producer)

    async def _send(self, producer: _Producer, topic: str, message: Message) -> "asyncio.Future[Place]":
        acknowledged: asyncio.Future[Place] = await producer.send(
            topic, key=message.key, value=message.value, headers=list(message.headers)
        )
        acknowledged.add_done_callback(_asked)
        return acknowledged

    async def _ready(self) -> _Producer:
        async with self._making:
            if self._producer is None:
                producer = self.kafka.producer()
                try:
                    await producer.start()
                except BaseException:
                    await producer.stop()
                    raise
                self._producer = producer
            return self._producer

    async def _drop(self, producer: _Producer) -> None:
        """Give a producer up that failed: an idempotent one may never write again."""
        if producer is None or producer is not self._producer:
            return
        self._producer = None
        try:
            async with asyncio.timeout(READY_S):
                await producer.stop()
        except (KafkaError, OSError, TimeoutError) as error:
            structlog.get_logger("gateway").warning("producer_not_stopped", reason=told(error))


def _asked(future: "asyncio.Future[Place]") -> None:
    """Ask for an error that nobody waits for any more, or it complains when it is collected."""
    if not future.cancelled():
        future.exception()
