"""The decider of the stream ``events``: a cancelled event keeps what it was published as, a withdrawn one does not."""

from contracts.event import EventCancelled, EventPublished, EventWithdrawn
from contracts.fact import Fact
from services.events.marks import marks_of
from services.runtime.by_revision import Becomes, ByRevision

BECOMES = {
    EventPublished.type: Becomes("published", first=True),
    EventCancelled.type: Becomes("cancelled", keeps=True),
    EventWithdrawn.type: Becomes("withdrawn"),
}


def catalogue() -> ByRevision:
    """Make the decider."""
    return ByRevision(BECOMES, _marks)


def _marks(fact: Fact) -> frozenset[str]:
    return marks_of(fact) if isinstance(fact, EventPublished) else frozenset()
