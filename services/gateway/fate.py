"""What became of a fact, judged by what is known of it. Pure."""

from dataclasses import dataclass
from typing import Literal

from services.gateway.rejections import Rejection

Status = Literal["received", "waiting", "applied", "delivered", "duplicate", "superseded", "rejected"]


@dataclass(frozen=True, slots=True)
class Known:
    """What is held of the fact's object: the revision, the digest of the fact that made it so, and whether ours waits.

    ``unpublished``: the fact is decided and on its way into the stream. ``named``: where no revision says so, that the
    fact's object is known.
    """

    revision: int = 0
    digest: str = ""
    unpublished: bool = False
    named: bool = False


@dataclass(frozen=True, slots=True)
class Evidence:
    """What was found.

    Attributes:
        passed: intake came past it.
        recorded: it stands in its stream.
        served: dispatch came past it there: it lies in the outboxes that are open to it.
        rejection: what was told of it where it was not taken.
        known: what is held of its object.
        whole: everything was looked through that was recorded since it came.
    """

    passed: bool = False
    recorded: bool = False
    served: bool = False
    rejection: Rejection | None = None
    known: Known = Known()
    whole: bool = True


def status_of(revision: int, digest: str, found: Evidence) -> Status:
    """Judge.

    Args:
        revision: the fact's; 0 where it cannot be read.
        digest: as the services make it, of type and payload.
        found: what was found; the first row that holds counts.
    """
    same = bool(revision) and (found.known.revision, found.known.digest) == (revision, digest)
    rows: tuple[tuple[bool, Status], ...] = (
        (found.recorded and found.served, "delivered"),
        (found.recorded, "applied"),
        (found.rejection is not None, "rejected"),
        (not found.passed, "received"),
        (found.known.unpublished, "applied"),
        (found.known.revision > revision, "superseded"),
        ((same or found.known.named) and found.whole, "duplicate"),
        (same, "applied"),
    )
    return next((status for holds, status in rows if holds), "waiting")
