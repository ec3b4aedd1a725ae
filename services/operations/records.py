"""Opening a reader that is nobody's consumer group."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from aiokafka.errors import KafkaError

from services.operations.errors import AwayError
from services.runtime.complaints import remedy
from services.runtime.kafka import Kafka

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
