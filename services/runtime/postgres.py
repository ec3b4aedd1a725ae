"""Connections to PostgreSQL with limits that let a frozen process block nobody for long."""

from importlib.resources import files
from typing import NamedTuple, TypeAlias

import asyncpg

from services.runtime.settings import Settings
from services.runtime.timeouts import SESSION_TIMEOUT_MS

# Below half the group's session timeout: an instance that freezes inside a transaction loses it before its successor
# gives up waiting for the same rows.
TRANSACTION_LIMIT_MS = SESSION_TIMEOUT_MS // 3

Pool: TypeAlias = "asyncpg.Pool[asyncpg.Record]"
"""A pool whose rows are plain records. A string, because asyncpg's classes are generic for type checkers only."""

SERVER_SETTINGS = {
    "transaction_timeout": str(TRANSACTION_LIMIT_MS),
    "idle_in_transaction_session_timeout": str(TRANSACTION_LIMIT_MS),
    "lock_timeout": str(TRANSACTION_LIMIT_MS // 2),
    "application_name": "hub",
}
_SCHEMA_LOCK = 0x4855_4220  # any constant: whoever applies the schema holds it


AWAY = (OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError)
"""What says that the database is away, or does not do what it is asked for."""

ENGINE = "engine"
"""The schema of what the services know."""


class Role(NamedTuple):
    """Who comes in at the database: its secret's name, and the user; empty is the one that the address names."""

    secret: str
    user: str = ""


HUB = Role("postgres")
"""Has all but the vault."""


async def connect(settings: Settings, *, size: int = 8, schema: str = ENGINE, role: Role = HUB) -> Pool:
    """Open a pool of at most ``size`` connections to the hub's database, for the tables in ``schema``.

    Raises:
        OSError: the server is not reachable.
        asyncpg.PostgresError: it refuses the role, the password or the database.
    """
    return await asyncpg.create_pool(
        settings.postgres,
        user=role.user or None,
        password=settings.secret(role.secret),
        min_size=1,
        max_size=size,
        timeout=10,
        command_timeout=TRANSACTION_LIMIT_MS / 1000 + 5,
        server_settings={**SERVER_SETTINGS, "search_path": schema},
    )


async def apply_schema(pool: Pool, package: str = "services.runtime", script: str = "schema.sql") -> None:
    """Create what a script of a package names and the database lacks. Safe to run from many processes at once."""
    text = files(package).joinpath(script).read_text(encoding="utf-8")
    async with pool.acquire() as connection, connection.transaction():
        await connection.execute("select pg_advisory_xact_lock($1)", _SCHEMA_LOCK)
        await connection.execute(text)
