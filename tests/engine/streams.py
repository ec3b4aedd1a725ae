"""Topics of their own for tests that run whole instances, filled and read as a partner would."""

import asyncio
import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field

from aiokafka import AIOKafkaProducer, ConsumerRecord, TopicPartition
from aiokafka.record.default_records import _DefaultRecordBatchBuilderPy
from confluent_kafka import TopicPartition as KafkaPlace
from confluent_kafka.admin import AdminClient, NewTopic

from services.runtime.kafka import Kafka


class _Name(str):
    """A header's name that encodes to other bytes than it shows."""

    __slots__ = ("raw",)

    def encode(self, *_: object) -> bytes:
        return self.raw


def batch_with_header_name(name: bytes, value: bytes) -> _DefaultRecordBatchBuilderPy:
    """Build a batch of three records; the middle one has a header of this name, and one without a value."""
    builder = _builder()
    odd = _Name("odd")
    odd.raw = name
    for number in range(3):
        headers = [(odd, b"1"), ("none", None)] if number == 1 else []
        builder.append(number, None, key=b"k", value=value + str(number).encode(), headers=headers)
    return builder


def compressed_batch(codec: int, size: int) -> _DefaultRecordBatchBuilderPy:
    """Build a batch of two records that shrink to next to nothing: ``size`` zeros, and one more byte."""
    builder = _builder(codec)
    for number, value in enumerate((bytes(size), b"1")):
        builder.append(number, None, key=b"k", value=value, headers=[])
    return builder


def _builder(codec: int = 0) -> _DefaultRecordBatchBuilderPy:
    return _DefaultRecordBatchBuilderPy(
        2, codec, is_transactional=0, producer_id=-1, producer_epoch=-1, base_sequence=0, batch_size=2**30
    )


@dataclass
class Streams:
    """An input, an output and a dead-letter topic with a group at offset 0, under names nobody else uses."""

    kafka: Kafka
    partitions: int = 3
    mark: str = field(default_factory=lambda: uuid.uuid4().hex[:8])

    def __post_init__(self) -> None:
        """Name them."""
        self.input, self.output, self.group = f"in.{self.mark}", f"out.{self.mark}", f"hub.test.{self.mark}"

    async def make(self, *, cursor: bool = True) -> "Streams":
        """Make the topics and, unless told otherwise, the group's first cursor."""
        await self.make_topic(self.input)
        await self.make_topic(self.output)
        if cursor:
            await self.set_cursor(0)
        return self

    async def make_topic(self, name: str) -> None:
        """Make one topic."""
        admin = AdminClient(self.kafka.admin_access())
        (made,) = admin.create_topics([NewTopic(name, self.partitions, 1)]).values()
        await asyncio.to_thread(made.result, 20)

    async def set_cursor(self, offset: int) -> None:
        """Commit an offset for the group, which must have no member."""
        places = self._places(self.input)
        async with self.kafka.consumer(group=self.group) as consumer:
            consumer.assign(places)
            await consumer.commit(dict.fromkeys(places, offset))

    async def expire(self, offset: int) -> None:
        """Let the broker take what lies below an offset of the input's first partition, as its retention would."""
        admin = AdminClient(self.kafka.admin_access())
        (gone,) = admin.delete_records([KafkaPlace(self.input, 0, offset)]).values()
        await asyncio.to_thread(gone.result, 20)

    async def put(self, messages: Sequence[tuple[bytes, bytes]]) -> None:
        """Write keyed values to the input, acknowledged by the broker."""
        async with self.kafka.producer() as producer:
            for future in [await producer.send(self.input, key=key, value=value) for key, value in messages]:
                await future

    async def put_batch(self, builder: _DefaultRecordBatchBuilderPy, records: int) -> None:
        """Write a batch that aiokafka would not make by itself."""
        async with AIOKafkaProducer(**self.kafka.access()) as producer:
            batch = producer.create_batch()
            batch._builder, batch._relative_offset = builder, records  # noqa: SLF001 - see above
            await (await producer.send_batch(batch, self.input, partition=0))

    async def read(self, topic: str, at_least: int, patience: int = 150) -> list[ConsumerRecord]:
        """Read a topic until it has shown a number of records, or patience (in fifths of a second) ends."""
        places, found, quiet = self._places(topic), [], 0
        async with self.kafka.consumer() as consumer:
            consumer.assign(places)
            for place in places:
                consumer.seek(place, 0)
            while quiet < patience and not (len(found) >= at_least and quiet > 3):
                batches = await consumer.getmany(timeout_ms=200)
                found += [record for batch in batches.values() for record in batch]
                quiet = 0 if batches else quiet + 1
        return found

    def _places(self, topic: str) -> list[TopicPartition]:
        return [TopicPartition(topic, number) for number in range(self.partitions)]
