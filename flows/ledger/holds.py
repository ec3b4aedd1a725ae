"""What the guard against shrinkage holds back, object by object, until it is told again or an operator accepts it.

Kept apart from the runs: a source that tells only what changed is silent about what it lacks, so that the run after a
held one may look as if nothing were the matter.
"""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Protocol

from flows.ledger.known import Diff
from services.runtime.postgres import Pool

_HELD = "select object_id from sync.hold where partner = $1"

_RELEASE = """
delete from sync.hold where partner = $1 and object_id <> all($2::text[]) and ($3 or object_id = any($4::text[]))"""

_HOLD = "insert into sync.hold (partner, object_id) select $1, unnest($2::text[]) on conflict do nothing"


class Holds(Protocol):
    """What is held of one partner."""

    async def all(self) -> frozenset[str]:
        """Return the objects held."""
        ...

    async def note(self, found: Diff, told: Collection[str], *, complete: bool) -> None:
        """Hold what a reading misses too much of; release what it told, and all else where it was complete."""
        ...


@dataclass(frozen=True, slots=True)
class KeptHolds:
    """Implements `Holds` in PostgreSQL."""

    pool: Pool
    partner: str

    async def all(self) -> frozenset[str]:
        """As `Holds.all`."""
        return frozenset(row["object_id"] for row in await self.pool.fetch(_HELD, self.partner))

    async def note(self, found: Diff, told: Collection[str], *, complete: bool) -> None:
        """As `Holds.note`, in one transaction."""
        async with self.pool.acquire() as connection, connection.transaction():
            await connection.execute(_RELEASE, self.partner, found.held, complete, sorted(settled(found, told)))
            await connection.execute(_HOLD, self.partner, found.held)


def settled(found: Diff, told: Collection[str]) -> frozenset[str]:
    """Return the objects of which nothing is open: the reading told them, or they are withdrawn."""
    return frozenset(told).union(change.fact.subject for change in found.changes)
