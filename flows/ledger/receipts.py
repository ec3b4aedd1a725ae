"""What the pushes of one partner remember in PostgreSQL: what was written into its system, and under which revision."""

from dataclasses import dataclass
from datetime import datetime

import asyncpg

from flows.connector import Receipt
from services.runtime.postgres import Pool

_ALL = """
select object_id, fact_id, revision, target_id, etag, content_hash, written_at from sync.receipt where partner = $1"""

_SAVE = """
insert into sync.receipt (partner, object_id, fact_id, revision, target_id, etag, content_hash)
values ($1, $2, $3, $4, $5, $6, $7)
on conflict (partner, object_id) do update set
    fact_id = excluded.fact_id, revision = excluded.revision, target_id = excluded.target_id, etag = excluded.etag,
    content_hash = excluded.content_hash, written_at = now()
where receipt.revision <= excluded.revision
returning written_at"""


@dataclass(frozen=True, slots=True)
class Delivered:
    """The last fact delivered of one object. ``receipt`` is None where the object is no longer in the target."""

    object_id: str
    revision: int
    receipt: Receipt | None
    written_at: datetime


@dataclass(frozen=True, slots=True)
class Receipts:
    """The push side of one partner."""

    pool: Pool
    partner: str

    async def all(self) -> dict[str, Delivered]:
        """Return what was delivered, by object id."""
        rows = await self.pool.fetch(_ALL, self.partner)
        return {row["object_id"]: _delivered(row) for row in rows}

    async def save(self, object_id: str, fact_id: str, revision: int, receipt: Receipt | None) -> Delivered:
        """Note one delivery; ``receipt`` None: the object is no longer there. Never goes back in revisions."""
        target = (receipt.target_id, receipt.etag, receipt.content_hash) if receipt else (None, None, "")
        written = await self.pool.fetchval(_SAVE, self.partner, object_id, fact_id, revision, *target)
        return Delivered(object_id, revision, receipt, written)


def _delivered(row: asyncpg.Record) -> Delivered:
    there = row["target_id"] is not None
    names = ("object_id", "fact_id", "revision", "target_id", "etag", "content_hash")
    receipt = Receipt(*(row[name] for name in names)) if there else None
    return Delivered(row["object_id"], row["revision"], receipt, row["written_at"])
