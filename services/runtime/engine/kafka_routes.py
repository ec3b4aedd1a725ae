"""The port of routes on Kafka: what the broker says that this principal may write, the book, and the input again."""

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from typing import Any

from aiokafka import AIOKafkaConsumer
from confluent_kafka import IsolationLevel, KafkaError, KafkaException, TopicCollection, TopicPartition
from confluent_kafka.admin import AclOperation, OffsetSpec

from contracts.admission import Message
from contracts.topics import ROUTES
from services.runtime.engine.delivery import Partition, Record
from services.runtime.engine.routes import read_note
from services.runtime.kafka import Kafka
from services.runtime.reading import between

_PATIENCE = 10  # seconds for an answer of the broker
_BOOK = TopicPartition(ROUTES, 0)
_WHY = {
    KafkaError.UNKNOWN_TOPIC_OR_PART: "it is not there",
    KafkaError.TOPIC_AUTHORIZATION_FAILED: "its access rights do not let it be written",
}


class BookMissingError(Exception):
    """The topic of the book is not there."""


class KafkaRoutes:
    """Implements `Routes`."""

    def __init__(self, kafka: Kafka) -> None:
        """Prepare the clients; nothing is connected yet."""
        self._kafka = kafka
        self._admin = kafka.administration(_PATIENCE)

    async def unusable(self, topics: Sequence[str]) -> Mapping[str, str]:
        """Ask the broker which topics are there, have leaders and may be written.

        Raises:
            KafkaException: it does not answer.
        """
        return await asyncio.to_thread(self._unusable, topics)

    def _unusable(self, topics: Sequence[str]) -> dict[str, str]:
        asked = self._admin.describe_topics(
            TopicCollection(list(topics)), include_authorized_operations=True, request_timeout=_PATIENCE
        )
        return {topic: why for topic, answer in asked.items() if (why := _why_not(answer))}

    async def notes(self, partition: Partition) -> Mapping[str, int | None]:
        """Read the book to its very end: a transaction that is open now may hide what was noted behind it.

        Raises:
            BookMissingError: there is none.
            KafkaException, KafkaError, TimeoutError: Kafka does not answer.
        """
        end = await asyncio.to_thread(self._end_of_book)
        found: dict[str, int | None] = {}
        async with self._reader() as consumer, asyncio.timeout(3 * _PATIENCE):
            async for record in between(consumer, {(ROUTES, 0): 0}, {(ROUTES, 0): end}):
                note = read_note(record.value)
                if note.partition == str(partition):
                    found[note.route] = note.stopped
        return found

    def _end_of_book(self) -> int:
        asked = self._admin.list_offsets({_BOOK: OffsetSpec.latest()}, isolation_level=IsolationLevel.READ_UNCOMMITTED)
        try:
            return int(asked[_BOOK].result(_PATIENCE).offset)
        except KafkaException as error:
            said: Any = error.args[0]
            if said.code() in _WHY:
                raise BookMissingError(f"expected the topic {ROUTES}, {_WHY[said.code()]}: run 'hub apply'") from None
            raise

    async def read(self, partition: Partition, start: int, end: int) -> AsyncIterator[Record]:
        """Read committed records of the input.

        Raises:
            KafkaError: Kafka does not answer.
        """
        place = (partition.topic, partition.number)
        async with self._reader() as consumer:
            async for record in between(consumer, {place: start}, {place: end}):
                yield Record(record.offset, Message(record.key, record.value, record.headers))

    def _reader(self) -> AIOKafkaConsumer:
        return self._kafka.consumer(auto_offset_reset="earliest")


def _why_not(answer: Any) -> str:  # noqa: ANN401 - a future of the administration client
    """Say why a described topic cannot be written; nothing where it can."""
    try:
        topic = answer.result(_PATIENCE + 5)
    except KafkaException as error:
        said: Any = error.args[0]
        if said.code() not in _WHY:
            raise
        return _WHY[said.code()]
    if AclOperation.WRITE not in (topic.authorized_operations or ()):
        return _WHY[KafkaError.TOPIC_AUTHORIZATION_FAILED]
    return "" if all(partition.leader for partition in topic.partitions) else "a partition has no leader"
