"""What the hub refused of what a partner's system told, by object: for the answers to whoever told it.

Sentences alone: a rejection holds no value of its message.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from contracts.rejection import FactRejected
from contracts.wording import Wording
from services.runtime.postgres import Pool

_NOTE = """
insert into sync.rejection as known (partner, object_id, revision, english, german) values ($1, $2, $3, $4, $5)
on conflict (partner, object_id) do update set
    revision = excluded.revision, english = excluded.english, german = excluded.german
where known.revision <= excluded.revision"""
_OF = """
select object_id, revision, english, german from sync.rejection where partner = $1 and object_id = any($2::text[])"""


@dataclass(frozen=True, slots=True)
class Rejection:
    """Of which revision of an object, and why."""

    revision: int
    reason: Wording


@dataclass(frozen=True, slots=True)
class Rejections:
    """Those of one partner: of each object the one of its latest revision."""

    pool: Pool
    partner: str

    async def note(self, told: FactRejected, object_id: str, revision: int) -> None:
        """Note what was refused; that of an older revision changes nothing."""
        english, german = told.expected.english, told.expected.german
        await self.pool.execute(_NOTE, self.partner, object_id, revision, english, german)

    async def of(self, objects: Collection[str]) -> Mapping[str, Rejection]:
        """Return what is known of some objects, by id."""
        rows = await self.pool.fetch(_OF, self.partner, list(objects))
        return {row["object_id"]: Rejection(row["revision"], Wording(row["english"], row["german"])) for row in rows}
