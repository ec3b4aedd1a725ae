"""The engine's cases on a real Kafka and a real PostgreSQL: the same ones as in memory."""

from collections.abc import AsyncIterator

import pytest

from services.runtime.kafka import Kafka
from services.runtime.postgres import Pool
from tests.engine.cases import DeliveryCases, StatefulCases, StatelessCases, stateful
from tests.engine.facts import published
from tests.engine.real_rig import RealRig
from tests.engine.rigs import records


@pytest.mark.real
class TestOnRealParts(DeliveryCases, StatelessCases, StatefulCases):
    """All cases."""

    @pytest.fixture
    async def rig(self, kafka: Kafka, pool: Pool) -> AsyncIterator[RealRig]:
        """Topics and a service name of its own."""
        rig = RealRig(kafka, pool)
        rig.make_topics()
        yield rig
        await rig.close()

    async def test_published_rows_leave_the_outbox(self, rig: RealRig, pool: Pool) -> None:
        """The outbox holds what may not be published yet, not the history: each batch deletes what went before it."""
        owner, mode = await rig.owner(), stateful(rig)
        await mode.recover(owner, rig.partition, 0)
        for number in range(3):
            await mode.process(owner, rig.partition, number, records([published(str(number))], first=number))
        kept = await pool.fetchval("select count(*) from engine.outbox where service = $1", rig.store.service)
        assert kept == 1
