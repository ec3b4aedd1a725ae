"""How much is written down at a time: portions of facts, each for one database transaction."""

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import TypeVar

from flows.ledger.known import Change

Row = TypeVar("Row")
_AT_ONCE = 500  # facts in one database transaction


def rounds(changes: Sequence[Change]) -> list[list[Change]]:
    """Part changes so that each object stands once in a round: one transaction allocates one revision of an object."""
    found: list[list[Change]] = []
    before: Counter[str] = Counter()
    for change in changes:
        place = before[change.fact.subject]
        before[change.fact.subject] += 1
        found += [[]] if place == len(found) else []
        found[place].append(change)
    return found


def chunks(rows: Sequence[Row]) -> Iterable[Sequence[Row]]:
    """Part rows into portions."""
    return (rows[start : start + _AT_ONCE] for start in range(0, len(rows), _AT_ONCE))
