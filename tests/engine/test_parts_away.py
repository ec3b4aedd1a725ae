"""Kafka or PostgreSQL goes away under a running service and comes back."""

import asyncio
from collections import Counter
from collections.abc import Iterator

import pytest

from contracts.topics import recorded
from deploy import parts
from deploy.readiness import kafka_answers, wait_until
from deploy.stack import Stack
from deploy.temporary import temporary
from services.events.catalogue import catalogue
from services.runtime import postgres
from services.runtime.engine.observation import observe
from services.runtime.engine.postgres_store import PostgresStore
from services.runtime.engine.stateful import Stateful
from services.runtime.kafka import Kafka
from services.runtime.timeouts import SESSION_TIMEOUT_MS
from tests.engine.facts import published, told
from tests.engine.instances import instance
from tests.engine.streams import Streams

pytestmark = pytest.mark.real
AWAY = SESSION_TIMEOUT_MS / 1000 + 5  # longer than the group waits for a silent member


@pytest.fixture
def own_stack() -> Iterator[Stack]:
    """A Kafka and a PostgreSQL that this test may stop."""
    with temporary(parts.FOUNDATION) as stack:
        yield stack


async def _put(streams: Streams, numbers: range) -> None:
    async with streams.kafka.producer() as producer:
        for number in numbers:
            message = published(str(number))
            await producer.send_and_wait(
                streams.input, key=message.key, value=message.value, headers=list(message.headers)
            )


@pytest.mark.parametrize("part", ["postgres", "kafka"])
async def test_a_part_that_is_away_costs_time_and_nothing_else(own_stack: Stack, part: str) -> None:
    """The partition waits visibly, makes no dead letter, and heals without hands: each fact is applied once."""
    settings = own_stack.site.settings()
    kafka, pool = Kafka(settings, "hub-admin"), await postgres.connect(settings)
    await postgres.apply_schema(pool)
    streams = await Streams(kafka, partitions=1).make()
    await streams.make_topic(recorded("events"))
    mode = Stateful("events", catalogue(), PostgresStore(pool, "events"), observe)
    async with instance(kafka, streams.group, [streams.input], mode) as ownership:
        await _put(streams, range(50))
        await streams.read(recorded("events"), 50)
        if part == "postgres":
            await asyncio.to_thread(own_stack.supervisor.halt, [part])
            await _put(streams, range(50, 80))
        else:
            await _put(streams, range(50, 80))
            await asyncio.to_thread(own_stack.supervisor.halt, [part])
        await asyncio.sleep(AWAY)
        waited = ownership.waiting()
        await asyncio.to_thread(own_stack.run, part)
        await asyncio.to_thread(wait_until, lambda: kafka_answers(settings), lambda: None, "kafka")
        records = await streams.read(recorded("events"), 80, patience=300)
    assert part == "kafka" or "world" in waited[f"{streams.input}/0"]
    assert Counter(told(record)[0] for record in records) == Counter(f"stadt:{number}" for number in range(80))
    await pool.close()
