"""What is on its way between a partner's system and the hub's records: no difference yet, and nothing to repair."""

from collections.abc import Collection, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from contracts.registry import kind_of
from flows.ledger.known import Known
from flows.reconciling.recorded import Place
from services.runtime.postgres import Pool

UNDERWAY = timedelta(minutes=5)
"""A fact of a pull may take so long until it is recorded, and a recorded one so long until a push has written it."""

_CHANGED = "select kind, object_id from sync.object where partner = $1 and changed_at >= $2"
_SENT = """
select type, object_id, max(revision) as revision from sync.fact
where partner = $1 and (sent_at is null or sent_at >= $2::timestamptz - $3::interval) group by type, object_id"""

_TOLD = "select type, fact_id from sync.fact where partner = $1 and fact_id = any($2::text[])"

_CORRECT = """
insert into sync.object (partner, object_id, source_id, content_hash, revision, absences, withdrawn, ends, kind)
select $1,* from unnest($2::text[],$3::text[],$4::text[],$5::bigint[],$6::int[],$7::bool[],$8::timestamptz[],$9::text[])
on conflict (partner, object_id) do update set
    content_hash = excluded.content_hash, revision = greatest(object.revision, excluded.revision),
    absences = excluded.absences, withdrawn = excluded.withdrawn, ends = excluded.ends, kind = excluded.kind"""

_COLUMNS = ("object_id", "source_id", "content_hash", "revision", "absences", "withdrawn", "ends", "kind")


class Memory(Protocol):
    """The ledger of one partner's pulls, as a comparison sees it."""

    async def underway(self, since: datetime) -> Mapping[Place, int | None]:
        """Return the objects told since a moment of the database's clock, or shortly before.

        Each with the revision that must be recorded for it to have arrived; None for those told since: no recorded one
        says so.
        """
        ...

    async def told(self, fact_ids: Collection[str]) -> AbstractSet[Place]:
        """Return which of these facts a pull told, each by the kind of its object and its own id.

        Those of the last thirty days and more are known; of older ones nobody can say.
        """
        ...

    async def correct(self, rows: Sequence[Known]) -> None:
        """Make rows what is recorded; only in a run that holds the lock of the partner's pulls."""
        ...


@dataclass(frozen=True, slots=True)
class KeptMemory:
    """Implements `Memory` in PostgreSQL."""

    pool: Pool
    partner: str

    async def underway(self, since: datetime) -> Mapping[Place, int | None]:
        """As `Memory.underway`."""
        found: dict[Place, int | None] = {}
        for row in await self.pool.fetch(_SENT, self.partner, since, UNDERWAY):
            place = kind_of(row["type"]), row["object_id"]
            found[place] = max(row["revision"], found.get(place) or 0)
        changed = await self.pool.fetch(_CHANGED, self.partner, since)
        return found | {(row["kind"], row["object_id"]): None for row in changed}

    async def told(self, fact_ids: Collection[str]) -> AbstractSet[Place]:
        """As `Memory.told`."""
        rows = await self.pool.fetch(_TOLD, self.partner, list(fact_ids))
        return {(kind_of(row["type"]), row["fact_id"]) for row in rows}

    async def correct(self, rows: Sequence[Known]) -> None:
        """As `Memory.correct`, in one statement; a revision never goes back."""
        columns = [[getattr(row, name) for row in rows] for name in _COLUMNS]
        await self.pool.execute(_CORRECT, self.partner, *columns)
