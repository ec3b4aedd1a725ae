"""The engine's cases on a real Kafka and a real PostgreSQL: the same ones as in memory."""

from collections.abc import AsyncIterator

import pytest

from services.runtime.kafka import Kafka
from services.runtime.postgres import Pool
from tests.engine.cases import DeliveryCases, StatefulCases, StatelessCases
from tests.engine.real_rig import RealRig


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
