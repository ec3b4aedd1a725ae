"""The state of one offering: whether one can take part, and who asked to, in the order of the requests."""

from collections.abc import Mapping
from datetime import datetime
from typing import NamedTuple

from pydantic_core import from_json, to_json

from contracts.text import ObjectId

Status = str  # pending, queued, associated, denied, cancelled, finished: Open Education API 6

LIVE = ("pending", "queued", "associated")


class Enrolled(NamedTuple):
    """One enrolment.

    Attributes:
        status: see above.
        revision: the hub's, of what is known of it.
        waits_until: RFC 3339 in UTC, while the offering is unknown.
        asked: the sender's revision of its request.
        attendance: as the organiser told it.
        cause: why it was cancelled or denied.
    """

    status: Status
    revision: int
    person_ref: str
    age_band: str | None = None
    waits_until: str | None = None
    asked: int = 1
    attendance: str | None = None
    cause: str | None = None

    @property
    def may_ask_again(self) -> bool:
        """Whether it is over, and not by the organiser's word: a request that is only corrected must not undo that."""
        return self.status in ("cancelled", "denied") and self.cause != "organiser"


class Offering(NamedTuple):
    """What one can take part in.

    Attributes:
        status: awaited (nobody published it), open or closed.
        revision: of what is known of it.
        kind: event or study.
        cause: why it is closed.
        capacity: places that the hub may give; None where there is no limit.
        remaining: how many the organiser last told to be left.
        registration_closes, ends: from when on requests are denied; RFC 3339 in UTC.
        enrolments: by id, in the order of the requests.
        reasons: why it was cancelled, in the organiser's words by language.
    """

    status: str = "awaited"
    revision: int = 0
    kind: str | None = None
    cause: str | None = None
    capacity: int | None = None
    remaining: int | None = None
    registration_closes: str | None = None
    ends: str | None = None
    enrolments: Mapping[ObjectId, Enrolled] = {}
    reasons: Mapping[str, str] = {}

    def having(self, *statuses: Status) -> list[ObjectId]:
        """Return the enrolments of these statuses, in the order of the requests."""
        return [name for name, each in self.enrolments.items() if each.status in statuses]

    @property
    def taken(self) -> int:
        """How many places somebody has or had."""
        return len(self.having("associated", "finished"))

    @property
    def free(self) -> int | None:
        """How many places are left, none below zero; None where there is no limit."""
        return None if self.capacity is None else max(0, self.capacity - self.taken)

    @property
    def due(self) -> str | None:
        """Return the moment until which somebody waits: the first request for its offering, or a queue for a place."""
        waiting = (self.enrolments[name].waits_until for name in self.having("pending"))
        return min((until for until in waiting if until), default=self.ends if self.having("queued") else None)


def told(moment: datetime) -> str:
    """Return a moment as text that sorts: RFC 3339 in UTC, whole seconds."""
    return moment.replace(tzinfo=None, microsecond=0).isoformat() + "Z"


def load(body: bytes) -> Offering:
    """Read a state."""
    state = Offering(*from_json(body))
    return state._replace(enrolments={name: Enrolled(*each) for name, each in state.enrolments.items()})


def dump(state: Offering) -> bytes:
    """Write a state."""
    return bytes(to_json([*state]))
