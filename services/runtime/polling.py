"""How records are polled: each partition by itself, and no more of them than fit into memory.

aiokafka throws away what it drained from the others when one partition's records cannot be fetched or unpacked, and
their positions have moved on by then: those records would be lost.
"""

import asyncio
from operator import itemgetter

from aiokafka import AIOKafkaConsumer, ConsumerRecord, TopicPartition
from aiokafka.errors import ConsumerStoppedError

from contracts.admission import Message
from contracts.refusal import Refusal
from contracts.wording import expected
from services.runtime.engine.delivery import Record
from services.runtime.engine.owned import Batch
from services.runtime.engine.ownership import Ownership
from services.runtime.record_batches import HOLLOW, LARGEST_BATCH, MOST_RECORDS

IN_HAND = 10_000  # about so many records of all partitions together, and as many read ahead: what bounds the memory
FEWEST_RECORDS = 200  # a transaction of fewer would cost more than they do
LONGEST_WAIT_S = 0.1  # until a partition that brings nothing is looked at again

Polled = dict[TopicPartition, list[Batch]]
"""One batch at the most of each partition; in lists, because FastStream chains them."""

_value_of = itemgetter(1)


async def poll(
    consumer: AIOKafkaConsumer,
    ownership: Ownership,
    *,
    timeout_ms: int,  # noqa: ARG001 - aiokafka's keyword, which FastStream passes; it sleeps as long itself
    max_records: int,
) -> Polled:
    """Do for FastStream what ``getmany`` does; where there is nothing, wait until something comes or a turn begins.

    Who polls no partition, because all wait or none is ours, must be seen to poll all the same: aiokafka leaves the
    group of one that does not (after five minutes) and never joins again, and it stands still with an error that nobody
    asks for.
    """
    consumer._coordinator.check_errors()  # noqa: SLF001 - as ``getmany`` does
    with consumer._subscription.fetch_context():  # noqa: SLF001 - as above
        found = await _each_alone(consumer, ownership, max_records)
        if not found:
            await _news(consumer, ownership)
            found = await _each_alone(consumer, ownership, max_records)
        return found


async def _news(consumer: AIOKafkaConsumer, ownership: Ownership) -> None:
    arrival = consumer._fetcher._create_fetch_waiter()  # noqa: SLF001 - what ``getmany`` waits for; it would take what comes
    ownership.moved.clear()
    moved = asyncio.ensure_future(ownership.moved.wait())
    patience = min(LONGEST_WAIT_S, ownership.rests_until() - asyncio.get_running_loop().time())
    await asyncio.wait([arrival, moved], timeout=max(0.0, patience), return_when=asyncio.FIRST_COMPLETED)
    moved.cancel()
    if not arrival.cancel():
        arrival.result()  # raises what Kafka says of the whole subscription


async def _each_alone(consumer: AIOKafkaConsumer, ownership: Ownership, most: int) -> Polled:
    found: Polled = {}
    for tp in filter(ownership.may_be_polled, consumer.assignment()):
        share = max(FEWEST_RECORDS, min(most, IN_HAND // (1 + ownership.at_work())))
        try:
            polled = await AIOKafkaConsumer.getmany(consumer, tp, max_records=share)
        except ConsumerStoppedError:
            raise
        except Exception as error:  # noqa: BLE001 - whatever it is, it belongs to this partition alone
            ownership.unreadable(tp, error)
            continue
        owned = ownership.owned.get(tp)
        if owned is None or owned.waits_for:
            continue  # it was revoked, or failed, while we asked: what came is void
        if polled:
            found[tp] = [ownership.polled(tp, [_record(record) for record in polled[tp]])]
        else:
            ownership.idle(tp)
    return found


def _record(record: ConsumerRecord) -> Record:
    headers = record.headers
    # Kafka knows headers without a value. To look for one costs less than to copy all the others.
    if None in map(_value_of, headers):
        headers = [(name, value or b"") for name, value in headers]
    refusal = _too_large() if record.checksum == HOLLOW else None
    return Record(record.offset, Message(record.key, record.value, headers), refusal)


def _too_large() -> Refusal:
    reason = expected("batch-size", most=LARGEST_BATCH, records=MOST_RECORDS)
    return Refusal("too-large", "the whole batch", reason)
