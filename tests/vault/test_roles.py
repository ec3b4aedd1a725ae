"""Who may do what in the vault, on a real PostgreSQL: what is in no row is refused."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from importlib.resources import files

import asyncpg
import pytest

from contracts.refusal import RefusedError
from deploy import parts, postgres
from deploy.readiness import postgres_answers, wait_until
from deploy.stack import Stack
from deploy.temporary import temporary
from services.runtime.postgres import HUB, Role, connect
from services.runtime.vault import KEEPER, READER, Vault
from tests.vault.conftest import TABLES
from tests.vault.people import ORGANISER, agreement

pytestmark = pytest.mark.real

READ = {("select", "person"), ("select", "reader"), ("insert", "access")}
MAY = {HUB: set[tuple[str, str]](), READER: READ}
DOINGS = {
    "select": "select from vault.{}",
    "insert": "insert into vault.{} select * from vault.{} where false",
    "update": "update vault.{} set {} = {} where false",
    "delete": "delete from vault.{} where false",
    "truncate": "truncate vault.{}",
    "drop": "drop table vault.{}",
}
COLUMN = {"key": "single"}


@pytest.fixture
async def looking(database: Stack, vault: Vault, request: pytest.FixtureRequest) -> AsyncIterator[asyncpg.Pool]:
    """Connections of one role, to a vault whose tables are there."""
    async with vault.connection():
        pool = await connect(database.site.settings(), size=1, schema="vault", role=request.param)
    yield pool
    pool.terminate()


async def _allowed(pool: asyncpg.Pool, doing: str, table: str) -> bool:
    column = COLUMN.get(table, "person_ref")
    query = (
        f"insert into vault.{table} default values"
        if doing == "insert"
        else DOINGS[doing].format(table, column, column)
    )
    async with pool.acquire() as connection:
        trial = connection.transaction()
        await trial.start()
        try:
            await connection.execute(query)
        except asyncpg.InsufficientPrivilegeError:
            return False
        except asyncpg.IntegrityConstraintViolationError:
            return True  # it may, and the row alone is none
        finally:
            await trial.rollback()
    return True


@pytest.mark.parametrize("looking", MAY, indirect=True, ids=lambda role: role.secret)
async def test_each_role_does_in_the_vault_what_it_is_for(
    looking: asyncpg.Pool, request: pytest.FixtureRequest
) -> None:
    """The role of events, research, enrolments, flows and the gateway's own tables sees nobody; the gateway's reads."""
    role: Role = request.node.callspec.params["looking"]
    done = {(doing, table) for doing in DOINGS for table in TABLES if await _allowed(looking, doing, table)}
    assert done == MAY[role]


@pytest.mark.parametrize("looking", [KEEPER], indirect=True, ids=lambda role: role.secret)
async def test_the_matrix_sees_what_is_allowed(looking: asyncpg.Pool) -> None:
    """Who owns the vault may do all of it: what is refused above is refused for the role's sake."""
    assert all([await _allowed(looking, doing, table) for doing in DOINGS for table in TABLES])


@pytest.fixture
def fresh() -> Iterator[Stack]:
    """A database in which nobody made a vault yet."""
    with temporary(("postgres",)) as stack:
        yield stack


async def test_of_a_vault_that_nobody_filled_nobody_is_known(fresh: Stack) -> None:
    """Who only reads makes no tables, and is not away for want of them."""
    vault = Vault(fresh.site.settings(), role=READER)
    with pytest.raises(RefusedError, match="person-unknown"):
        await vault.read("a" * 26, agreement(ORGANISER), "enrolment_processing", "http")
    await vault.close()


async def test_a_vault_of_before_is_handed_over(fresh: Stack) -> None:
    """Where the hub's role owned it, with all it holds: the next start takes it away from there, and works."""
    for step in (_made_as_before, lambda stack: postgres.prepare(parts.database(stack.site)), _started):
        await asyncio.to_thread(step, fresh)
    reader = Vault(fresh.site.settings(), role=READER)
    with pytest.raises(RefusedError, match="person-unknown"):  # it may look before anybody filled the vault anew
        await reader.read("a" * 26, agreement(ORGANISER), "enrolment_processing", "http")
    await reader.close()
    vault = Vault(fresh.site.settings())
    async with vault.connection() as connection:
        owners = await connection.fetch("select relowner::regrole::text from pg_class where relname like 'access%'")
        assert {each[0] for each in owners} == {"vault"}
        assert await connection.fetchval("select count(*) from vault.access") == 1
    await vault.close()
    pool = await connect(fresh.site.settings(), size=1)
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await pool.fetch("select from vault.access")
    pool.terminate()


def _made_as_before(stack: Stack) -> None:
    """One role for everything: what made the vault's tables was the hub's."""

    async def make() -> None:
        pool = await connect(stack.site.settings(), size=1)
        script = files("services.runtime").joinpath("vault.sql").read_text(encoding="utf-8")
        await pool.execute(script.partition("grant usage")[0])
        await pool.execute("insert into vault.access values (default, 'a', 'b', 'c', '{}', 'd')")
        pool.terminate()

    asyncio.run(make())
    stack.supervisor.halt(["postgres"])
    (parts.database(stack.site).folder / "vault-parted").unlink()


def _started(stack: Stack) -> None:
    stack.run("postgres")
    wait_until(lambda: postgres_answers(stack.site.settings()), lambda: stack.failed("postgres"), "postgres")
