"""Stopping a producer: a fenced one still tries to flush, and must not hold up its successor."""

import asyncio

from aiokafka import AIOKafkaProducer

_PATIENCE = 3  # seconds
_stopping: set[asyncio.Task[None]] = set()


async def stop(producer: AIOKafkaProducer) -> None:
    """Stop a producer, for at most 3 s in sight.

    Neither the clock nor a cancellation cuts it short, or its connections would stay; it ends beside us.
    """
    task = asyncio.create_task(producer.stop())
    _stopping.add(task)
    task.add_done_callback(_stopped)
    await asyncio.wait([task], timeout=_PATIENCE)


def _stopped(task: asyncio.Task[None]) -> None:
    _stopping.discard(task)
    if not task.cancelled():
        task.exception()  # told to nobody: the partition is somebody else's by now
