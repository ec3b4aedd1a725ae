import asyncio
import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import asyncpg
import pytest

from contracts.admission import Message
from services.events.catalogue import catalogue
from services.operations.database import SHARING
from services.operations.duplicates import searching
from services.operations.duplicates.duplicates import EMPTY
from services.runtime import postgres
from services.runtime.engine.delivery import Partition
from services.runtime.engine.memory_delivery import MemoryDelivery, MemoryLog
from services.runtime.engine.observation import observe
from services.runtime.engine.postgres_store import PostgresStore
from services.runtime.engine.stateful import Stateful
from services.runtime.settings import Settings
from tests.engine.facts import cancelled, published, withdrawn
from tests.engine.rigs import records
from tests.operations.worlds import hub

pytestmark = pytest.mark.real

CITY, NGO, UNI = "stadt-gelsenkirchen", "lernwerkstatt-rotthausen", "universitaet-wuppertal"


@pytest.fixture
async def database(site: Settings) -> AsyncIterator[asyncpg.Pool]:
    """The hub's database, with the runtime's tables."""
    pool = await postgres.connect(site)
    await postgres.apply_schema(pool)
    yield pool
    await pool.execute("truncate engine.state, engine.mark, engine.progress, engine.outbox, engine.tally")
    await pool.close()


async def take(pool: asyncpg.Pool, *messages: Message) -> None:
    """Let the events service take facts, without Kafka."""
    mode = Stateful("events", catalogue(), PostgresStore(pool, "events"), observe)
    partition, delivery = Partition("hub.events", "hub.events.submitted", 0), MemoryDelivery(MemoryLog())
    position = await mode.recover(delivery, partition, 0)
    await mode.process(delivery, partition, position, records(messages, first=position))


def on(days: int) -> dict[str, Any]:
    """A date and a place, so many days from now."""
    at = (datetime.now(UTC) + timedelta(days=days)).replace(hour=10, minute=0, second=0, microsecond=0, tzinfo=None)
    moment = {"local": at.isoformat(), "zone": "UTC", "utc": f"{at.isoformat()}Z"}
    place = {"name": "Wissenschaftspark", "postal_code": "45886"}
    return {"sessions": [{"session_id": "single", "start": moment, "end": moment}], "place": place}


async def listed(settings: Settings, *arguments: str) -> list[dict[str, Any]]:
    """What the command says in JSON."""
    done = await asyncio.to_thread(hub, "duplicates", *arguments, "-o", "json", settings=settings)
    assert (done.returncode, done.stderr) == (0, "")
    return json.loads(done.stdout)  # type: ignore[no-any-return]


async def test_links_and_candidates_are_listed(site: Settings, database: asyncpg.Pool) -> None:
    """An identifier in common is certain, start, place and a like title are likely; one partner's own are neither."""
    shared = {"same_as": ["https://doi.org/10.5281/Zenodo.42"]}
    await take(
        database,
        published("1", partner=UNI, title="Offenes Labor", same_as=["doi:10.5281/zenodo.42"], **on(30)),
        published("1", partner=CITY, title="Offener Labortag", **shared, **on(30)),
        cancelled("1", partner=CITY),
        published("2", partner=CITY, title="Reparatur-Café", **on(7)),
        published("3", partner=CITY, title="Reparatur-Café", **on(7)),
        published("2", partner=NGO, title="Repair-Café", **on(7)),
        published("3", partner=NGO, title="Rechtsberatung", **on(7)),
        published("4", partner=UNI, title="Repair-Café", **on(8)),
        published("6", partner=UNI, title="Theaterprobe", **on(7)),
        published("5", partner=UNI, title="Vor langer Zeit", **on(-100)),
        published("5", partner=NGO, title="Vor langer Zeit", **on(-100)),
    )
    rows = await listed(site)
    assert [(row["link"], row["event"], row["other"]) for row in rows] == [
        ("certain", f"{CITY}:1", f"{UNI}:1"),
        ("likely", f"{NGO}:2", f"{CITY}:2"),
        ("likely", f"{NGO}:2", f"{CITY}:3"),
    ]
    assert (rows[0]["by"], rows[0]["status"]) == ("doi:10.5281/zenodo.42", "cancelled / published")
    assert [row["link"] for row in await listed(site, "--partner", UNI)] == ["certain"]
    assert [row["link"] for row in await listed(site, "--partner", NGO)] == ["likely", "likely"]
    table = (await asyncio.to_thread(hub, "duplicates", settings=site)).stdout.splitlines()
    assert table[0].split() == ["LINK", "START", "STATUS", "TITLE", "EVENT", "OTHER", "BY"]
    assert len(table) == 4
    await take(database, withdrawn("1", partner=UNI), withdrawn("2", partner=NGO))
    assert await listed(site) == []


@pytest.mark.parametrize("bound", ["_MARKS", "_COMPARISONS"])
async def test_a_bound_that_is_reached_is_told(
    site: Settings, database: asyncpg.Pool, monkeypatch: pytest.MonkeyPatch, bound: str
) -> None:
    """However much partners share, the search ends, and says that there is more."""
    alike = [published(str(n), partner=partner, **on(7)) for n in range(2) for partner in (CITY, NGO)]
    await take(database, *alike)
    whole = await searching.duplicates(site, None)
    assert (len(whole.links), whole.complete) == (4, True)
    monkeypatch.setattr(searching, bound, 1)
    part = await searching.duplicates(site, None)
    assert (bool(part.links), part.complete) == (True, False)


async def test_without_duplicates_it_says_so(site: Settings, database: asyncpg.Pool) -> None:
    """An empty hub, one partner alone, and a hub whose services never ran: a sentence, not an empty table."""
    await take(database, published("1", partner=CITY, **on(7)))
    assert (await asyncio.to_thread(hub, "duplicates", settings=site)).stdout.strip() == EMPTY
    await database.execute("alter table engine.mark rename to kept")
    done = await asyncio.to_thread(hub, "duplicates", settings=site)
    await database.execute("alter table engine.kept rename to mark")
    assert (done.returncode, done.stdout.strip()) == (0, EMPTY)


async def test_postgresql_away_is_a_sentence_and_a_code(site: Settings) -> None:
    """Nobody listens on the port: the command says so and ends with 3."""
    gone = {"HUB_POSTGRES": "postgresql://hub@127.0.0.1:1/hub"}
    done = await asyncio.to_thread(hub, "duplicates", settings=site, more=gone)
    assert (done.returncode, done.stdout) == (3, "")
    assert "expected an answer of PostgreSQL" in done.stderr
    assert "Traceback" not in done.stderr


async def test_shared_marks_are_found_in_the_index_alone(database: asyncpg.Pool) -> None:
    """Among many events the question reads the index of marks in its order: no table is read, nothing is sorted."""
    await database.execute(
        "insert into engine.mark select 'events', 'same:urn:x:' || n, 'vhs:' || n from generate_series(1, 20000) n"
    )
    more = [("events", "same:urn:x:1", "vhs:another"), ("events", "same:urn:x:2", "vhs-nord:1")]
    await database.executemany("insert into engine.mark values ($1, $2, $3)", more)
    await database.execute("vacuum analyze engine.mark")
    arguments = ("events", "same:", "same;", None, 1_000)
    plan = "\n".join(row[0] for row in await database.fetch(f"explain {SHARING}", *arguments))
    assert "Index Only Scan using mark_pkey" in plan
    assert "Sort" not in plan
    found = await database.fetch(SHARING, *arguments)
    assert {row["mark"]: set(row["keys"]) for row in found} == {"same:urn:x:2": {"vhs:2", "vhs-nord:1"}}
