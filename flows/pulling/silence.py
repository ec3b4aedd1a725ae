"""What it means that a reading does not tell of a known object. The rules stand in ``flows.pulling.snapshot``."""

from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace
from datetime import datetime

from contracts.registry import ends_by_silence, withdrawal
from flows.ledger.known import Change, Diff, Known, Look, content_hash

SHRINKAGE = 5  # one in five: more than that missing at once is held
CERTAIN = 2  # absences that withdraw an object


@dataclass(frozen=True, slots=True)
class Silence:
    """What a reading does not tell."""

    certain: tuple[Known, ...]  # the source itself says that they are gone
    missed: tuple[Known, ...]
    expected: int  # how many objects a sound reading would tell
    empty: bool

    def judged(self, accepted: AbstractSet[str]) -> Diff:
        """Say what the silence means.

        Args:
            accepted: objects of which an operator says that they are gone. The others are judged as if those had never
                been known: what was accepted once is no licence for a worse answer.
        """
        missing = {row.object_id: row for row in (*self.certain, *self.missed)}
        agreed = missing.keys() & accepted
        fresh = len(missing) - len(agreed)
        if (fresh > 1 and fresh * SHRINKAGE > self.expected - len(agreed)) or (self.empty and fresh):
            return Diff(held=tuple(missing), marks=_noted(self.certain))
        missed = (row for row in self.missed if row.object_id not in agreed)
        once = {row.object_id: row for row in missed if row.absences + 1 < CERTAIN}
        return Diff(
            changes=tuple(withdrawn(row) for name, row in missing.items() if name not in once),
            absent=tuple(once),
            accepted=tuple(sorted(agreed)),
            marks=tuple(replace(row, absences=row.absences + 1) for row in once.values()),
        )


def listen(known: Mapping[str, Known], look: Look, told: AbstractSet[str], now: datetime) -> Silence:
    """Find what a reading does not tell.

    Args:
        known: the ledger's rows by object id.
        look: the reading.
        told: the objects it tells.
        now: what has its last date before it is over.
    """
    live = [row for row in known.values() if not row.withdrawn and ends_by_silence(row.kind)]
    current = {row for row in live if row.ends is None or row.ends >= now}
    there = look.doubtful | look.present
    untold = [row for row in live if row.object_id not in told and row.source_id not in there]
    certain = tuple(row for row in untold if _certain(row, look))
    missed = tuple(row for row in untold if look.complete and row in current and not _certain(row, look))
    return Silence(certain, missed, len(current.union(certain)), look.empty and look.complete)


def _certain(row: Known, look: Look) -> bool:
    if row.source_id in look.gone:
        return True
    # A partial reading brings an item again because it changed: what it left out, it left out. And a deletion that was
    # held is not reported a second time.
    return not look.complete and (row.source_id in look.read or row.absences >= CERTAIN)


def _noted(certain: tuple[Known, ...]) -> tuple[Known, ...]:
    """Remember deletions that are held: a source reports each only once."""
    return tuple(replace(row, absences=CERTAIN) for row in certain if row.absences < CERTAIN)


def withdrawn(row: Known) -> Change:
    """Return what is told of an object that is no longer there, by the contract of its kind."""
    fact = withdrawal(row.kind, row.object_id)
    return Change("withdrawn", fact, replace(row, content_hash=content_hash(fact), absences=CERTAIN, withdrawn=True))
