"""Service instances in the test's own process: FastStream, the ownership and the engine as they run for real."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from services.runtime.broker import make_broker
from services.runtime.engine.kafka_delivery import Deliveries
from services.runtime.engine.mode import Mode
from services.runtime.engine.ownership import Ownership
from services.runtime.kafka import Kafka
from services.runtime.subscription import subscribe


@asynccontextmanager
async def instance(kafka: Kafka, group: str, topics: list[str], mode: Mode) -> AsyncIterator[Ownership]:
    """Run one instance of a service until the block ends."""
    ownership = Ownership(group, mode, Deliveries(kafka).of)
    broker = make_broker(kafka)
    subscribe(broker, group, topics, ownership, kafka.settings)
    await broker.start()
    try:
        yield ownership
    finally:
        await broker.stop()
        await ownership.close()
