"""Reading as nobody's consumer group."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from aiokafka import ConsumerRecord
from aiokafka.errors import KafkaError

from services.operations import offsets
from services.operations.acting import OPERATOR
from services.operations.cluster import Cluster
from services.operations.errors import AwayError
from services.runtime.complaints import remedy
from services.runtime.kafka import Kafka
from services.runtime.reading import between
from services.runtime.settings import Settings

if TYPE_CHECKING:
    from aiokafka import AIOKafkaConsumer


@asynccontextmanager
async def reader(kafka: Kafka) -> "AsyncIterator[AIOKafkaConsumer]":
    """Open a consumer that commits nothing; it sees committed records only.

    Raises:
        AwayError: Kafka does not answer, or not to this principal.
    """
    consumer = kafka.consumer(request_timeout_ms=5_000)
    try:
        await consumer.start()
        yield consumer
    except (KafkaError, OSError) as error:
        what = remedy(error) if isinstance(error, KafkaError) else "see that it runs"
        where = f"Kafka at {kafka.settings.kafka} as {kafka.principal}"
        raise AwayError(f"expected an answer of {where}, came {type(error).__name__}: {what}") from None
    finally:
        await consumer.stop()


async def whole(settings: Settings, topic: str) -> AsyncIterator[ConsumerRecord]:
    """Yield all that a topic holds now.

    Raises:
        AwayError: Kafka does not answer.
    """
    kafka = Kafka(settings, OPERATOR)
    cluster = Cluster(kafka)
    starts = await asyncio.to_thread(offsets.starts, cluster, [topic])
    ends = await asyncio.to_thread(offsets.ends, cluster, starts)
    async with reader(kafka) as consumer:
        async for record in between(consumer, starts, ends):
            yield record
