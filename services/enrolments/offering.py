"""The state of one offering: whether one can take part, and who asked to, in the order of the requests."""

from collections.abc import Mapping
from datetime import datetime
from typing import NamedTuple

from pydantic_core import from_json, to_json

from contracts.text import ObjectId

Status = str  # pending, queued, associated, denied, cancelled, finished: Open Education API 6

LIVE = ("pending", "queued", "associated")


class Enrolled(NamedTuple):
    """One enrolment. ``waits_until``: RFC 3339 in UTC, while the offering is unknown."""

    status: Status
    revision: int
    person_ref: str
    age_band: str | None = None
    waits_until: str | None = None


class Offering(NamedTuple):
    """What one can take part in.

    Attributes:
        status: awaited (nobody published it), open or closed.
        revision: of what is known of it.
        cause: why it is closed.
        capacity: places; None where there is no limit.
        enrolments: by id, in the order of the requests.
    """

    status: str = "awaited"
    revision: int = 0
    cause: str | None = None
    capacity: int | None = None
    enrolments: Mapping[ObjectId, Enrolled] = {}

    def having(self, *statuses: Status) -> list[ObjectId]:
        """Return the enrolments of these statuses, in the order of the requests."""
        return [name for name, each in self.enrolments.items() if each.status in statuses]

    @property
    def free(self) -> int | None:
        """How many places nobody has or had, none below zero; None where there is no limit."""
        return None if self.capacity is None else max(0, self.capacity - len(self.having("associated", "finished")))

    @property
    def due(self) -> str | None:
        """Return the moment at which the first request has waited long enough."""
        waiting = (self.enrolments[name].waits_until for name in self.having("pending"))
        return min((until for until in waiting if until), default=None)


def told(moment: datetime) -> str:
    """Return a moment as text that sorts: RFC 3339 in UTC, whole seconds."""
    return moment.replace(tzinfo=None, microsecond=0).isoformat() + "Z"


def load(body: bytes) -> Offering:
    """Read a state."""
    status, revision, cause, capacity, enrolments = from_json(body)
    return Offering(status, revision, cause, capacity, {name: Enrolled(*each) for name, each in enrolments.items()})


def dump(state: Offering) -> bytes:
    """Write a state."""
    return bytes(to_json([*state]))
