"""What the flows' tests on real parts share."""

from collections.abc import AsyncIterator

import pytest

from services.runtime import postgres
from services.runtime.kafka import Kafka
from services.runtime.postgres import Pool
from services.runtime.settings import Settings
from tests.flows.real import Doors


@pytest.fixture
async def pool(settings: Settings) -> AsyncIterator[Pool]:
    """The hub's database with the flows' schema."""
    pool = await postgres.connect(settings)
    await postgres.apply_schema(pool, "flows.ledger")
    yield pool
    await pool.close()


@pytest.fixture
async def doors(kafka: Kafka) -> Doors:
    """Inbox and outbox of a partner nobody else has."""
    return await Doors(kafka).make()
