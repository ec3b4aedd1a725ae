"""When all is done: every reader came to the end of what it reads."""

import asyncio
import time

from aiokafka import TopicPartition

from services.runtime.kafka import Kafka
from tests.faults.checker.reading import committed

_WITHIN = 180.0
_LOOK = 0.3


async def settle(kafka: Kafka) -> list[str]:
    """Wait until every reader came to the end; return who did not within three minutes."""
    until = time.monotonic() + _WITHIN
    while behind := await _behind(kafka):
        if time.monotonic() > until:
            return [f"{group} stands still in {topic}/{partition}" for group, topic, partition in behind]
        await asyncio.sleep(_LOOK)
    return []


async def _behind(kafka: Kafka) -> list[tuple[str, str, int]]:
    offsets = await committed(kafka.access())
    async with kafka.consumer() as consumer:
        ends = await consumer.end_offsets([TopicPartition(topic, partition) for _, topic, partition in offsets])
    return [key for key, offset in offsets.items() if offset < ends[TopicPartition(key[1], key[2])]]
