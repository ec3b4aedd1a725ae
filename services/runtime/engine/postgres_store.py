"""The database port on PostgreSQL: a few statements, written to be read."""

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import asyncpg
from pydantic_core import from_json, to_json

from contracts.admission import Message
from contracts.envelope import Headers
from services.runtime.engine.delivery import Output, Partition
from services.runtime.engine.postgres_marks import marked, save_marks
from services.runtime.engine.store import CursorMovedError, Work
from services.runtime.postgres import Pool

# Tables are named without their schema: the connection says which, so that `hub rebuild` works on tables of its own.
_CREATE_CURSOR = """
insert into progress (service, topic, partition, next_offset) values ($1, $2, $3, $4)
on conflict do nothing"""

_READ_CURSOR = "select next_offset from progress where service = $1 and topic = $2 and partition = $3"

_MOVE_CURSOR = """
update progress set next_offset = $5
where service = $1 and topic = $2 and partition = $3 and next_offset = $4"""

_LOAD_AND_LOCK = """
select key, body from state where service = $1 and key = any($2::text[]) order by key for update"""

_SAVE_STATES = """
insert into state (service, key, body) select $1, * from unnest($2::text[], $3::bytea[])
on conflict (service, key) do update set body = excluded.body"""

_APPEND_OUTBOX = """
insert into outbox (service, topic, partition, input_offset, position, out_topic, key, value, headers)
select $1, $2, $3, * from unnest($4::bigint[], $5::integer[], $6::text[], $7::bytea[], $8::bytea[], $9::bytea[])"""

_COUNT = """
insert into tally (service, partner, outcome, number)
select $1, * from unnest($2::text[], $3::text[], $4::bigint[])
on conflict (service, partner, outcome) do update set number = tally.number + excluded.number"""

_DELETE_PUBLISHED = """
delete from outbox where service = $1 and topic = $2 and partition = $3 and input_offset < $4"""

_UNPUBLISHED = """
select input_offset, out_topic, key, value, headers from outbox
where service = $1 and topic = $2 and partition = $3 and input_offset >= $4 and input_offset <= (
    select max(input_offset) from (
        select input_offset from outbox
        where service = $1 and topic = $2 and partition = $3 and input_offset >= $4
        order by input_offset, position limit $5) as oldest)
order by input_offset, position"""


@dataclass(frozen=True, slots=True)
class PostgresBatch:
    """One open transaction, the cursor already moved in it."""

    connection: "asyncpg.pool.PoolConnectionProxy[asyncpg.Record]"
    service: str
    partition: Partition

    async def load(self, keys: Sequence[str]) -> Mapping[str, bytes]:
        """Read and lock, in key order, so that two owners never wait for each other in a circle."""
        rows = await self.connection.fetch(_LOAD_AND_LOCK, self.service, sorted(set(keys)))
        return {row["key"]: row["body"] for row in rows}

    async def save(self, work: Work) -> None:
        """Write states, marks, outbox and tally."""
        service = self.service
        if work.states:
            await self.connection.execute(_SAVE_STATES, service, list(work.states), list(work.states.values()))
        await save_marks(self.connection, service, work)
        if work.outbox:
            await self.connection.execute(_APPEND_OUTBOX, *self._where(), *_columns(work.outbox))
        if work.tally:
            # In one order: partitions count in the same rows, and would wait for each other in a circle.
            rows = [(partner, outcome, number) for (partner, outcome), number in sorted(work.tally.items())]
            await self.connection.execute(_COUNT, service, *zip(*rows, strict=True))

    def _where(self) -> tuple[str, str, int]:
        return self.service, self.partition.topic, self.partition.number


@dataclass(frozen=True, slots=True)
class PostgresStore:
    """Implements `Store`."""

    pool: Pool
    service: str

    async def cursor(self, partition: Partition, initial: int) -> int:
        """Read the cursor, making it first where the partition is new."""
        where = (self.service, partition.topic, partition.number)
        async with self.pool.acquire() as connection:
            await connection.execute(_CREATE_CURSOR, *where, initial)
            return int(await connection.fetchval(_READ_CURSOR, *where))

    @asynccontextmanager
    async def batch(
        self, partition: Partition, expected: int, next_offset: int, told: int
    ) -> AsyncIterator[PostgresBatch]:
        """Open a transaction and move the cursor first: a former owner fails here, before it reads anything."""
        where = (self.service, partition.topic, partition.number)
        async with self.pool.acquire() as connection, connection.transaction():
            moved = await connection.execute(_MOVE_CURSOR, *where, expected, next_offset)
            if moved != "UPDATE 1":
                raise CursorMovedError(f"expected the cursor of {partition} at {expected}")
            await connection.execute(_DELETE_PUBLISHED, *where, told)  # kept, it would grow for ever
            yield PostgresBatch(connection, self.service, partition)

    async def marked(self, first: str, last: str, limit: int) -> list[tuple[str, str]]:
        """Read the index."""
        return await marked(self.pool, self.service, first, last, limit)

    async def unpublished(self, partition: Partition, committed: int, limit: int) -> list[tuple[int, Output]]:
        """Return what Kafka lacks."""
        where = (self.service, partition.topic, partition.number)
        async with self.pool.acquire() as connection:
            rows = await connection.fetch(_UNPUBLISHED, *where, committed, limit)
        return [(row["input_offset"], output_of(row)) for row in rows]


def _columns(rows: Sequence[tuple[int, Output]]) -> tuple[list[Any], ...]:
    """Turn outbox rows into the columns of one ``unnest``: offset, position, topic, key, value, headers."""
    messages = [output.message for _, output in rows]
    return (
        [offset for offset, _ in rows],
        list(range(len(rows))),
        [output.topic for _, output in rows],
        [message.key for message in messages],
        [message.value for message in messages],
        [_pack(message.headers) for message in messages],
    )


def _pack(headers: Headers) -> bytes:
    return to_json([(name, value.decode("latin-1")) for name, value in headers])


def output_of(row: asyncpg.Record) -> Output:
    """Read an outbox row."""
    headers = [(name, value.encode("latin-1")) for name, value in from_json(row["headers"])]
    return Output(row["out_topic"], Message(row["key"], row["value"], headers))
