"""Reading topics from a place up to their present end, as nobody's consumer group."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

from aiokafka import AIOKafkaConsumer, ConsumerRecord, TopicPartition
from aiokafka.errors import KafkaError

from services.operations.errors import AwayError
from services.operations.offsets import Offsets
from services.runtime.kafka import Kafka


@asynccontextmanager
async def reader(kafka: Kafka) -> AsyncIterator[AIOKafkaConsumer]:
    """Open a consumer that commits nothing; it sees committed records only.

    Raises:
        AwayError: Kafka does not answer, or not to this principal.
    """
    consumer = kafka.consumer(request_timeout_ms=5_000)
    try:
        await consumer.start()
        yield consumer
    except (KafkaError, OSError) as error:
        where = f"Kafka at {kafka.settings.kafka} as {kafka.principal}"
        raise AwayError(f"expected an answer of {where}, came {type(error).__name__}: see that it runs") from None
    finally:
        await consumer.stop()


def _never(_: tuple[str, int]) -> bool:
    return False


async def between(
    consumer: AIOKafkaConsumer,
    starts: Offsets,
    ends: Offsets,
    *,
    enough: Callable[[tuple[str, int]], bool] = _never,
) -> AsyncIterator[ConsumerRecord]:
    """Yield the records of some partitions; order holds per partition.

    Markers of transactions take offsets too, so the end is reached when the position says so, not at a last record.

    Args:
        consumer: as `reader` opened it.
        starts: the first offset of each partition.
        ends: the offset behind the last one, of at least the same partitions.
        enough: asked between two fetches: whether a partition need not be read on.
    """
    open_ = {TopicPartition(*place): ends[place] for place, start in starts.items() if start < ends[place]}
    consumer.assign(list(open_))
    for tp in open_:
        consumer.seek(tp, starts[tp])
    while open_ := {tp: end for tp, end in open_.items() if not enough(tp) and await consumer.position(tp) < end}:
        batches: dict[TopicPartition, list[Any]] = await consumer.getmany(*open_, timeout_ms=100)
        for tp, records in batches.items():
            for record in records:
                if record.offset < ends[tp]:
                    yield record
