"""Looking into topics as nobody's reader: nothing is committed, and every look has a connection of its own."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import aclosing, asynccontextmanager
from typing import Any, TypeAlias

from aiokafka import ConsumerRecord, TopicPartition
from aiokafka.errors import KafkaError

from services.gateway.inboxes import PartAwayError
from services.runtime.engine.outgoing import number_for
from services.runtime.kafka import Kafka
from services.runtime.reading import between

Looker: TypeAlias = Any
"""aiokafka's consumer, which ships no types."""

PATIENCE_S = 15.0
_ANSWER_MS = 5_000
_BEFORE_MS = 1_000  # the clocks of two brokers may differ by as much


@asynccontextmanager
async def looking(kafka: Kafka, group: str | None = None, patience: float = PATIENCE_S) -> AsyncIterator[Looker]:
    """Open a consumer; it joins no group, and asks for the offsets of ``group`` at the most.

    Args:
        kafka: where.
        group: whose offsets are to be asked for.
        patience: seconds for everything that is done with it.

    Raises:
        PartAwayError: Kafka does not answer, or not to this principal.
    """
    consumer = kafka.consumer(group=group, request_timeout_ms=_ANSWER_MS)
    try:
        async with asyncio.timeout(patience):
            await consumer.start()
            yield consumer
    except (KafkaError, OSError, TimeoutError) as error:
        raise PartAwayError(f"Kafka answered {type(error).__name__}") from None
    finally:
        await consumer.stop()


async def edges(consumer: Looker, place: TopicPartition) -> tuple[int, int]:
    """Return the first offset that is kept, and the one behind the last that may be read."""
    first = await consumer.beginning_offsets([place])
    end = await consumer.end_offsets([place])
    return first[place], end[place]


async def record_at(consumer: Looker, topic: str, partition: int, offset: int) -> ConsumerRecord | None:
    """Return one record; None where none lies there, or none any more."""
    place = TopicPartition(topic, partition)
    first, end = await edges(consumer, place)
    if not first <= offset < end:
        return None
    async with aclosing(between(consumer, {place: offset}, {place: offset + 1})) as records:  # type: ignore[type-var]
        async for record in records:
            return record
    return None


async def partition_of(consumer: Looker, topic: str, key: bytes) -> TopicPartition:
    """Return where a key lies in a topic."""
    await consumer.beginning_offsets([TopicPartition(topic, 0)])  # it knows a topic that it was asked about
    return TopicPartition(topic, number_for(key, len(consumer.partitions_for_topic(topic))))


async def since(consumer: Looker, place: TopicPartition, moment_ms: int, most: int) -> AsyncIterator[ConsumerRecord]:
    """Yield what was written since a moment of the broker's clock, ``most`` records at the most."""
    found = await consumer.offsets_for_times({place: max(0, moment_ms - _BEFORE_MS)})
    _, end = await edges(consumer, place)
    if found[place] is None:
        return
    number = 0
    async with aclosing(between(consumer, {place: found[place].offset}, {place: end})) as records:  # type: ignore[type-var]
        async for record in records:
            yield record
            number += 1
            if number == most:
                return
