"""The port of routes on Kafka: what the broker says that this principal may write, the book, and the input again."""

import asyncio
from collections.abc import AsyncGenerator, Mapping, Sequence
from typing import Any

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.errors import KafkaError as AioKafkaError
from confluent_kafka import KafkaError, KafkaException, TopicCollection
from confluent_kafka.admin import AclOperation

from contracts.backfill import Backfill, read_backfill
from contracts.topics import BACKFILLS, REJECTIONS, ROUTES
from services.runtime.engine.delivery import Partition, Record
from services.runtime.engine.routes import Note, Target, read_note
from services.runtime.kafka import Kafka
from services.runtime.reading import between, record_of
from services.runtime.silence import SILENCE

_PATIENCE = 5  # seconds for an answer of the broker
_HANGING = 30  # seconds for a transaction of somebody else, open in the book, to end
_MAJORITY_OF = 3  # copies from which on Kafka takes a record only where two have it
_BOOK = TopicPartition(ROUTES, 0)
_WHY = {
    KafkaError.UNKNOWN_TOPIC_OR_PART: "it is not there",
    KafkaError.TOPIC_AUTHORIZATION_FAILED: "its access rights do not let it be written",
}


class KafkaSilentError(Exception):
    """Kafka does not say what was asked."""


class InputCutError(Exception):
    """The input does not hold what a route missed."""


class KafkaRoutes:
    """Implements `Routes`."""

    def __init__(self, kafka: Kafka) -> None:
        """Prepare the clients; nothing is connected yet."""
        self._kafka = kafka
        self._admin = kafka.administration(_PATIENCE)
        self._asked: tuple[int, dict[str, Backfill]] = (0, {})  # up to where requests were read; the last by partner

    async def look(self, topics: Sequence[str]) -> Mapping[str, Target]:
        """Ask the broker which topics are there and may be written.

        Raises:
            KafkaSilentError: it does not answer.
        """
        return await asyncio.to_thread(self._look, topics)

    def _look(self, topics: Sequence[str]) -> dict[str, Target]:
        asked = self._admin.describe_topics(
            TopicCollection(list(topics)), include_authorized_operations=True, request_timeout=_PATIENCE
        )
        return {topic: _target(answer) for topic, answer in asked.items()}

    async def notes(self, partition: Partition) -> Mapping[str, Note]:
        """Read the book to its very end: a transaction that is open now may hide what was noted behind it.

        Raises:
            KafkaSilentError, KafkaError, TimeoutError: Kafka does not answer, or has no book.
        """
        end = await self._end_of_book()
        consumer = self._kafka.consumer(auto_offset_reset="earliest")  # whatever compaction has left
        async with consumer, asyncio.timeout(_HANGING):
            notes = [read_note(r.value) async for r in between(consumer, {(ROUTES, 0): 0}, {(ROUTES, 0): end})]
        return {note.route: note for note in notes if note.partition == str(partition)}

    async def asked(self) -> Sequence[Backfill]:
        """Read what was asked for since the last time; none where the topic is not made yet.

        Raises:
            KafkaError, TimeoutError: Kafka does not answer.
        """
        place, where = TopicPartition(BACKFILLS, 0), (BACKFILLS, 0)
        async with asyncio.timeout(_PATIENCE):
            if BACKFILLS not in await self._kafka.topics():
                return ()
            async with self._kafka.consumer() as consumer:
                first, end = [offsets[place] for offsets in await self._edges(consumer, place)]
                reached, last = self._asked if self._asked[0] <= end else (0, {})  # the topic was made anew
                async for record in between(consumer, {where: max(first, reached)}, {where: end}):
                    asked = read_backfill(record.value)
                    last = {**last, asked.partner: asked}
        self._asked = end, last
        return [*last.values()]

    async def _edges(self, consumer: AIOKafkaConsumer, place: TopicPartition) -> list[dict[TopicPartition, int]]:
        return [await consumer.beginning_offsets([place]), await consumer.end_offsets([place])]

    async def _end_of_book(self) -> int:
        """Ask a new client: librdkafka's administration keeps asking the leader of before, which says so for ever."""
        try:
            async with asyncio.timeout(_PATIENCE), self._kafka.consumer(isolation_level="read_uncommitted") as consumer:
                return int((await consumer.end_offsets([_BOOK]))[_BOOK])
        except (AioKafkaError, TimeoutError) as error:
            said = f"came {type(error).__name__}"
            raise KafkaSilentError(f"expected the end of {ROUTES}, {said}: see 'hub apply'") from None

    async def read(self, partition: Partition, start: int, end: int) -> AsyncGenerator[Record, None]:
        """Read committed records of the input.

        Raises:
            InputCutError: it does not hold them all.
            KafkaError: Kafka does not answer.
        """
        place = TopicPartition(partition.topic, partition.number)
        async with self._kafka.consumer() as consumer:
            first = (await consumer.beginning_offsets([place]))[place]
            last = (await consumer.end_offsets([place]))[place]
            start = max(start, first) if partition.topic == REJECTIONS else start  # they expire, and are not missed
            if start < first or end > last:
                raise InputCutError(
                    f"expected {partition} to hold offsets {start} to {end}, it holds {first} to {last}: "
                    "was the topic made anew, or its retention changed?"
                )
            where = (partition.topic, partition.number)
            async for record in between(consumer, {where: start}, {where: end}):
                yield record_of(record)


def _target(answer: Any) -> Target:  # noqa: ANN401 - a future of the administration client
    """Read what is said of a topic; what is only said of this one stops no other."""
    try:
        topic = answer.result(_PATIENCE + 5)
    except KafkaException as error:
        said: Any = error.args[0]
        if said.code() in SILENCE:
            raise KafkaSilentError(f"expected an answer about topics, {_said(error)}") from None
        return Target("", _said(error))
    return Target(str(topic.topic_id), _why_not(topic))


def _said(error: KafkaException) -> str:
    said: Any = error.args[0]
    return _WHY.get(said.code(), f"Kafka says {said.name()}")


def _why_not(topic: Any) -> str:  # noqa: ANN401 - the types published for this client are older than the client
    if AclOperation.WRITE not in (topic.authorized_operations or ()):
        return _WHY[KafkaError.TOPIC_AUTHORIZATION_FAILED]
    if not all(partition.leader for partition in topic.partitions):
        return "a partition has no leader"
    few = any(_MAJORITY_OF <= len(p.replicas) >= 2 * len(p.isr) for p in topic.partitions)
    return "too few copies of a partition are in step" if few else ""
