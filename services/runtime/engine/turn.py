"""What a partition does when it has its turn: it works on a batch, or uses a moment in which none came."""

import asyncio

from aiokafka import AIOKafkaConsumer

from services.runtime.engine.mode import Mode
from services.runtime.engine.owned import Batch

IDLE_PAUSE = 3.0  # seconds between two looks at a partition in which nothing comes


async def process(batch: Batch, mode: Mode, _: AIOKafkaConsumer) -> None:
    """Work on the records; from here on the next batch may be read. What was done by a former owner is left out.

    Raises:
        Exception: whatever the mode raises. The position has not moved then.
    """
    owned, records = batch.owned, batch.records
    owned.ahead = None
    if records[0].offset < owned.position:
        records = [record for record in records if record.offset >= owned.position]
    if records:
        await mode.process(owned.delivery, owned.partition, owned.position, records)
        owned.position, owned.failures = records[-1].offset + 1, 0


async def idle(batch: Batch, mode: Mode, consumer: AIOKafkaConsumer) -> None:
    """Step over what is no record. Nothing is read meanwhile: a record would be stepped over with it.

    Raises:
        Exception: as `process`.
    """
    owned = batch.owned
    reached = max(owned.position, await consumer.position(owned.tp))
    more = await mode.idle(owned.delivery, owned.partition, owned.position, reached)
    owned.failures = owned.failures if reached == owned.position else 0
    owned.idle_again = 0.0 if more else asyncio.get_running_loop().time() + IDLE_PAUSE
    owned.position, owned.ahead = reached, None
