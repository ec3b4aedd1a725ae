"""The vault's statements, each on a connection with an open transaction; their order of locks is what they promise."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Literal, NamedTuple
from uuid import UUID, uuid4

import asyncpg
from pydantic_core import to_json

Connection = Any  # asyncpg's, in a pool or alone

Door = Literal["http", "list", "hub person report"]
"""Through which a human is read: by HTTP, into a participants' list, by an operator. Access reports say it in words."""

_LOCK = 0x4855_4221  # any constant: who keeps shares it, who erases has it alone

# A partner that tells a human twice at the same time is told by content: whichever comes first, the same row stays.
_KEEP_PERSONS = """
insert into vault.person as person (person_ref, partner, name, email, phone, birth_year, needs, told_at)
select distinct on (person_ref) told.* from jsonb_to_recordset($1::jsonb) as told (
    person_ref text, partner text, name text, email text, phone text, birth_year integer, needs text[],
    told_at timestamptz)
where not exists (
    select from vault.erased where erased.person_ref = told.person_ref and told.told_at <= erased.covers)
order by person_ref, told_at desc, told::text desc
on conflict (person_ref) do update
set partner = excluded.partner, name = excluded.name, email = excluded.email, phone = excluded.phone,
    birth_year = excluded.birth_year, needs = excluded.needs, told_at = excluded.told_at
where (excluded.told_at, excluded::text) > (person.told_at, person::text)"""

_KEEP_READERS = """
insert into vault.reader as known (person_ref, partner, since, told_at)
select person_ref, reader, min(told_at), max(told_at)
from jsonb_to_recordset($1::jsonb) as told (person_ref text, readers text[], told_at timestamptz),
    unnest(readers) as reader
where not exists (
    select from vault.erased where erased.person_ref = told.person_ref and told.told_at <= erased.covers)
group by person_ref, reader order by person_ref, reader
on conflict (person_ref, partner) do update
set since = least(known.since, excluded.since), told_at = greatest(known.told_at, excluded.told_at)
where excluded.since < known.since or excluded.told_at > known.told_at"""

_READ = """
select person.* from vault.person join vault.reader using (person_ref)
where person_ref = $1 and reader.partner = $2"""

_MOMENTS = """
select person_ref, person.told_at from vault.person join vault.reader using (person_ref)
where person_ref = any($1::text[]) and reader.partner = $2"""

_LOG = "insert into vault.access (person_ref, reader, purpose, fields, door) values ($1, $2, $3, $4, $5)"

_ERASE = """
with person as (delete from vault.person where person_ref = $1 returning told_at),
     reader as (delete from vault.reader where person_ref = $1 returning told_at)
select max(told_at) from (select told_at from person union all select told_at from reader) as gone"""

_BURY = """
insert into vault.erased (person_ref, erased_at, covers, receipt)
values ($1, clock_timestamp(), greatest(clock_timestamp(), $2), $3)
on conflict (person_ref) do update
set erased_at = excluded.erased_at, receipt = excluded.receipt, covers = greatest(erased.covers, excluded.covers)"""

_RECEIPT = "select erased_at, receipt from vault.erased where person_ref = $1"


class Receipt(NamedTuple):
    """An erasure on record."""

    person_ref: str
    receipt: UUID
    erased_at: datetime


class Access(NamedTuple):
    """Who reads what of whom: the names of the fields."""

    person_ref: str
    reader: str
    purpose: str
    fields: list[str]
    door: Door


async def keep(connection: Connection, told: Sequence[dict[str, object]], persons: Sequence[dict[str, object]]) -> None:
    """Keep who may read, and what was told; newer replaces older, and what was erased stays erased.

    Args:
        connection: in a transaction.
        told: rows of ``person_ref``, ``readers`` and ``told_at``.
        persons: rows of the table ``vault.person``; several of one human are several tellings.
    """
    await connection.execute("select pg_advisory_xact_lock_shared($1)", _LOCK)
    await connection.execute(_KEEP_PERSONS, to_json(persons).decode())
    await connection.execute(_KEEP_READERS, to_json(told).decode())


async def read(connection: Connection, reference: str, partner: str) -> Any:  # noqa: ANN401 - asyncpg's row
    """Return a row of ``vault.person``; None where there is none, or none for this partner."""
    try:
        return await connection.fetchrow(_READ, reference, partner)
    except asyncpg.UndefinedTableError:  # nobody was told yet: who fills the vault makes its tables
        return None


async def moments(connection: Connection, references: Sequence[str], partner: str) -> dict[str, datetime]:
    """Return when what is held of humans was told, of those whom a partner may read; nothing else, so it is no access.

    Who was erased is not among them.
    """
    try:
        return {row["person_ref"]: row["told_at"] for row in await connection.fetch(_MOMENTS, references, partner)}
    except asyncpg.UndefinedTableError:  # as above
        return {}


async def log(connection: Connection, access: Access) -> None:
    """Note an access; its time is the database's."""
    await connection.execute(_LOG, *access)


async def erase(connection: Connection, reference: str) -> Receipt | None:
    """Delete what is kept of a human, and remember that; None where nothing is and nothing was.

    Where nothing came since the last erasure, its receipt is the answer.
    """
    await connection.execute("select pg_advisory_xact_lock($1)", _LOCK)
    told_at = await connection.fetchval(_ERASE, reference)
    if told_at is not None:
        await connection.execute(_BURY, reference, told_at, uuid4())
    return await receipt(connection, reference)


async def receipt(connection: Connection, reference: str) -> Receipt | None:
    """Return the latest erasure of a human; None where there was none."""
    row = await connection.fetchrow(_RECEIPT, reference)
    return Receipt(reference, row["receipt"], row["erased_at"]) if row else None
