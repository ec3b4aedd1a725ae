"""A partner of its own on real Kafka: its doors, filled and read from outside."""

import asyncio
import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field

from aiokafka import TopicPartition
from confluent_kafka import KafkaError, KafkaException
from confluent_kafka.admin import AdminClient, NewTopic

from contracts.admission import Message
from contracts.topics import CLOSINGS, DEAD_LETTERS, inbox, outbox, recorded
from services.runtime.kafka import Kafka


@dataclass
class Doors:
    """Inbox and outbox of one partner, and the push group's cursor at 0."""

    kafka: Kafka
    partner: str = field(default_factory=lambda: f"p{uuid.uuid4().hex[:10]}")

    async def make(self) -> "Doors":
        """Make topics and cursor, as ``hub apply`` would."""
        await asyncio.to_thread(self.make_topics)
        place = TopicPartition(outbox(self.partner), 0)
        async with self.kafka.consumer(group=f"hub.push.{self.partner}") as consumer:
            consumer.assign([place])
            await consumer.commit({place: 0})
        return self

    def make_topics(self) -> None:
        """Make the topics alone."""
        admin = AdminClient(self.kafka.admin_access())
        names = [
            inbox(self.partner),
            outbox(self.partner),
            DEAD_LETTERS,
            CLOSINGS,
            recorded("events"),
            recorded("research"),
        ]
        for made in admin.create_topics([NewTopic(name, 1, 1) for name in names]).values():
            try:
                made.result(20)
            except KafkaException as error:
                if error.args[0].code() != KafkaError.TOPIC_ALREADY_EXISTS:
                    raise

    async def deliver(self, messages: Sequence[Message]) -> None:
        """Put messages into the outbox in one transaction, as dispatch does."""
        async with self.kafka.producer(f"test.{self.partner}") as producer, producer.transaction():
            for message in messages:
                await producer.send_and_wait(
                    outbox(self.partner), message.value, key=message.key, headers=list(message.headers)
                )
        await self._visible(TopicPartition(outbox(self.partner), 0))

    async def _visible(self, place: TopicPartition) -> None:
        """Wait until readers of committed records see all: a transaction's marker comes after its end is told."""
        async with self.kafka.consumer() as reader, self.kafka.consumer(isolation_level="read_uncommitted") as raw:
            while (await reader.end_offsets([place]))[place] < (await raw.end_offsets([place]))[place]:  # noqa: ASYNC110 - Kafka tells nobody
                await asyncio.sleep(0.02)

    async def cursor(self) -> int | None:
        """Where the push group stands."""
        async with self.kafka.consumer(group=f"hub.push.{self.partner}") as consumer:
            return await consumer.committed(TopicPartition(outbox(self.partner), 0))

    async def told(self) -> list[Message]:
        """Everything in the inbox."""
        return await self.read(inbox(self.partner))

    async def letters(self) -> list[Message]:
        """This partner's dead letters."""
        return [letter for letter in await self.read(DEAD_LETTERS) if letter.key == self.partner.encode()]

    async def read(self, topic: str) -> list[Message]:
        """Everything in a topic, committed."""
        place, found = TopicPartition(topic, 0), []
        async with self.kafka.consumer() as consumer:
            consumer.assign([place])
            consumer.seek(place, 0)
            end = (await consumer.end_offsets([place]))[place]
            while await consumer.position(place) < end:
                batch = await consumer.getmany(place, timeout_ms=200)
                found += [Message(each.key, each.value, each.headers) for each in batch.get(place, [])]
        return found
