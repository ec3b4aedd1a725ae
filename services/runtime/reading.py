"""Reading topics from a place up to their present end, as nobody's consumer group."""

from collections.abc import AsyncIterator, Callable, Mapping
from typing import Any

from aiokafka import AIOKafkaConsumer, ConsumerRecord, TopicPartition

from contracts.admission import Message
from services.runtime.engine.delivery import Record

Offsets = Mapping[tuple[str, int], int]
"""An offset by topic and partition."""


def _never(_: tuple[str, int]) -> bool:
    return False


async def between(
    consumer: AIOKafkaConsumer,
    starts: Offsets,
    ends: Offsets,
    *,
    enough: Callable[[tuple[str, int]], bool] = _never,
) -> AsyncIterator[ConsumerRecord]:
    """Yield the records of some partitions; order holds per partition.

    Markers of transactions take offsets too, so the end is reached when the position says so, not at a last record.

    Args:
        consumer: started; it belongs to no group.
        starts: the first offset of each partition.
        ends: the offset behind the last one, of at least the same partitions.
        enough: asked between two fetches: whether a partition need not be read on.
    """
    open_ = {TopicPartition(*place): ends[place] for place, start in starts.items() if start < ends[place]}
    consumer.assign(list(open_))
    for tp in open_:
        consumer.seek(tp, starts[tp])
    while open_ := {tp: end for tp, end in open_.items() if not enough(tp) and await consumer.position(tp) < end}:
        batches: dict[TopicPartition, list[Any]] = await consumer.getmany(*open_, timeout_ms=100)
        for tp, records in batches.items():
            for record in records:
                if record.offset < ends[tp]:
                    yield record


def record_of(record: ConsumerRecord) -> Record:
    """Turn what a consumer read into what the engine knows."""
    return Record(record.offset, Message(record.key, record.value, record.headers))
