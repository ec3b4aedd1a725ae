import asyncio
from collections import defaultdict
from collections.abc import Callable, Iterator
from types import SimpleNamespace

import pytest
from aiokafka import TopicPartition
from aiokafka.errors import KafkaConnectionError, NotEnoughReplicasError
from hypothesis import given
from hypothesis import strategies as st

from contracts.admission import Message
from services.runtime.engine.delivery import FencedError, Output, Partition, publish
from services.runtime.engine.kafka_delivery import Deliveries, KafkaDelivery
from services.runtime.engine.outgoing import number_for

ROOM = 3  # messages of a batch
SHARDS = 3
PARTITIONS = {"one": 1, "four": 4}
KEYS = [b"a", b"b", b"c", b"d", b"e"]


class _Batch:
    def __init__(self) -> None:
        self.values: list[bytes] = []

    def append(self, *, value: bytes, **_: object) -> object:
        if len(self.values) == ROOM:
            return None
        self.values.append(value)
        return object()


class _Producer:
    """Takes batches as Kafka would, and shows them when their transaction ends."""

    def __init__(self) -> None:
        self.taken: dict[tuple[str, int], list[bytes]] = defaultdict(list)
        self.offsets: dict[TopicPartition, int] = {}
        self.ends, self.aborts, self.stopped = 0, 0, False
        self.refused = ""  # a topic that takes nothing
        self.open: list[tuple[tuple[str, int], list[bytes]]] = []
        self.added: dict[TopicPartition, int] = {}

    async def start(self) -> None:
        await asyncio.sleep(0)

    async def stop(self) -> None:
        self.stopped = True

    async def partitions_for(self, topic: str) -> set[int]:
        return set(range(PARTITIONS[topic]))

    def create_batch(self) -> _Batch:
        return _Batch()

    async def begin_transaction(self) -> None:
        await asyncio.sleep(0)
        assert not self.open, "one transaction at a time"
        assert not self.added

    async def send_batch(self, batch: _Batch, topic: str, *, partition: int) -> "asyncio.Future[None]":
        await asyncio.sleep(0)  # as aiokafka does where there is no room: others go on meanwhile
        done = asyncio.get_running_loop().create_future()
        if topic == self.refused:
            done.set_exception(NotEnoughReplicasError())
        else:
            self.open.append(((topic, partition), batch.values))
            done.set_result(None)
        return done

    async def send_offsets_to_transaction(self, offsets: dict[TopicPartition, int], _: str) -> None:
        self.added = offsets

    async def commit_transaction(self) -> None:
        await asyncio.sleep(0)
        for target, values in self.open:
            self.taken[target] += values
        self.offsets |= self.added
        self.ends += 1
        self.open, self.added = [], {}

    async def abort_transaction(self) -> None:
        self.aborts += 1
        self.open, self.added = [], {}


class _Kafka:
    """Makes producers and remembers them."""

    def __init__(self, prepare: Callable[[_Producer], None] = lambda _: None) -> None:
        self.made: list[tuple[str, _Producer]] = []
        self.settings = SimpleNamespace(shards=SHARDS)
        self.prepare = prepare

    def producer(self, transactional_id: str) -> _Producer:
        self.made.append((transactional_id, producer := _Producer()))
        self.prepare(producer)
        return producer


def _outputs(portions: list[list[tuple[str, bytes]]], numbers: Iterator[int]) -> list[list[Output]]:
    return [[Output(topic, Message(key, b"%d" % next(numbers), [])) for topic, key in one] for one in portions]


def _same_shard(number: int) -> list[Partition]:
    return [Partition("group", "in", SHARDS * place) for place in range(number)]


async def _opened(kafka: _Kafka, number: int) -> list[KafkaDelivery]:
    deliveries = Deliveries(kafka)  # type: ignore[arg-type] # what it asks of Kafka
    opened = [deliveries.of(partition) for partition in _same_shard(number)]
    await asyncio.gather(*(delivery.open() for delivery in opened))
    return opened


_one = st.tuples(st.sampled_from([*PARTITIONS]), st.sampled_from(KEYS))
_portions = st.lists(st.lists(_one, max_size=12), max_size=5)


@given(st.lists(_portions, min_size=1, max_size=4))
def test_every_output_is_handed_over_once_and_in_order(each: list[list[list[tuple[str, bytes]]]]) -> None:
    """Promises 2 and 3: whatever partitions bring at one time, all of it is written, each one's own in its order."""
    kafka, numbers = _Kafka(), iter(range(10_000))
    rounds = [[_outputs(portions, numbers) for portions in each] for _ in range(2)]

    async def all_publish() -> None:
        opened = await _opened(kafka, len(each))
        for offset, brought in zip((7, 8), rounds, strict=True):  # the second begins with no batch of the first
            await asyncio.gather(*(publish(d, o, offset) for d, o in zip(opened, brought, strict=True)))

    asyncio.run(all_publish())
    ((name, producer),) = kafka.made
    assert name.startswith("group.shard-")
    for place in range(len(each)):
        expected = defaultdict(list)
        for topic, message, _ in [output for one in rounds for portion in one[place] for output in portion]:
            expected[topic, number_for(message.key, PARTITIONS[topic])].append(message.value)
        own = {value for values in expected.values() for value in values}
        taken = {target: [v for v in values if v in own] for target, values in producer.taken.items()}
        assert {target: values for target, values in taken.items() if values} == expected
    assert sum(map(len, producer.taken.values())) == sum(len(p) for one in rounds for o in one for p in o)
    assert producer.offsets == {TopicPartition("in", SHARDS * place): 8 for place in range(len(each))}


