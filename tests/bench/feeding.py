"""Messages into topics, before the clock runs or at a pace."""

import asyncio
from collections.abc import Iterable

from contracts.admission import Message
from services.runtime.kafka import Kafka


async def _feed(kafka: Kafka, topic: str, messages: Iterable[Message]) -> int:
    number = 0
    async with kafka.producer() as producer:
        for message in messages:
            await producer.send(topic, key=message.key, value=message.value, headers=list(message.headers))
            number += 1
        await producer.flush()
    return number


def feed(kafka: Kafka, topic: str, messages: Iterable[Message]) -> int:
    """Write messages as fast as that goes; return how many there were."""
    return asyncio.run(_feed(kafka, topic, messages))
