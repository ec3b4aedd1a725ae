"""The engine's cases on a real Kafka and a real PostgreSQL: the same ones as in memory."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator

import pytest
from confluent_kafka.admin import AdminClient, NewTopic

from services.runtime.engine.delivery import FencedError, Output, Partition, publish
from services.runtime.engine.store import Work
from services.runtime.kafka import Kafka
from services.runtime.postgres import Pool
from tests.engine.cases import EVENTS, DeliveryCases, StatefulCases, StatelessCases, stateful
from tests.engine.facts import published
from tests.engine.real_rig import RealRig
from tests.engine.reminder_cases import ReminderCases
from tests.engine.rigs import records
from tests.engine.route_cases import RouteCases


@pytest.mark.real
class TestOnRealParts(DeliveryCases, StatelessCases, StatefulCases, ReminderCases, RouteCases):
    """All cases."""

    @pytest.fixture
    async def rig(self, kafka: Kafka, pool: Pool) -> AsyncIterator[RealRig]:
        """Topics and a service name of its own."""
        rig = RealRig(kafka, pool)
        rig.make_topics()
        yield rig
        await rig.close()

    async def test_the_topic_that_takes_nothing_is_named(self, rig: RealRig, kafka: Kafka) -> None:
        """A transaction that fails because one topic refused says which, also where no other was written."""
        tiny, fine = "tiny" + rig.suffix, EVENTS + rig.suffix
        admin = AdminClient(kafka.admin_access())
        admin.create_topics([NewTopic(tiny, 1, 1, config={"max.message.bytes": "100"})])[tiny].result(20)
        for topics in ([tiny, fine], [fine, tiny], [tiny]):
            await rig.owner()
            with pytest.raises(FencedError) as failed:
                await publish(rig.owners[-1], [[Output(topic, published()) for topic in topics]], 1)
            assert failed.value.suspects == {tiny}
        assert await rig.visible(EVENTS) == []

    async def test_two_partitions_give_the_same_mark_at_the_same_time(self, rig: RealRig) -> None:
        """Objects that share a mark never wait for each other: the second is done while the first is still open."""
        one, other = rig.partition, Partition("hub.test", rig.partition.topic, 1)
        pairs = {one: ("urn:x:1", "stadt:1"), other: ("urn:x:1", "vhs:1")}
        for partition in pairs:
            await rig.store.cursor(partition, 0)
        async with asyncio.timeout(5), rig.store.batch(one, 0, 1, 0) as first:
            await first.save(Work(marks=Counter([pairs[one]])))
            async with rig.store.batch(other, 0, 1, 0) as second:
                await second.save(Work(marks=Counter([pairs[other]])))
        assert await rig.marks() == set(pairs.values())

    async def test_a_mark_that_is_there_already_stops_nobody(self, rig: RealRig, pool: Pool) -> None:
        """An index that holds more than the states say, after a repair by hand, refuses no fact."""
        mark = ("same:urn:x:1", "stadt:1")
        await pool.execute("insert into engine.mark values ($1, $2, $3)", rig.store.service, *mark)
        owner, mode = await rig.owner(), stateful(rig)
        await mode.recover(owner, rig.partition, 0)
        await mode.process(owner, rig.partition, 0, records([published(same_as=["urn:x:1"])]))
        assert (await rig.outcomes(), await rig.marks()) == ({"applied": 1}, {mark})
