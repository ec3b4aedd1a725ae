"""A partner's inbox, from outside: facts go in, confirmed by every replica that must have them."""

import asyncio
from collections.abc import Sequence
from typing import TYPE_CHECKING, Protocol, Self

from contracts.admission import Message
from contracts.topics import inbox
from flows.ledger.outgoing import Outgoing
from services.runtime.kafka import Kafka

if TYPE_CHECKING:
    from aiokafka import AIOKafkaProducer


class Inbox(Protocol):
    """Where a pull puts facts."""

    async def put(self, facts: Sequence[Outgoing]) -> None:
        """Return when every fact is acknowledged; raise where that is uncertain for any."""
        ...


class KafkaInbox:
    """Implements `Inbox`; connects when there is something to put."""

    def __init__(self, partner: str, kafka: Kafka) -> None:
        """Name the inbox."""
        self._partner, self._kafka = partner, kafka
        self._producer: AIOKafkaProducer | None = None

    async def __aenter__(self) -> Self:
        """Connect to nothing yet."""
        return self

    async def __aexit__(self, *_: object) -> None:
        """Stop the producer."""
        if self._producer is not None:
            await self._producer.stop()

    async def put(self, facts: Sequence[Outgoing]) -> None:
        """Send all in order and await every acknowledgement.

        Raises:
            KafkaError: it is not certain that all arrived; they are still pending.
        """
        await self.write(inbox(self._partner), [fact.message(self._partner) for fact in facts])

    async def write(self, topic: str, messages: Sequence[Message]) -> None:
        """Send messages to one topic, in order, and await every acknowledgement; errors as in `put`."""
        if not messages:
            return
        if self._producer is None:
            self._producer = self._kafka.producer()
            await self._producer.start()
        sent = [
            await self._producer.send(topic, key=message.key, value=message.value, headers=list(message.headers))
            for message in messages
        ]
        await asyncio.gather(*sent)
