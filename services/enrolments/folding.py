"""What each recorded fact makes of its offering. Nothing is decided here: a rebuild folds the same facts again."""

from collections.abc import Callable, Mapping

from contracts.enrolment import (
    Enrolment,
    EnrolmentAssociated,
    EnrolmentCancelled,
    EnrolmentDenied,
    EnrolmentFinished,
    EnrolmentQueued,
    EnrolmentRequested,
)
from contracts.fact import Fact
from contracts.offering import OfferingClosed, OfferingOpened
from services.enrolments.offering import Enrolled, Offering, told

BECOMES: Mapping[type[Fact], str] = {
    EnrolmentRequested: "pending",
    EnrolmentQueued: "queued",
    EnrolmentAssociated: "associated",
    EnrolmentDenied: "denied",
    EnrolmentCancelled: "cancelled",
    EnrolmentFinished: "finished",
}
"""The state that an enrolment is in after a fact."""


def evolve(state: Offering | None, fact: Fact) -> Offering:
    """Fold one recorded fact into its offering's state."""
    return _FOLDS.get(type(fact), _enrolled)(state or Offering(), fact)


def _enrolled(state: Offering, fact: Fact) -> Offering:
    assert isinstance(fact, Enrolment)  # noqa: S101 - the table knows the others
    until = getattr(fact, "waits_until", None)
    now = Enrolled(
        BECOMES[type(fact)], fact.revision, fact.person_ref or "", fact.age_band, told(until) if until else None
    )
    return state._replace(enrolments={**state.enrolments, fact.enrolment_id: now})


def _opened(state: Offering, fact: Fact) -> Offering:
    assert isinstance(fact, OfferingOpened)  # noqa: S101 - see the table
    return state._replace(status="open", revision=fact.revision, cause=None, capacity=fact.capacity)


def _closed(state: Offering, fact: Fact) -> Offering:
    assert isinstance(fact, OfferingClosed)  # noqa: S101 - see the table
    return state._replace(status="closed", revision=fact.revision, cause=fact.cause)


_FOLDS: Mapping[type[Fact], Callable[[Offering, Fact], Offering]] = {
    OfferingOpened: _opened,
    OfferingClosed: _closed,
}
