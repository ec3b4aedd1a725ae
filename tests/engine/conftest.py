"""What the engine's tests on real parts share."""

from collections.abc import AsyncIterator

import pytest

from services.runtime import postgres
from services.runtime.postgres import Pool
from services.runtime.settings import Settings


@pytest.fixture
async def pool(settings: Settings) -> AsyncIterator[Pool]:
    """The hub's database with the runtime's schema."""
    pool = await postgres.connect(settings)
    await postgres.apply_schema(pool)
    yield pool
    await pool.close()
