"""What the pulls of one partner remember in PostgreSQL: objects, revisions, facts on their way, the cursor.

A fact is written down with its object's row before it is published and marked sent after Kafka's word. Whatever dies in
between, the next run sends the same bytes under the same id first, and no revision is given twice.

A fact that tells a human is written down without what it says: nothing of people stays here. Where a run dies before
Kafka's word, its object counts as never told, and the next reading tells it under the next revision.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from contracts.envelope import now
from contracts.registry import tells_a_person
from flows.connector import Refused
from flows.ledger import statements
from flows.ledger.known import Change, Known
from flows.ledger.outgoing import Outgoing, allocate
from services.runtime.postgres import Pool


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
        rows = await self.pool.fetch(statements.KNOWN, self.partner)
        return {row["object_id"]: Known(*row.values()) for row in rows}

    async def record(self, changes: Sequence[Change]) -> list[Outgoing]:
        """Allocate revisions and write the facts down as pending, in one transaction.

        Raises:
            InterleavedError: an object's revision is no longer the one the change was found against.
        """
        time = now()
        facts = [allocate(change, time) for change in changes]
        async with self.pool.acquire() as connection, connection.transaction():
            ids = [fact.object_id for fact in facts]
            locked = await connection.fetch(statements.LOCK_REVISIONS, self.partner, ids)
            revisions = {row["object_id"]: row["revision"] for row in locked}
            if any(revisions.get(fact.object_id, 0) + 1 != fact.revision for fact in facts):
                raise InterleavedError(f"expected to be the only pull of {self.partner}; let the other one end first")
            await connection.execute(statements.SAVE_OBJECTS, self.partner, *_object_columns(changes))
            columns = _columns(
                [_kept(fact) for fact in facts], "fact_id", "object_id", "revision", "type", "key", "time", "payload"
            )
            await connection.execute(statements.ADD_FACTS, self.partner, *columns)
        return facts

    async def forget_unsent(self) -> None:
        """Let objects count as never told of which a fact about a human may not have been sent."""
        await self.pool.execute(statements.FORGET_UNSENT, self.partner)

    async def pending(self) -> list[Outgoing]:
        """Return the facts that Kafka has not acknowledged, in the order in which they were recorded."""
        return [Outgoing(*row.values()) for row in await self.pool.fetch(statements.PENDING, self.partner)]

    async def sent(self, facts: Sequence[Outgoing]) -> None:
        """Mark facts as acknowledged."""
        await self.pool.execute(statements.SENT, self.partner, [fact.fact_id for fact in facts])

    async def mark(self, rows: Sequence[Known]) -> None:
        """Note absences and source ids of objects that have nothing new to tell."""
        columns = _columns(rows, "object_id", "source_id", "absences", "revision")
        await self.pool.execute(statements.MARK, self.partner, *columns)

    async def note_refusals(
        self, refused: Sequence[Refused], seen: Sequence[str], *, complete: bool, present: Sequence[str] = ()
    ) -> None:
        """Replace what is refused: of the source ids seen, or of all but those ``present`` where it was complete."""
        rows = {(each.source_id, each.place): each.reason.en for each in refused}
        sources, places = [source for source, _ in rows], [place for _, place in rows]
        async with self.pool.acquire() as connection, connection.transaction():
            kept = (list(seen), sources, places, list(present))
            await connection.execute(statements.CLEAR_REFUSALS, self.partner, complete, *kept)
            await connection.execute(statements.NOTE_REFUSALS, self.partner, sources, places, list(rows.values()))

    async def cursor(self) -> str | None:
        """Return where the last pull ended; None before the first."""
        found: str | None = await self.pool.fetchval("select cursor from sync.cursor where partner = $1", self.partner)
        return found

    async def save_cursor(self, cursor: str | None) -> None:
        """Note where this pull ended, the last thing it does; and forget facts older than the inbox keeps them."""
        if cursor is None:
            await self.pool.execute("delete from sync.cursor where partner = $1", self.partner)
        else:
            await self.pool.execute(statements.SAVE_CURSOR, self.partner, cursor)
        await self.pool.execute(statements.FORGET, self.partner)


def _kept(fact: Outgoing) -> Outgoing:
    return replace(fact, payload=b"") if tells_a_person(fact.type) else fact


def _object_columns(changes: Sequence[Change]) -> list[list[object]]:
    rows = [replace(change.after, revision=change.after.revision + 1) for change in changes]
    return _columns(rows, "object_id", "source_id", "content_hash", "revision", "absences", "withdrawn", "ends", "kind")


def _columns(rows: Sequence[object], *names: str) -> list[list[object]]:
    """Turn rows into the arrays that ``unnest`` takes."""
    return [[getattr(row, name) for row in rows] for name in names]
