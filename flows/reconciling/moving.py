"""What is on its way between a partner's system and the hub's records: no difference yet, and nothing to repair."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from flows.known import Known
from services.runtime.postgres import Pool

ON_ITS_WAY = timedelta(minutes=5)
"""A fact of a pull may take so long until it is recorded, and a recorded one so long until a push has written it."""

_LAST = 2**53  # a revision that no fact has

_MOVING = """
select object_id, max(revision) as revision from (
    select object_id, $4::bigint as revision from sync.object where partner = $1 and changed_at >= $2
    union all
    select object_id, revision from sync.fact where partner = $1 and (sent_at is null or sent_at >= $2 - $3::interval)
) as told group by object_id"""

_CORRECT = """
insert into sync.object (partner, object_id, source_id, content_hash, revision, absences, withdrawn, ends, kind)
select $1,* from unnest($2::text[],$3::text[],$4::text[],$5::bigint[],$6::int[],$7::bool[],$8::timestamptz[],$9::text[])
on conflict (partner, object_id) do update set
    content_hash = excluded.content_hash, revision = greatest(object.revision, excluded.revision),
    absences = excluded.absences, withdrawn = excluded.withdrawn, ends = excluded.ends, kind = excluded.kind"""

_COLUMNS = ("object_id", "source_id", "content_hash", "revision", "absences", "withdrawn", "ends", "kind")


class Memory(Protocol):
    """The ledger of one partner's pulls, as a comparison sees it."""

    async def moving(self, since: datetime) -> Mapping[str, int]:
        """Return the objects told since a moment of the database's clock, or shortly before.

        Each with the revision that must be recorded for it to have arrived; no fact has the one of those told since.
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

    async def moving(self, since: datetime) -> Mapping[str, int]:
        """As `Memory.moving`."""
        rows = await self.pool.fetch(_MOVING, self.partner, since, ON_ITS_WAY, _LAST)
        return {row["object_id"]: row["revision"] for row in rows}

    async def correct(self, rows: Sequence[Known]) -> None:
        """As `Memory.correct`, in one statement; a revision never goes back."""
        columns = [[getattr(row, name) for row in rows] for name in _COLUMNS]
        await self.pool.execute(_CORRECT, self.partner, *columns)
