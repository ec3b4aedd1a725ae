"""How each partner is doing: what is measured, and the row it becomes."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Literal

from services.operations.database import Run
from services.operations.partners.called import Call

State = Literal["away", "failing", "stuck", "late", "dead letters", "never", "ok"]
WORST_FIRST: tuple[State, ...] = ("away", "failing", "stuck", "late", "dead letters", "never", "ok")


@dataclass(frozen=True, slots=True)
class Queue:
    """What lies in a topic for its reader. ``waiting`` counts offsets, so it is at most so many records."""

    newest: datetime | None = None
    waiting: int = 0
    oldest: datetime | None = None  # of the first record not read yet


@dataclass(frozen=True, slots=True)
class Measured:
    """Everything ``hub status`` asks for, at ``now``; ``runs`` None where nobody could be asked."""

    now: datetime
    queues: Mapping[str, Queue] = field(default_factory=dict)  # by topic
    dead: Mapping[tuple[str, str], int] = field(default_factory=dict)  # by partner and direction
    runs: Mapping[tuple[str, str], Run] | None = field(default_factory=dict)  # by partner and direction
    stopped: frozenset[str] = frozenset()  # topics that dispatch does not serve now
    backfilling: frozenset[str] = frozenset()  # those of them that get once more what is recorded
    calls: Mapping[str, Call] = field(default_factory=dict)  # by partner that is called


@dataclass(frozen=True, slots=True)
class Health:
    """One row: a partner and a direction, seen from the partner: ``in`` to the hub, ``out`` of it."""

    partner: str
    direction: str
    state: State = "ok"
    fresh: timedelta | None = None
    waiting: int | None = None
    oldest: timedelta | None = None
    dead: int = 0
    todo: str = ""

    def badness(self) -> tuple[int, timedelta, int, str, str]:
        """Sorts the worst first; among equals the longest waiting."""
        longest = -(self.oldest or timedelta(0))
        return (WORST_FIRST.index(self.state), longest, -self.dead, self.partner, self.direction)

    def row(self) -> dict[str, object]:
        """The cells by the names of their columns."""
        return {
            "partner": self.partner,
            "direction": self.direction,
            "state": self.state,
            "fresh": self.fresh,
            "waiting": self.waiting,
            "oldest": self.oldest,
            "dead": self.dead,
            "todo": self.todo,
        }


def away(part: str, todo: str) -> Health:
    """The row of a part that does not answer."""
    return Health(part, "", "away", todo=todo)
