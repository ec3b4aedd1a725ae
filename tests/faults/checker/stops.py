"""When an outbox could not be written. Behind such a stop it is told what holds, and not all that held meanwhile.

That is what the design says of a route ("An outbox that fails holds up nobody"): what a newer fact of the same object
superseded before the outbox could be written again is not shown any more. The book ``hub.routes`` says when that was.
"""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import inf

from tests.faults.checker.evidence import Name, Row


@dataclass(frozen=True, slots=True)
class Stop:
    """One outbox and one partition of the recorded facts: from which offset on, and until when (seconds)."""

    outbox: str
    partition: str
    first: int
    until: float

    def covers(self, outbox: str, row: Row) -> bool:
        """Whether a fact was recorded behind the stop and before it ended."""
        where = f"{row.topic}/{row.partition}"
        return (outbox, where) == (self.outbox, self.partition) and self.first <= row.offset and row.at <= self.until


def stops(book: Iterable[Row]) -> list[Stop]:
    """Read the book, in its order: a note with an offset stops an outbox or moves it on, one without lets it run."""
    found: list[Stop] = []
    open_: dict[tuple[str, str], int] = {}
    for row in book:
        told = json.loads(row.value)
        place = told["route"], told["partition"]
        if told["stopped"] is not None:
            open_.setdefault(place, told["stopped"])
        elif place in open_:
            found.append(Stop(*place, open_.pop(place), row.at))
    return found + [Stop(*place, first, inf) for place, first in open_.items()]


def still_wanted(outbox: str, wanted: Sequence[Row], there: Sequence[Row], stopped: Sequence[Stop]) -> list[Row]:
    """Leave out what need not be told: it was superseded behind a stop, by what was told behind the same stop."""
    told, excused = {row.name for row in there}, set[Name]()
    for stop in stopped:
        behind = [row for row in wanted if stop.covers(outbox, row)]
        newest: dict[bytes | None, int] = {}
        for row in behind:
            if row.name in told:
                newest[row.key] = max(row.offset, newest.get(row.key, -1))
        excused |= {row.name for row in behind if row.offset < newest.get(row.key, -1)}
    return [row for row in wanted if row.name in told or row.name not in excused]