async def test_what_comes_together_is_one_transaction() -> None:
    """A hundred partners that send now and then cost Kafka one transaction, and not a hundred."""
    kafka = _Kafka()
    opened = await _opened(kafka, 5)
    await asyncio.gather(*(publish(delivery, [[Output("one", Message(b"a", b"1", []))]], 1) for delivery in opened))
    ((_, producer),) = kafka.made
    assert (producer.ends, len(producer.taken["one", 0])) == (1, 5)


async def test_who_comes_while_it_ends_takes_the_next_one() -> None:
    """A partition that finds a transaction ending waits for the next; nothing is put into one that has ended."""
    kafka = _Kafka()
    first, second = await _opened(kafka, 2)
    await first.begin()
    ending = asyncio.create_task(first.commit(1))
    await asyncio.sleep(0)
    await publish(second, [[Output("one", Message(b"a", b"2", []))]], 1)
    await ending
    assert kafka.made[0][1].ends == 2


async def test_what_one_cannot_end_nobody_ends() -> None:
    """Promise 4: when one target refuses, no partition's offset moves; all of them hear it, and who is suspected."""
    kafka = _Kafka(lambda producer: setattr(producer, "refused", "four"))
    opened = await _opened(kafka, 2)
    outputs = [[Output("one", Message(b"a", b"1", []))], [Output("four", Message(b"a", b"2", []))]]
    told = await asyncio.gather(
        *(publish(d, [o], 1) for d, o in zip(opened, outputs, strict=True)), return_exceptions=True
    )
    assert [getattr(each, "suspects", None) for each in told] == [{"four"}, {"four"}]
    assert (kafka.made[0][1].offsets, kafka.made[0][1].aborts) == ({}, 1)


async def test_after_a_failure_one_new_producer_serves_all() -> None:
    """Promise 8: whoever took part must enter again; the first of them brings a new producer, the others use it."""
    kafka = _Kafka()
    first, second = await _opened(kafka, 2)
    await first.begin()
    await second.begin()
    await first.abort()
    with pytest.raises(FencedError, match="in/0 could not go on"):
        await second.commit(1)
    with pytest.raises(FencedError, match="closed"):
        await second.begin()
    for delivery in (first, second):
        await delivery.close()
        await delivery.open()
    await asyncio.gather(publish(first, (), 1), publish(second, (), 1))
    assert [(producer.stopped, producer.ends) for _, producer in kafka.made] == [(True, 0), (False, 2)]
    await first.close()
    assert not kafka.made[1][1].stopped, "the other one needs it"
    await second.close()
    assert kafka.made[1][1].stopped


async def test_who_took_no_part_in_a_failure_enters_anew_too() -> None:
    """Promise 8: a new producer makes good again what an idle partition knows from before; it must ask afresh first."""
    kafka = _Kafka()
    first, idle = await _opened(kafka, 2)
    await first.begin()
    await first.abort()
    await first.close()
    await first.open()
    with pytest.raises(FencedError, match="closed"):
        await idle.begin()
    await idle.close()
    await idle.open()
    await publish(idle, (), 1)
    assert len(kafka.made) == 2, "the neighbour's producer stays"


async def test_what_was_committed_is_known_as_long_as_the_producer_lives() -> None:
    """Promise 2: whoever enters again under the same producer goes on behind what it committed, whatever Kafka says."""
    kafka = _Kafka()
    first, second = await _opened(kafka, 2)
    assert first.last_commit == -1
    await publish(first, (), 7)
    await first.close()
    await first.open()
    assert (first.last_commit, second.last_commit, len(kafka.made)) == (7, -1, 1)
    await first.begin()
    await first.abort()
    await first.close()
    await first.open()
    assert (first.last_commit, len(kafka.made)) == (-1, 2)


async def test_whose_transaction_failed_writes_alone_until_one_ends_well() -> None:
    """One whose target refuses takes its neighbours along once, not each time that it tries again."""
    kafka = _Kafka(lambda producer: setattr(producer, "refused", "four"))
    good, bad, other = await _opened(kafka, 3)
    refused, taken = [[Output("four", Message(b"a", b"2", []))]], [[Output("one", Message(b"a", b"1", []))]]
    told = await asyncio.gather(publish(good, taken, 1), publish(bad, refused, 1), return_exceptions=True)
    assert [type(each) for each in told] == [FencedError, FencedError]
    for delivery in (good, bad, other):
        await delivery.close()
        await delivery.open()
    again = (publish(good, taken, 1), publish(other, taken, 1), publish(bad, refused, 1))
    told = await asyncio.gather(*again, return_exceptions=True)
    assert [type(each) for each in told] == [type(None), type(None), FencedError]
    assert kafka.made[1][1].ends == 2
    for delivery in (good, other):
        await delivery.close()
        await delivery.open()
    await asyncio.gather(publish(good, taken, 2), publish(other, taken, 2))
    assert kafka.made[2][1].ends == 1, "who ended well once is in company again"


