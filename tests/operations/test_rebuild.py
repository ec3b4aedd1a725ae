"""``hub rebuild`` on a real Kafka and a real PostgreSQL, with the events service in the test's own process."""

import asyncio
from collections.abc import AsyncIterator

import asyncpg
import pytest

from contracts.admission import Message
from contracts.topics import submitted
from services.events.catalogue import catalogue
from services.operations.rebuild import rebuilt_rows
from services.runtime import postgres
from services.runtime.engine.delivery import FencedError, Partition
from services.runtime.engine.kafka_delivery import Deliveries
from services.runtime.engine.observation import observe
from services.runtime.engine.postgres_store import PostgresStore
from services.runtime.engine.stateful import Stateful
from services.runtime.kafka import Kafka
from services.runtime.settings import Settings
from tests.engine.cases import Dying
from tests.engine.facts import cancelled, published, withdrawn
from tests.engine.instances import instance
from tests.engine.rigs import records
from tests.operations.worlds import hub

pytestmark = pytest.mark.real

SERVICE, INPUT = "events", submitted("events")
ROWS = """
select key, encode(sha256(body), 'hex') as is from engine.state
union all select key, mark from engine.mark order by 1, 2"""


@pytest.fixture
async def pool(applied: Settings) -> AsyncIterator[asyncpg.Pool]:
    """The hub's database with the tables of the services."""
    pool = await postgres.connect(applied)
    await postgres.apply_schema(pool)
    yield pool
    await pool.close()


def events(pool: asyncpg.Pool) -> Stateful:
    """The events service."""
    return Stateful(SERVICE, catalogue(), PostgresStore(pool, SERVICE), observe)


async def put(settings: Settings, *messages: Message) -> None:
    """Submit facts as intake would."""
    async with Kafka(settings, "hub-admin").producer() as producer:
        for each in messages:
            await producer.send(INPUT, each.value, key=each.key, headers=list(each.headers))
        await producer.flush()


async def settled(settings: Settings, pool: asyncpg.Pool, total: int) -> list[asyncpg.Record]:
    """Let the service run until it has decided so many records, then stop it; return its rows."""
    async with instance(Kafka(settings, "hub-admin"), "hub.events", [INPUT], events(pool)):
        await decided(pool, total)
    return await pool.fetch(ROWS)


async def decided(pool: asyncpg.Pool, total: int) -> None:
    """Wait until so many records were decided in all."""
    async with asyncio.timeout(90):
        while (await pool.fetchval("select coalesce(sum(number), 0) from engine.tally")) < total:  # noqa: ASYNC110 - the database rings no bell
            await asyncio.sleep(0.1)


async def rebuilt(settings: Settings, *options: str) -> tuple[int, str]:
    """Run the command."""
    done = await asyncio.to_thread(hub, "rebuild", "events", *options, settings=settings)
    assert done.stderr == ""
    return done.returncode, done.stdout


async def test_the_fold_of_what_was_recorded_is_the_state(applied: Settings, pool: asyncpg.Pool) -> None:
    """Promise 6: the same rows, byte for byte; and where somebody changed rows, they come back as they were."""
    again = [published(str(n), 1, same_as=[f"urn:x:{n}"]) for n in range(30)]
    facts = [*again, *again, *(published(str(n), 2, "anders") for n in range(9)), cancelled("3", 3), withdrawn("4", 3)]
    await put(applied, *facts)
    before = await settled(applied, pool, len(facts))
    assert await rebuilt(applied, "--check") == (
        0,
        "41 recorded facts folded: 0 of 30 objects differ from what the database held.\n",
    )
    await pool.execute("update engine.state set body = 'x' where key = 'stadt:1'")
    await pool.execute("delete from engine.state where key = 'stadt:2'")
    await pool.execute("delete from engine.mark where key = 'stadt:15'")
    await pool.execute("insert into engine.state values ('events', 'stadt:made-up', 'x')")
    code, told = await rebuilt(applied, "--check")
    assert (code, " 4 of 30 " in told) == (1, True)
    assert await pool.fetch(ROWS) != before
    assert (await rebuilt(applied))[0] == 0
    assert await pool.fetch(ROWS) == before
    assert await pool.fetchval("select count(*) from pg_namespace where nspname = 'rebuild'") == 0


