"""What the pulls of one partner remember in PostgreSQL: objects, revisions, facts on their way, the cursor.

A fact is written down with its object's row before it is published and marked sent after Kafka's word. Whatever dies in
between, the next run sends the same bytes under the same id first, and no revision is given twice.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from contracts.envelope import now
from flows.connectors.connector import Refused
from flows.known import Change, Known
from flows.outgoing import Outgoing, allocate
from services.runtime.postgres import Pool

_KNOWN = """
select object_id, source_id, content_hash, revision, absences, withdrawn, ends, kind
from sync.object where partner = $1"""

_LOCK_REVISIONS = """
select object_id, revision from sync.object where partner = $1 and object_id = any($2::text[])
order by object_id for update"""

_SAVE_OBJECTS = """
insert into sync.object (partner, object_id, source_id, content_hash, revision, absences, withdrawn, ends, kind)
select $1,* from unnest($2::text[],$3::text[],$4::text[],$5::bigint[],$6::int[],$7::bool[],$8::timestamptz[],$9::text[])
on conflict (partner, object_id) do update set
    source_id = excluded.source_id, content_hash = excluded.content_hash, revision = excluded.revision,
    absences = excluded.absences, withdrawn = excluded.withdrawn, ends = excluded.ends, kind = excluded.kind,
    changed_at = now()"""

_ADD_FACTS = """
insert into sync.fact (partner, fact_id, object_id, revision, type, key, time, payload)
select $1, fact_id, object_id, revision, type, key, time, payload
from unnest($2::text[], $3::text[], $4::bigint[], $5::text[], $6::text[], $7::text[], $8::bytea[])
    with ordinality as given (fact_id, object_id, revision, type, key, time, payload, place)
order by place"""

_PENDING = """
select fact_id, object_id, revision, type, key, time, payload from sync.fact
where partner = $1 and sent_at is null order by number"""

_SENT = "update sync.fact set sent_at = now() where partner = $1 and fact_id = any($2::text[])"
_FORGET = "delete from sync.fact where partner = $1 and sent_at < now() - interval '30 days'"

_MARK = """
update sync.object as known set source_id = given.source_id, absences = given.absences
from unnest($2::text[], $3::text[], $4::int[], $5::bigint[]) as given (object_id, source_id, absences, revision)
where partner = $1 and known.object_id = given.object_id and known.revision = given.revision"""

_SAVE_CURSOR = """
insert into sync.cursor (partner, cursor) values ($1, $2)
on conflict (partner) do update set cursor = excluded.cursor, saved_at = now()"""

_CLEAR_REFUSALS = """
delete from sync.refusal where partner = $1 and (($2 and source_id <> all($6::text[])) or source_id = any($3::text[]))
and not exists (select from unnest($4::text[], $5::text[]) as still (source_id, place)
    where still.source_id = refusal.source_id and still.place = refusal.place)"""

_NOTE_REFUSALS = """
insert into sync.refusal (partner, source_id, place, reason)
select $1, * from unnest($2::text[], $3::text[], $4::text[])
on conflict (partner, source_id, place) do update set reason = excluded.reason"""


class InterleavedError(Exception):
    """Another pull of the same partner recorded facts meanwhile; nothing of this one was recorded."""


@dataclass(frozen=True, slots=True)
class Ledger:
    """The pull side of one partner. Every method is one statement or one short transaction."""

    pool: Pool
    partner: str

    async def clock(self) -> datetime:
        """Return the database's present: what two processes can compare."""
        moment: datetime = await self.pool.fetchval("select now()")
        return moment

    async def known(self) -> dict[str, Known]:
        """Return every object ever told, by its id."""
        return {row["object_id"]: Known(*row.values()) for row in await self.pool.fetch(_KNOWN, self.partner)}

    async def record(self, changes: Sequence[Change]) -> list[Outgoing]:
        """Allocate revisions and write the facts down as pending, in one transaction.

        Raises:
            InterleavedError: an object's revision is no longer the one the change was found against.
        """
        time = now()
        facts = [allocate(change, time) for change in changes]
        async with self.pool.acquire() as connection, connection.transaction():
            locked = await connection.fetch(_LOCK_REVISIONS, self.partner, [fact.object_id for fact in facts])
            revisions = {row["object_id"]: row["revision"] for row in locked}
            if any(revisions.get(fact.object_id, 0) + 1 != fact.revision for fact in facts):
                raise InterleavedError(f"expected to be the only pull of {self.partner}; let the other one end first")
            await connection.execute(_SAVE_OBJECTS, self.partner, *_object_columns(changes))
            columns = _columns(facts, "fact_id", "object_id", "revision", "type", "key", "time", "payload")
            await connection.execute(_ADD_FACTS, self.partner, *columns)
        return facts

    async def pending(self) -> list[Outgoing]:
        """Return the facts that Kafka has not acknowledged, in the order in which they were recorded."""
        return [Outgoing(*row.values()) for row in await self.pool.fetch(_PENDING, self.partner)]

    async def sent(self, facts: Sequence[Outgoing]) -> None:
        """Mark facts as acknowledged."""
        await self.pool.execute(_SENT, self.partner, [fact.fact_id for fact in facts])

    async def mark(self, rows: Sequence[Known]) -> None:
        """Note absences and source ids of objects that have nothing new to tell."""
        columns = _columns(rows, "object_id", "source_id", "absences", "revision")
        await self.pool.execute(_MARK, self.partner, *columns)

    async def note_refusals(
        self, refused: Sequence[Refused], seen: Sequence[str], *, complete: bool, present: Sequence[str] = ()
    ) -> None:
        """Replace what is refused: of the source ids seen, or of all but those ``present`` where it was complete."""
        rows = {(each.source_id, each.place): each.reason.en for each in refused}
        sources, places = [source for source, _ in rows], [place for _, place in rows]
        async with self.pool.acquire() as connection, connection.transaction():
            kept = (list(seen), sources, places, list(present))
            await connection.execute(_CLEAR_REFUSALS, self.partner, complete, *kept)
            await connection.execute(_NOTE_REFUSALS, self.partner, sources, places, list(rows.values()))

    async def cursor(self) -> str | None:
        """Return where the last pull ended; None before the first."""
        found: str | None = await self.pool.fetchval("select cursor from sync.cursor where partner = $1", self.partner)
        return found

    async def save_cursor(self, cursor: str | None) -> None:
        """Note where this pull ended, the last thing it does; and forget facts older than the inbox keeps them."""
        if cursor is None:
            await self.pool.execute("delete from sync.cursor where partner = $1", self.partner)
        else:
            await self.pool.execute(_SAVE_CURSOR, self.partner, cursor)
        await self.pool.execute(_FORGET, self.partner)


def _object_columns(changes: Sequence[Change]) -> list[list[object]]:
    rows = [replace(change.after, revision=change.after.revision + 1) for change in changes]
    return _columns(rows, "object_id", "source_id", "content_hash", "revision", "absences", "withdrawn", "ends", "kind")


def _columns(rows: Sequence[object], *names: str) -> list[list[object]]:
    """Turn rows into the arrays that ``unnest`` takes."""
    return [[getattr(row, name) for row in rows] for name in names]