async def test_one_that_waits_for_its_place_stops_nobody() -> None:
    """A partition whose sequence runs again and again leaves and enters; its neighbours' producer stays."""
    kafka = _Kafka()
    first, second = await _opened(kafka, 2)
    await first.begin()
    await second.close()
    await second.open()
    await first.commit(1)
    assert [producer.ends for _, producer in kafka.made] == [1]


async def test_who_is_cancelled_while_others_work_ends_the_transaction() -> None:
    """A partition that is given up in the middle takes its neighbours along: nobody waits for it, all begin anew."""
    kafka = _Kafka()
    first, second = await _opened(kafka, 2)
    await second.begin()
    publishing = asyncio.create_task(publish(first, (), 1))
    await asyncio.sleep(0.01)
    publishing.cancel()
    with pytest.raises(asyncio.CancelledError):
        await publishing
    with pytest.raises(FencedError):
        await second.commit(1)
    assert kafka.made[0][1].offsets == {}


async def test_who_waits_for_the_next_one_hears_that_this_one_failed() -> None:
    """A producer whose transaction failed begins no other: its fate is unknown."""
    kafka = _Kafka(lambda producer: setattr(producer, "refused", "one"))
    first, second = await _opened(kafka, 2)
    told = await asyncio.gather(
        publish(first, [[Output("one", Message(b"a", b"1", []))]], 1), _after(first, second), return_exceptions=True
    )
    assert [type(each) for each in told] == [FencedError, FencedError]
    assert kafka.made[0][1].offsets == {}


async def _after(first: KafkaDelivery, second: KafkaDelivery) -> None:
    """Publish as soon as the other one's transaction takes nobody in any more."""
    while first.shard._transaction is None or first.shard._transaction.may_be_joined:  # noqa: SLF001, ASYNC110 - to come at that moment
        await asyncio.sleep(0)
    await publish(second, (), 1)


async def test_who_is_cancelled_before_it_begins_harms_nobody() -> None:
    """While one transaction ends, others wait for the next; when one of them goes, that costs nobody anything."""
    kafka = _Kafka()
    first, second, third = await _opened(kafka, 3)
    held, commit = asyncio.Event(), kafka.made[0][1].commit_transaction

    async def slow() -> None:
        await held.wait()
        await commit()

    kafka.made[0][1].commit_transaction = slow  # type: ignore[method-assign]
    ending = asyncio.create_task(publish(first, (), 1))
    await asyncio.sleep(0.01)
    waiting = [asyncio.create_task(publish(delivery, (), 1)) for delivery in (second, third)]
    await asyncio.sleep(0.01)
    waiting[0].cancel()
    await asyncio.sleep(0.01)
    await second.close()
    assert not kafka.made[0][1].stopped
    held.set()
    await asyncio.gather(ending, waiting[1])
    assert kafka.made[0][1].offsets == {TopicPartition("in", 0): 1, TopicPartition("in", 2 * SHARDS): 1}


@pytest.mark.parametrize("moment", range(4))
async def test_a_transaction_that_nobody_wants_any_more_holds_up_nobody(moment: int) -> None:
    """Who was to write alone went away before it began, or just then: whoever comes next goes on, or begins anew."""
    kafka = _Kafka()
    first, alone, third = await _opened(kafka, 3)
    await alone.begin()
    await alone.abort()
    for delivery in (first, alone, third):
        await delivery.close()
        await delivery.open()
    held, commit = asyncio.Event(), kafka.made[1][1].commit_transaction

    async def slow() -> None:
        await held.wait()
        await commit()

    kafka.made[1][1].commit_transaction = slow  # type: ignore[method-assign]
    ending = asyncio.create_task(publish(first, (), 1))
    await asyncio.sleep(0.01)
    waiting = asyncio.create_task(publish(alone, (), 1))
    await asyncio.sleep(0.01)
    held.set()
    for _ in range(moment):
        await asyncio.sleep(0)
    waiting.cancel()
    await asyncio.gather(ending, waiting, return_exceptions=True)
    try:
        await asyncio.wait_for(publish(third, (), 2), 1)
    except FencedError:
        assert moment, "before it begins, nobody has to begin anew"
        await third.close()
        await third.open()
        await asyncio.wait_for(publish(third, (), 2), 1)
    assert kafka.made[-1][1].offsets[TopicPartition("in", 2 * SHARDS)] == 2


async def test_a_transaction_that_cannot_begin_fences() -> None:
    """Nothing goes on with a producer in an unknown state."""
    kafka = _Kafka()
    first, second = await _opened(kafka, 2)

    async def away() -> None:
        raise KafkaConnectionError

    kafka.made[0][1].begin_transaction = away  # type: ignore[method-assign]
    for delivery in (first, second):
        with pytest.raises(FencedError):
            await delivery.begin()
