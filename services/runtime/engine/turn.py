"""What a partition does when it has its turn: it works on a batch, or uses a moment in which none came."""

import asyncio
from contextlib import suppress

from aiokafka import AIOKafkaConsumer
from aiokafka.errors import KafkaError

from services.runtime.engine.mode import Mode
from services.runtime.engine.owned import Batch, Owned

IDLE_PAUSE = 3.0  # seconds between two looks at a partition in which nothing comes
ASK_PAUSE = 1.0  # seconds between two questions how far Kafka says that a partition came
ASK_PATIENCE = 3.0  # seconds; without an answer more is kept for longer, nothing else


async def process(batch: Batch, mode: Mode, consumer: AIOKafkaConsumer) -> None:
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
        await _ask(owned, consumer)


async def _ask(owned: Owned, consumer: AIOKafkaConsumer) -> None:
    """Learn now and then which offset Kafka itself gives: what lies below it need not be kept any more."""
    now = asyncio.get_running_loop().time()
    if now < owned.ask_again:
        return
    owned.ask_again = now + ASK_PAUSE
    with suppress(KafkaError, TimeoutError):
        told = await asyncio.wait_for(consumer.committed(owned.tp), ASK_PATIENCE)
        owned.delivery.told = max(owned.delivery.told, told or 0)


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
