import asyncio
from collections import defaultdict
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from contracts.admission import Message
from services.runtime.engine.delivery import Output, Partition
from services.runtime.engine.kafka_delivery import KafkaDelivery, number_for

ROOM = 3  # messages of a batch
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
    """Takes batches as Kafka would, each with the next offset of its partition."""

    def __init__(self) -> None:
        self.taken: dict[tuple[str, int], list[bytes]] = defaultdict(list)
        self.committed = -1

    async def partitions_for(self, topic: str) -> set[int]:
        return set(range(PARTITIONS[topic]))

    def create_batch(self) -> _Batch:
        return _Batch()

    async def begin_transaction(self) -> None:
        pass

    async def send_batch(self, batch: _Batch, topic: str, *, partition: int) -> "asyncio.Future[None]":
        self.taken[topic, partition] += batch.values
        done = asyncio.get_running_loop().create_future()
        done.set_result(None)
        return done

    async def send_offsets_to_transaction(self, offsets: dict[Any, int], _: str) -> None:
        (self.committed,) = offsets.values()

    async def commit_transaction(self) -> None:
        pass


@given(st.lists(st.lists(st.tuples(st.sampled_from([*PARTITIONS]), st.sampled_from(KEYS)), max_size=12), max_size=5))
def test_every_output_is_handed_over_once_and_in_order(portions: list[list[tuple[str, bytes]]]) -> None:
    """Promises 2 and 3: batches stay open from portion to portion, and none is forgotten at the end."""
    numbers, producer = iter(range(1_000)), _Producer()
    outputs = [[Output(topic, Message(key, b"%d" % next(numbers), [])) for topic, key in one] for one in portions]
    delivery = KafkaDelivery(Partition("group", "in", 0), None)  # type: ignore[arg-type] # it is given its producer
    delivery._producer = producer  # noqa: SLF001 - what `open` does

    async def publish() -> None:
        for offset in (7, 8):  # the second transaction begins with no batch of the first
            await delivery.begin()
            for portion in outputs:
                await delivery.send(portion)
            await delivery.commit(offset)

    asyncio.run(publish())
    expected = defaultdict(list)
    for topic, message in [output for _ in range(2) for portion in outputs for output in portion]:
        expected[topic, number_for(message.key, PARTITIONS[topic])].append(message.value)
    assert (producer.taken, producer.committed) == (expected, 8)
