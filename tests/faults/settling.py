"""When all is done: every reader came to the end of what it reads."""

import asyncio
import re
import time

import httpx
from aiokafka import TopicPartition

from services.runtime.kafka import Kafka
from tests.faults.checker.reading import committed

_WITHIN = 180.0
_LOOK = 0.3
_STOPPED = re.compile(r"^hub_route_stopped\{.*\} 1\.0$", re.MULTILINE)


async def settle(kafka: Kafka, metrics: str) -> list[str]:
    """Wait until every reader came to the end and dispatch serves every route.

    Args:
        kafka: as who may see all groups.
        metrics: the address of dispatch's metrics.

    Returns:
        What had not come to rest within three minutes.
    """
    until = time.monotonic() + _WITHIN
    while left := await _behind(kafka) or await _stopped(metrics):
        if time.monotonic() > until:
            return left
        await asyncio.sleep(_LOOK)
    return []


async def _stopped(metrics: str) -> list[str]:
    async with httpx.AsyncClient(timeout=5) as client:
        try:
            told = (await client.get(metrics)).text
        except httpx.HTTPError as error:
            return [f"dispatch does not tell its metrics: {type(error).__name__}"]
    return _STOPPED.findall(told)


async def _behind(kafka: Kafka) -> list[str]:
    offsets = await committed(kafka.access())
    async with kafka.consumer() as consumer:
        ends = await consumer.end_offsets([TopicPartition(topic, partition) for _, topic, partition in offsets])
    return [
        f"{group} stands still in {topic}/{partition}"
        for (group, topic, partition), offset in offsets.items()
        if offset < ends[TopicPartition(topic, partition)]
    ]
