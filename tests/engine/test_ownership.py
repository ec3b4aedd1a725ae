import asyncio
from collections import Counter, defaultdict
from collections.abc import Callable
from dataclasses import replace

import pytest
from aiokafka.record.default_records import DefaultRecordBatch

from contracts.dead_letter import read_dead_letter
from contracts.topics import DEAD_LETTERS
from services.runtime.engine.delivery import Output
from services.runtime.engine.observation import observe
from services.runtime.engine.stateless import Stateless
from services.runtime.kafka import CONSUMING, Kafka
from services.runtime.record_batches import LARGEST_BATCH
from tests.engine.instances import instance
from tests.engine.streams import Streams, batch_with_header_name, compressed_batch

pytestmark = pytest.mark.real


def _copying(streams: Streams) -> Stateless:
    return Stateless("test", lambda _, message: [Output(streams.output, message)], observe)


async def _until(holds: Callable[[], bool]) -> None:
    """Wait for something that happens in background tasks of the engine; the test's own limit ends it."""
    async with asyncio.timeout(30):
        while not holds():  # noqa: ASYNC110 - there is no event to wait for
            await asyncio.sleep(0.05)


@pytest.mark.parametrize("shards", [1, 3])
async def test_instances_that_come_and_go_lose_double_and_reorder_nothing(kafka: Kafka, shards: int) -> None:
    """Promises 2, 3 and 8: through rebalances while records flow, each record comes out once, in order per key."""
    kafka = replace(kafka, settings=kafka.settings.model_copy(update={"shards": shards}))
    streams = await Streams(kafka).make()
    sent = [(str(n % 40).encode(), str(n).encode()) for n in range(2_000)]

    async def feed() -> None:
        for start in range(0, len(sent), 100):
            await streams.put(sent[start : start + 100])

    feeding = asyncio.create_task(feed())
    async with instance(kafka, streams.group, [streams.input], _copying(streams)):
        for _ in range(3):
            async with instance(kafka, streams.group, [streams.input], _copying(streams)):
                await asyncio.sleep(0.6)
        await feeding
        records = await streams.read(streams.output, len(sent))
    assert Counter(record.value for record in records) == Counter(value for _, value in sent)
    by_key = defaultdict(list)
    for record in records:
        by_key[record.key].append(int(record.value))
    assert all(numbers == sorted(numbers) for numbers in by_key.values())


async def test_an_instance_that_stands_by_takes_over_however_long_it_stood(
    kafka: Kafka, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With one shard every second instance has nothing to poll: it must not drop out of the group meanwhile."""
    monkeypatch.setitem(CONSUMING, "max_poll_interval_ms", 1_000)
    streams = await Streams(kafka, partitions=2).make()
    async with instance(kafka, streams.group, [streams.input], _copying(streams)) as one:
        await _until(lambda: bool(one.owned) and not one.waiting())
        async with instance(kafka, streams.group, [streams.input], _copying(streams)) as two:
            await _until(lambda: two.consumer is not None and bool(one.owned) != bool(two.owned))
            await asyncio.sleep(8)  # two heartbeats and more: aiokafka looks then
            await (one if one.owned else two).consumer.stop()  # type: ignore[union-attr] # it was started
            await streams.put([(b"k", b"taken over")])
            assert [record.value for record in await streams.read(streams.output, 1, patience=60)] == [b"taken over"]


async def test_a_lost_cursor_is_an_error_and_never_a_guess(kafka: Kafka) -> None:
    """A group without a committed offset reads nothing, says what it waits for, and goes on once the cursor is set."""
    streams = await Streams(kafka).make(cursor=False)
    await streams.put([(b"k", b"kept")])
    async with instance(kafka, streams.group, [streams.input], _copying(streams)) as ownership:
        await _until(lambda: sum("found none" in why for why in ownership.waiting().values()) == streams.partitions)
        assert await streams.read(streams.output, 1, patience=5) == []
        assert all("hub apply" in reason for reason in ownership.waiting().values())
    await streams.set_cursor(0)
    async with instance(kafka, streams.group, [streams.input], _copying(streams)):
        assert [record.value for record in await streams.read(streams.output, 1)] == [b"kept"]


async def test_undecodable_headers_stop_nobody(kafka: Kafka) -> None:
    """A header that is no UTF-8 and a reply_to reach the rule as bytes: FastStream neither drops nor obeys them."""
    streams = await Streams(kafka, partitions=1).make()
    async with kafka.producer() as producer:
        await producer.send_and_wait(streams.input, value=b"1", headers=[("x", b"\xff"), ("reply_to", b"hub.events")])
        await producer.send_and_wait(streams.input, value=b"2")
    async with instance(kafka, streams.group, [streams.input], _copying(streams)):
        records = await streams.read(streams.output, 2)
    assert [record.value for record in records] == [b"1", b"2"]
    assert DEAD_LETTERS not in {record.topic for record in records}


async def test_a_header_name_that_is_no_utf8_stops_nobody(kafka: Kafka) -> None:
    """Promise 5: a record whose header name cannot be decoded is taken like any other, and so are its neighbours."""
    streams = await Streams(kafka, partitions=1).make()
    await streams.put([(b"k", b"before")])
    await streams.put_batch(batch_with_header_name(b"n\xf6te", b"odd"), 3)
    await streams.put([(b"k", b"after")])
    async with instance(kafka, streams.group, [streams.input], _copying(streams)):
        records = await streams.read(streams.output, 5)
    assert [record.value for record in records] == [b"before", b"odd0", b"odd1", b"odd2", b"after"]
    assert dict(records[2].headers) == {"n\ufffdte": b"1", "none": b""}


async def test_a_quiet_partition_survives_its_retention(kafka: Kafka) -> None:
    """Where retention takes all records and the marker behind them, the reader goes on: it had stepped over both."""
    streams = await Streams(kafka, partitions=1).make()
    async with kafka.producer(f"writer.{streams.mark}") as producer, producer.transaction():
        await producer.send_and_wait(streams.input, value=b"old")
    async with instance(kafka, streams.group, [streams.input], _copying(streams)) as ownership:
        await streams.read(streams.output, 1)
        await _until(lambda: [owned.position for owned in ownership.owned.values()] == [2])
    await streams.expire(2)
    async with instance(kafka, streams.group, [streams.input], _copying(streams)):
        await streams.put([(b"k", b"new")])
        assert [record.value for record in await streams.read(streams.output, 2)] == [b"old", b"new"]


async def test_a_batch_that_would_fill_the_memory_stops_nobody(kafka: Kafka) -> None:
    """Promise 5: a batch that holds far more than it looks is not unpacked; it becomes one dead letter."""
    streams = await Streams(kafka, partitions=1).make()
    if DEAD_LETTERS not in await kafka.topics():
        await streams.make_topic(DEAD_LETTERS)
    await streams.put([(b"k", b"before")])
    await streams.put_batch(compressed_batch(DefaultRecordBatch.CODEC_ZSTD, LARGEST_BATCH), 2)
    await streams.put([(b"k", b"after")])
    async with instance(kafka, streams.group, [streams.input], _copying(streams)):
        records = await streams.read(streams.output, 2)
    letters = [read_dead_letter(r.value, r.headers) for r in await streams.read(DEAD_LETTERS, 1)]
    assert [record.value for record in records] == [b"before", b"after"]
    ours = [letter for letter in letters if letter.topic == streams.input]
    assert [(letter.offset, letter.refusal.rule) for letter in ours] == [(2, "too-large")]
