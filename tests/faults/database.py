"""PostgreSQL, as an onlooker who must not hang where it does."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, TypeAlias

import asyncpg

from services.runtime.settings import Settings

Connection: TypeAlias = "asyncpg.Connection[asyncpg.Record]"
_PATIENCE = 30  # seconds


@asynccontextmanager
async def connected(settings: Settings, patience: float = _PATIENCE) -> AsyncIterator[Connection]:
    """Open a connection for a moment; who is to answer has so many seconds each time."""
    connection: Any = await asyncpg.connect(
        settings.postgres, password=settings.secret("postgres"), timeout=patience, command_timeout=patience
    )
    try:
        yield connection
    finally:
        connection.terminate()
