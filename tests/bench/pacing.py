"""Messages at an even pace and the time until each is seen again: by one process, on one clock."""

import asyncio
import time
from collections.abc import Mapping, Sequence
from itertools import chain

from aiokafka import AIOKafkaConsumer, TopicPartition

from contracts.admission import Message
from services.runtime.kafka import Kafka

AT_ONCE_S = 0.01
PATIENCE_S = 30.0


async def latencies(
    kafka: Kafka, messages: Sequence[tuple[str, Message]], targets: Sequence[tuple[str, int]], pace: int, each: int
) -> list[float]:
    """Send messages to their topics at ``pace`` a second; return the seconds from each one's sending to its last copy.

    Args:
        kafka: the cluster.
        messages: topic and message; keys must differ.
        targets: the partitions where the copies come; committed records are read.
        pace: messages a second.
        each: how many copies of each come.

    Returns:
        In the order of sending.

    Raises:
        TimeoutError: half a minute after the last was sent, copies are missing.
    """
    sent: dict[bytes, float] = {}
    arrived: dict[bytes, list[float]] = {message.key or b"": [] for _, message in messages}
    async with kafka.consumer(auto_offset_reset="latest") as consumer:
        consumer.assign([TopicPartition(*place) for place in targets])
        await consumer.seek_to_end()
        reading = asyncio.create_task(_read(consumer, arrived, each * len(arrived)))
        await _send(kafka, messages, pace, sent)
        async with asyncio.timeout(PATIENCE_S):
            await reading
    return [max(copies) - sent[key] for key, copies in arrived.items()]


async def _send(kafka: Kafka, messages: Sequence[tuple[str, Message]], pace: int, sent: dict[bytes, float]) -> None:
    async with kafka.producer() as producer:
        begin = time.monotonic()
        for number, (topic, message) in enumerate(messages):
            ahead = begin + number / pace - time.monotonic()
            if ahead > 0:
                await asyncio.sleep(max(ahead, AT_ONCE_S))
            sent[message.key or b""] = time.monotonic()
            await producer.send(topic, key=message.key, value=message.value, headers=list(message.headers))


async def _read(consumer: AIOKafkaConsumer, arrived: Mapping[bytes, list[float]], copies: int) -> None:
    while sum(map(len, arrived.values())) < copies:
        batches = await consumer.getmany(timeout_ms=1_000)
        now = time.monotonic()
        for record in chain.from_iterable(batches.values()):
            if record.key in arrived:
                arrived[record.key].append(now)
