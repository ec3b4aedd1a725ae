"""Who watches a run: when each message reaches the analysts, and whether Kafka's offsets ever run ahead."""

import asyncio
import time
from collections.abc import Iterable
from contextlib import suppress

import asyncpg
from aiokafka.errors import KafkaError
from confluent_kafka import Consumer, TopicPartition

from services.runtime.kafka import Kafka
from services.runtime.settings import Settings
from tests.faults.beside import Beside
from tests.faults.checker.reading import committed, progress
from tests.faults.database import connected
from tests.faults.sender import Ledger

_LOOK = 0.5


class Arrivals(Beside):
    """When the number of a message was first seen in ``hub.unified`` (seconds, the system's clock)."""

    def __init__(self, settings: Settings) -> None:
        """Prepare; nothing is connected yet."""
        self.at: dict[int, float] = {}
        access = Kafka(settings, "hub-admin").admin_access()
        self._settings = {**access, "group.id": "hub.faults.arrivals", "enable.auto.commit": False, "log_level": 0}
        super().__init__(self._watch)

    def _watch(self) -> None:
        consumer = Consumer({**self._settings, "isolation.level": "read_committed"})
        consumer.assign([TopicPartition("hub.unified", 0, 0)])
        while not self._end.is_set():
            message = consumer.poll(0.1)
            if message is not None and not message.error():
                name = dict(message.headers() or ()).get("ce_id", b"")
                assert isinstance(name, bytes)
                self.at.setdefault(int(name.rpartition(b"-")[2]), time.time())
        consumer.close()


class Ahead(Beside):
    """Looks again and again whether Kafka's committed offset lies beyond the effect in PostgreSQL (promise 4)."""

    def __init__(self, settings: Settings) -> None:
        """Prepare; nothing is connected yet."""
        self._found = list[str]()
        self._settings, self._access = settings, Kafka(settings, "hub-admin").access()
        super().__init__(lambda: asyncio.run(self._watch()))

    def taken(self) -> list[str]:
        """Return what was found since this was last asked."""
        found, self._found = self._found, []
        return found

    async def _watch(self) -> None:
        while not self._end.is_set():
            # What is looked at is being broken.
            with suppress(OSError, TimeoutError, asyncpg.PostgresError, KafkaError):
                await self._look()
            await asyncio.sleep(_LOOK)

    async def _look(self) -> None:
        async with asyncio.timeout(10):
            offsets = await committed(self._access)  # before: what is read later may only be further
        async with connected(self._settings, patience=5) as connection:
            effects = await progress(connection)
        for (group, topic, partition), offset in offsets.items():
            if group == "hub.events" and offset > effects.get((topic, partition), 0):
                self._found.append(f"Kafka's offset of {topic}/{partition} at {offset}, beyond its effect")


def recovery(ledger: Ledger, arrivals: Arrivals, moments: Iterable[float]) -> list[float]:
    """Return for each moment how long it took until all that came around it had arrived, in seconds.

    Around it: what was acknowledged from a second before to a second after, or the next one, where there is none.
    """
    told = sorted((one.at, number) for number, one in ledger.acknowledged.items() if number in arrivals.at)
    found = []
    for moment in moments:
        around = [number for at, number in told if moment - 1 <= at <= moment + 1]
        around = around or [number for at, number in told if at > moment][:1]
        if around:
            found.append(max(max(arrivals.at[number] for number in around) - moment, 0.0))
    return found
