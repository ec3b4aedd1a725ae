"""The stage on real parts: topics and a service name of its own for each case, read back as a partner would."""

import asyncio
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from aiokafka import TopicPartition
from confluent_kafka.admin import AdminClient, NewTopic

from contracts.admission import Message
from contracts.backfill import Backfill
from contracts.topics import BACKFILLS, DEAD_LETTERS, REJECTIONS, ROUTES, recorded
from services.runtime.engine.delivery import Delivery, Output, Partition
from services.runtime.engine.kafka_delivery import Deliveries, KafkaDelivery
from services.runtime.engine.kafka_routes import KafkaRoutes
from services.runtime.engine.postgres_store import PostgresStore
from services.runtime.engine.routes import Target
from services.runtime.kafka import Kafka
from services.runtime.postgres import Pool


class Renamed:
    """A delivery that writes to this case's own topics, so that cases share one broker without meeting."""

    def __init__(self, inner: KafkaDelivery, suffix: str) -> None:
        """Add the suffix to every topic."""
        self._inner, self._suffix, self.told = inner, suffix, 0
        self.begin, self.commit, self.abort, self.close = inner.begin, inner.commit, inner.abort, inner.close

    async def send(self, outputs: list[Output]) -> None:
        """Send under the other names; entries of the book name their case already."""
        own = [each.topic + self._suffix if each.topic != ROUTES else ROUTES for each in outputs]
        await self._inner.send([Output(topic, each.message) for topic, each in zip(own, outputs, strict=True)])


class RenamedRoutes(KafkaRoutes):
    """The same for routes."""

    def __init__(self, kafka: Kafka, suffix: str) -> None:
        """Add the suffix to every topic."""
        super().__init__(kafka)
        self._suffix = suffix

    async def look(self, topics: Sequence[str]) -> Mapping[str, Target]:
        """Ask under the other names."""
        answers = await super().look([topic + self._suffix for topic in topics])
        return {topic.removesuffix(self._suffix): target for topic, target in answers.items()}


@dataclass
class RealRig:
    """Real Kafka, real PostgreSQL."""

    kafka: Kafka
    pool: Pool
    suffix: str = field(default_factory=lambda: "." + uuid.uuid4().hex[:8])
    owners: list[KafkaDelivery] = field(default_factory=list)

    def __post_init__(self) -> None:
        """Name the input after the case."""
        self.partition = Partition("hub.test", "hub.events.submitted" + self.suffix, 0)
        self.store = PostgresStore(self.pool, "test" + self.suffix)
        self.ground = RenamedRoutes(self.kafka, self.suffix)
        self._admin = AdminClient(self.kafka.admin_access())

    def make_topics(self) -> None:
        """Make the input and the outputs of this case."""
        outputs = (recorded("events"), recorded("enrolments"), DEAD_LETTERS, REJECTIONS)
        names = [self.partition.topic, *(name + self.suffix for name in outputs)]
        book = sorted({ROUTES, BACKFILLS} - self._admin.list_topics().topics.keys())
        self._make([*names, *book])

    def _make(self, names: Sequence[str]) -> None:
        for future in self._admin.create_topics([NewTopic(name, 1, 1) for name in names]).values():
            future.result(20)

    async def feed(self, messages: Sequence[Message]) -> None:
        """Write them."""
        async with self.kafka.producer() as producer:
            for each in messages:
                await producer.send_and_wait(
                    self.partition.topic, key=each.key, value=each.value, headers=list(each.headers)
                )

    async def open_route(self, topic: str) -> None:
        """Make it."""
        await asyncio.to_thread(self._make, [topic + self.suffix])
        await self._known(topic, there=True)

    async def close_route(self, topic: str) -> None:
        """Delete it, where it is there."""
        name = topic + self.suffix
        if name in (await asyncio.to_thread(self._admin.list_topics)).topics:
            await asyncio.to_thread(self._admin.delete_topics([name])[name].result, 20)
            await self._known(topic, there=False)

    async def ask(self, backfill: Backfill) -> None:
        """Write it, as an operator's command does; every case names its own partition."""
        async with self.kafka.producer() as producer:
            told = backfill.message()
            await producer.send_and_wait(BACKFILLS, key=told.key, value=told.value)

    async def _known(self, topic: str, *, there: bool) -> None:
        """Wait for the broker: the controller's answer is ahead of it, on a busy machine by more than a moment."""
        async with asyncio.timeout(20):
            while there == bool((await self.ground.look([topic]))[topic].why_not):  # noqa: ASYNC110 - there is no event to wait for
                await asyncio.sleep(0.05)

    async def owner(self) -> Delivery:
        """Open a producer under the partition's transactional id."""
        delivery = Deliveries(self.kafka).of(self.partition)
        await delivery.open()
        self.owners.append(delivery)
        return Renamed(delivery, self.suffix)

    async def committed(self) -> int:
        """Ask the group's coordinator."""
        consumer = self.kafka.consumer(group=self.partition.group)
        await consumer.start()
        try:
            return await consumer.committed(TopicPartition(self.partition.topic, 0)) or 0
        finally:
            await consumer.stop()

    async def visible(self, topic: str) -> list[Message]:
        """Read the topic from its beginning to its last stable offset."""
        consumer = self.kafka.consumer(auto_offset_reset="earliest")
        await consumer.start()
        try:
            tp = TopicPartition(topic + self.suffix, 0)
            consumer.assign([tp])
            await consumer.seek_to_beginning(tp)
            end, found = (await consumer.end_offsets([tp]))[tp], []
            while await consumer.position(tp) < end:
                batch = await consumer.getmany(tp, timeout_ms=200)
                found += [Message(r.key, r.value, r.headers) for r in batch.get(tp, [])]
            return found
        finally:
            await consumer.stop()

    async def outcomes(self) -> dict[str, int]:
        """Summed over partners."""
        rows = await self.pool.fetch(
            "select outcome, sum(number)::int as number from engine.tally where service = $1 group by outcome",
            self.store.service,
        )
        return {row["outcome"]: row["number"] for row in rows}

    async def marks(self) -> set[tuple[str, str]]:
        """Read the table."""
        rows = await self.pool.fetch("select mark, key from engine.mark where service = $1", self.store.service)
        return {(row["mark"], row["key"]) for row in rows}

    async def close(self) -> None:
        """Close every owner."""
        for delivery in self.owners:
            await delivery.close()
