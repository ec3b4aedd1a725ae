"""A catalogue that holds events before the clock runs: rows as the events service itself would have written them."""

import asyncio
from collections.abc import Iterator, Sequence

import asyncpg

from contracts.admission import Admitted, read
from services.events.catalogue import catalogue
from services.runtime import postgres
from services.runtime.settings import Settings
from tests.bench.messages import events

AT_ONCE = 10_000

Row = tuple[str, bytes, frozenset[str]]
"""Key, state and marks of one event."""


def fill(settings: Settings, partners: Sequence[str], number: int, seed: int) -> None:
    """Put that many events under revision 1 into the database, spread over the partners."""
    asyncio.run(_fill(settings, partners, number, seed))


def shares(partners: Sequence[str], number: int) -> dict[str, range]:
    """Return which of that many events each partner tells."""
    return {partner: range(place, number, len(partners)) for place, partner in enumerate(partners)}


async def _fill(settings: Settings, partners: Sequence[str], number: int, seed: int) -> None:
    connection = await asyncpg.connect(settings.postgres, password=settings.secret("postgres"))
    try:
        for partner, own in shares(partners, number).items():
            for start in range(0, len(own), AT_ONCE):
                await _copy(connection, list(_rows(partner, own[start : start + AT_ONCE], seed)))
        await connection.execute("analyze engine.state, engine.mark")
    finally:
        await connection.close()


def _rows(partner: str, numbers: Sequence[int], seed: int) -> Iterator[Row]:
    decider = catalogue()
    for message in events(partner, numbers, 1, seed):
        fact = read(message)
        assert isinstance(fact, Admitted)
        entry = decider.evolve(None, fact)
        yield fact.fact.key, decider.dump(entry), decider.marks(entry)


async def _copy(connection: "asyncpg.Connection[asyncpg.Record]", rows: Sequence[Row]) -> None:
    states = [("events", key, body) for key, body, _ in rows]
    marks = [("events", mark, key) for key, _, all_marks in rows for mark in all_marks]
    await connection.copy_records_to_table("state", schema_name=postgres.ENGINE, records=states)
    await connection.copy_records_to_table("mark", schema_name=postgres.ENGINE, records=marks)