async def test_what_was_decided_and_not_published_counts(applied: Settings, pool: asyncpg.Pool) -> None:
    """A service that died between its database and Kafka left facts in its outbox: they are part of the state."""
    total = await pool.fetchval("select coalesce(sum(number), 0) from engine.tally")
    await put(applied, published("unpublished", 1))
    kafka = Kafka(applied, "hub-admin")
    (row,) = await _place_of(kafka, b"stadt:unpublished")
    partition = Partition("hub.events", INPUT, row.partition)
    delivery = Deliveries(kafka).of(partition)
    await delivery.open()
    position = await PostgresStore(pool, SERVICE).cursor(partition, 0)
    batch = records([Message(row.key, row.value, row.headers)], first=row.offset)
    with pytest.raises(FencedError):
        await events(pool).process(Dying(delivery, "begin"), partition, position, batch)
    await delivery.close()
    assert (await rebuilt(applied, "--check"))[0] == 0
    assert (await rebuilt(applied))[0] == 0
    await settled(applied, pool, total + 1)
    assert (await rebuilt(applied, "--check"))[0] == 0


async def _place_of(kafka: Kafka, key: bytes) -> list:
    async with kafka.consumer(INPUT, group=None, auto_offset_reset="earliest") as consumer:
        found: list = []
        async with asyncio.timeout(20):
            while not found:
                batches = await consumer.getmany(timeout_ms=200)
                found = [record for batch in batches.values() for record in batch if record.key == key]
        return found


async def test_a_service_goes_on_while_it_is_rebuilt(applied: Settings, pool: asyncpg.Pool) -> None:
    """Rows are replaced at one moment in which the service decides nothing: no fact is lost, none is folded twice."""
    total = await pool.fetchval("select coalesce(sum(number), 0) from engine.tally")
    facts = [published(f"load-{n % 50}", 1 + n // 50) for n in range(3_000)]
    async with instance(Kafka(applied, "hub-admin"), "hub.events", [INPUT], events(pool)):
        feeding = asyncio.create_task(put(applied, *facts))
        for _ in range(2):
            assert (await rebuilt(applied))[0] == 0
        await feeding
        await decided(pool, total + len(facts))
    assert (await rebuilt(applied, "--check"))[0] == 0


async def test_who_holds_the_cursor_holds_the_service(pool: asyncpg.Pool) -> None:
    """While rows are put in place no batch is decided: the first step of each waits, and says so when it lasts."""
    store, partition = PostgresStore(pool, SERVICE), Partition("hub.events", INPUT, 0)
    position = await store.cursor(partition, 0)
    async with pool.acquire() as connection, connection.transaction():
        cursors = await rebuilt_rows.hold(connection, SERVICE)
        with pytest.raises(asyncpg.LockNotAvailableError):
            async with store.batch(partition, position, position + 1, 0):
                pass
    assert cursors[INPUT, 0] == position


async def test_an_older_database_catches_up(applied: Settings, pool: asyncpg.Pool) -> None:
    """After a restore Kafka is ahead, and the service says so and waits; rebuilt, it goes on where Kafka is."""
    before = await pool.fetch(ROWS)
    await pool.execute("truncate engine.state, engine.mark, engine.progress, engine.outbox, engine.tally")
    async with instance(Kafka(applied, "hub-admin"), "hub.events", [INPUT], events(pool)) as ownership:
        async with asyncio.timeout(30):
            while not any("older than Kafka" in why for why in ownership.waiting().values()):  # noqa: ASYNC110 - see above
                await asyncio.sleep(0.1)
    assert (await rebuilt(applied))[0] == 0
    assert await pool.fetch(ROWS) == before
    await put(applied, published("after", 1))
    await settled(applied, pool, 1)
    assert await pool.fetchval("select count(*) from engine.state where key = 'stadt:after'") == 1
    assert (await rebuilt(applied, "--check"))[0] == 0


def test_a_stream_without_state_is_told(applied: Settings) -> None:
    """Naming another stream is a mistake of usage, and the answer names those that there are."""
    done = hub("rebuild", "weather", settings=applied)
    assert (done.returncode, "(enrolments, events, research)" in done.stderr) == (2, True)


async def test_a_database_without_tables_is_told(applied: Settings, pool: asyncpg.Pool) -> None:
    """Before its service ever ran there is nothing to rebuild: a sentence, never a traceback."""
    await pool.execute("alter schema engine rename to kept")
    try:
        done = await asyncio.to_thread(hub, "rebuild", "events", settings=applied)
    finally:
        await pool.execute("alter schema kept rename to engine")
    assert (done.returncode, done.stdout, "Traceback" in done.stderr) == (1, "", False)
    assert "start it once" in done.stderr
