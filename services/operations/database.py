"""What operators ask of PostgreSQL."""

from collections.abc import AsyncIterator, Collection, Iterable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, fields
from datetime import datetime
from typing import Any

import asyncpg

from services.operations.errors import AwayError
from services.runtime.postgres import AWAY, SERVER_SETTINGS
from services.runtime.settings import Settings

PATIENCE = 3  # seconds


@dataclass(frozen=True, slots=True)
class Run:
    """The latest run of one flow for one partner, and when one last went well."""

    ok: bool
    started: datetime
    last_ok: datetime | None
    error: str = ""
    held: int = 0  # objects that it would withdraw, if so much at once were believed; also from runs before
    held_since: datetime | None = None


@dataclass(frozen=True, slots=True)
class Books:
    """The engine's counts and cursors of one moment."""

    tally: Mapping[tuple[str, str], int] = field(default_factory=dict)  # by partner and outcome, of all services
    progress: Mapping[tuple[str, int], int] = field(default_factory=dict)  # next offset by topic and partition


_RUNS = """
with held as (
    select partner, 'pull' as direction, count(*) as held, min(since) as held_since
    from sync.hold join sync.object using (partner, object_id) where not withdrawn group by partner)
select distinct on (partner, direction) partner, direction, ok, started, error, coalesce(held, 0) as held, held_since,
       max(finished) filter (where ok) over (partition by partner, direction) as last_ok
from sync.run left join held using (partner, direction)
where finished is not null order by partner, direction, started desc"""

_BOOKS = """
select partner, outcome, sum(number)::bigint as number, null::text as topic, null::int as partition
from engine.tally where service = any($1::text[]) group by partner, outcome
union all
select null, null, next_offset, topic, partition from engine.progress where service = any($1::text[])"""

# One pass over the index, in its order, and a look at each shared mark. In the order of "C", a partner's keys lie
# together: first and last are of one partner only if all are.
SHARING = """
with shared as (
    select mark from engine.mark where service = $1 and mark >= $2 and mark < $3
    group by mark
    having split_part(min(key collate "C"), ':', 1) <> split_part(max(key collate "C"), ':', 1)
       and ($4::text is null or bool_or(starts_with(key, $4 || ':')))
    order by mark limit $5)
select mark, array(select key from engine.mark where service = $1 and mark = shared.mark) as keys from shared"""

_BODIES = "select key, body from engine.state where service = $1 and key = any($2::text[])"

_ABSENT = (asyncpg.UndefinedTableError, asyncpg.InvalidSchemaNameError)


async def runs(settings: Settings) -> dict[tuple[str, str], Run]:
    """Return the latest runs by partner and direction; none where no flow ever ran."""
    return {
        (row["partner"], row["direction"]): Run(**{each.name: row[each.name] for each in fields(Run)})
        for row in await ask(settings, _RUNS)
    }


async def books(settings: Settings, services: Iterable[str]) -> Books:
    """Return what stateful services counted and how far they came, both of the same moment."""
    rows = await ask(settings, _BOOKS, list(services))
    return Books(
        {(row["partner"], row["outcome"]): row["number"] for row in rows if row["topic"] is None},
        {(row["topic"], row["partition"]): row["number"] for row in rows if row["topic"] is not None},
    )


async def sharing(
    settings: Settings, marks: tuple[str, str], partner: str | None, limit: int, service: str = "events"
) -> dict[str, list[str]]:
    """Return the objects of two partners or more that share a mark, by mark, in the order of the marks.

    Args:
        settings: where the hub is.
        marks: the first mark and the one behind the last.
        partner: only marks that one of this partner's objects has.
        limit: of so many marks at most.
        service: whose.
    """
    return {row["mark"]: row["keys"] for row in await ask(settings, SHARING, service, *marks, partner, limit)}


async def bodies(settings: Settings, keys: Collection[str], service: str = "events") -> dict[str, bytes]:
    """Return the states of these objects, as the service wrote them; unknown ones are missing."""
    return {row["key"]: row["body"] for row in await ask(settings, _BODIES, service, list(keys))}


async def ask(settings: Settings, query: str, *given: object) -> list[Any]:
    """Return the rows of a query; none where its tables are not made yet.

    Raises:
        AwayError: PostgreSQL does not answer.
    """
    async with _connection(settings) as connection:
        try:
            return list(await connection.fetch(query, *given))
        except _ABSENT:
            return []
        except TimeoutError:
            raise AwayError(
                f"expected an answer of PostgreSQL within {PATIENCE} s, came none: see what keeps it busy, try again"
            ) from None


@asynccontextmanager
async def _connection(settings: Settings) -> AsyncIterator[Any]:
    try:
        connection = await asyncpg.connect(
            settings.postgres,
            password=settings.secret("postgres"),
            timeout=PATIENCE,
            command_timeout=PATIENCE,
            server_settings=SERVER_SETTINGS,
        )
    except AWAY as error:
        raise AwayError(
            f"expected an answer of PostgreSQL at HUB_POSTGRES, came {type(error).__name__}: see that it runs, and "
            "that the secret 'postgres' is its password"
        ) from None
    try:
        yield connection
    finally:
        await connection.close(timeout=PATIENCE)
