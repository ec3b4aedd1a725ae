"""A PostgreSQL for the vault alone: nothing else is asked of it."""

from collections.abc import AsyncIterator, Iterator

import pytest

from deploy.stack import Stack
from deploy.temporary import temporary
from services.runtime.vault import Vault
from tests.vault.people import REFERENCES

TABLES = ("key", "person", "reader", "erased", "access")


@pytest.fixture(scope="session")
def database() -> Iterator[Stack]:
    """Runs for all tests of the vault."""
    with temporary(("postgres",)) as stack:
        yield stack


@pytest.fixture
async def vault(database: Stack) -> AsyncIterator[Vault]:
    """An empty vault."""
    vault = Vault(database.site.settings(), REFERENCES)
    async with vault.connection() as connection:
        await connection.execute(f"truncate {', '.join(f'vault.{table}' for table in TABLES)}")
        await connection.execute("insert into vault.key (fingerprint) values ($1)", REFERENCES.fingerprint())
    yield vault
    await vault.close()
