"""The tables of a rebuild, beside the engine's own: made, compared, put in place, removed."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from services.operations.errors import OperationError
from services.runtime.engine.delivery import Output
from services.runtime.engine.postgres_store import output_of
from services.runtime.reading import Offsets

SCHEMA = "rebuild"
_LOCK = 0x4855_4221  # any constant: whoever rebuilds holds it

_MAKE = "; ".join(
    (
        f"drop schema if exists {SCHEMA} cascade; create schema {SCHEMA}",
        *(
            f"create table {SCHEMA}.{table} (like engine.{table} including all)"
            for table in ("state", "mark", "progress", "outbox", "tally")
        ),
    )
)
# The service waits meanwhile, and its own limit on waiting for a lock lets it say so.
_HOLD = "set local transaction_timeout = '2min'; set local idle_in_transaction_session_timeout = '1min'"
_CURSORS = "select topic, partition, next_offset from engine.progress where service = $1 for update"
_UNPUBLISHED = """
select outbox.out_topic, outbox.key, outbox.value, outbox.headers from engine.outbox
left join unnest($2::text[], $3::int[], $4::bigint[]) as published (topic, partition, at) using (topic, partition)
where service = $1 and input_offset >= coalesce(at, 0) order by topic, partition, input_offset, position"""
_DIFFERENT = """
select count(distinct key) from (
    select coalesce(live.key, built.key) as key
    from (select key, body from engine.state where service = $1) as live
    full join rebuild.state as built using (key) where live.body is distinct from built.body
    union all
    select coalesce(live.key, built.key) as key
    from (select mark, key from engine.mark where service = $1) as live
    full join rebuild.mark as built using (mark, key) where live.key is null or built.key is null) as differing"""
_REPLACE = (
    """delete from engine.state as live where service = $1
    and not exists (select from rebuild.state as built where built.key = live.key)""",
    """insert into engine.state select * from rebuild.state where service = $1
    on conflict (service, key) do update set body = excluded.body where engine.state.body <> excluded.body""",
    """delete from engine.mark as live where service = $1
    and not exists (select from rebuild.mark as built where built.key = live.key and built.mark = live.mark)""",
    "insert into engine.mark select * from rebuild.mark where service = $1 on conflict do nothing",
)
# What Kafka says is published was folded: a database that had never heard of it has now.
_MOVE = """
insert into engine.progress as live (service, topic, partition, next_offset)
select $1, * from unnest($2::text[], $3::int[], $4::bigint[])
on conflict (service, topic, partition) do update set next_offset = greatest(live.next_offset, excluded.next_offset)"""


@asynccontextmanager
async def alone(connection: Any) -> AsyncIterator[None]:  # noqa: ANN401 - asyncpg's connection in a pool
    """Make empty tables for the block, and remove them.

    Raises:
        OperationError: another rebuild is under way.
    """
    if not await connection.fetchval("select pg_try_advisory_lock($1)", _LOCK):
        raise OperationError("expected to be the only rebuild, another one is under way: wait for it")
    await connection.execute(_MAKE)
    try:
        yield
    finally:
        await connection.execute(f"drop schema {SCHEMA} cascade")


async def hold(connection: Any, service: str) -> Offsets:  # noqa: ANN401 - see above
    """Keep the service from deciding until the transaction ends; return its cursors by input partition."""
    await connection.execute(_HOLD)
    rows = await connection.fetch(_CURSORS, service)
    return {(row["topic"], row["partition"]): row["next_offset"] for row in rows}


async def unpublished(connection: Any, service: str, published: Offsets) -> list[Output]:  # noqa: ANN401 - see above
    """Return what was decided and lies past Kafka's committed offsets, in order."""
    return [output_of(row) for row in await connection.fetch(_UNPUBLISHED, service, *_columns(published))]


async def different(connection: Any, service: str) -> int:  # noqa: ANN401 - see above
    """Count the objects whose rows are not the same, byte for byte."""
    return int(await connection.fetchval(_DIFFERENT, service))


async def replace(connection: Any, service: str, published: Offsets) -> None:  # noqa: ANN401 - see above
    """Put the rebuilt rows in place of those that differ."""
    for statement in _REPLACE:
        await connection.execute(statement, service)
    await connection.execute(_MOVE, service, *_columns(published))


async def objects(connection: Any) -> int:  # noqa: ANN401 - see above
    """Count what was rebuilt."""
    return int(await connection.fetchval("select count(*) from rebuild.state"))


def _columns(places: Offsets) -> tuple[list[str], list[int], list[int]]:
    return [topic for topic, _ in places], [number for _, number in places], [*places.values()]
