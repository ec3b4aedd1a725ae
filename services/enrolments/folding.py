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
    known = state.enrolments.get(fact.enrolment_id)
    now = Enrolled(
        BECOMES[type(fact)],
        fact.revision,
        fact.person_ref or "",
        fact.age_band,
        asked=known.asked if known else 1,
        attendance=getattr(fact, "attendance", None),
        cause=getattr(fact, "cause", None),
    )
    return state._replace(enrolments={**state.enrolments, fact.enrolment_id: now})


def _requested(state: Offering, fact: Fact) -> Offering:
    assert isinstance(fact, EnrolmentRequested)  # noqa: S101 - see the table
    until = told(fact.waits_until) if fact.waits_until else None
    now = Enrolled("pending", fact.revision, fact.person_ref or "", fact.age_band, until, fact.asked or 1)
    others = {name: each for name, each in state.enrolments.items() if name != fact.enrolment_id}
    return state._replace(enrolments={**others, fact.enrolment_id: now})  # the last in the order of the requests


def _opened(state: Offering, fact: Fact) -> Offering:
    assert isinstance(fact, OfferingOpened)  # noqa: S101 - see the table
    closes, ends = (told(moment) if moment else None for moment in (fact.registration_closes, fact.ends))
    return Offering(
        "open", fact.revision, fact.kind, None, fact.capacity, fact.remaining, closes, ends, state.enrolments
    )


def _closed(state: Offering, fact: Fact) -> Offering:
    assert isinstance(fact, OfferingClosed)  # noqa: S101 - see the table
    reasons = {reason.language: reason.text for reason in fact.reason or ()}
    return state._replace(status="closed", revision=fact.revision, kind=fact.kind, cause=fact.cause, reasons=reasons)


_FOLDS: Mapping[type[Fact], Callable[[Offering, Fact], Offering]] = {
    EnrolmentRequested: _requested,
    OfferingOpened: _opened,
    OfferingClosed: _closed,
}
