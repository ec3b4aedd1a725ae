"""What follows from an offering's state by itself: who gets a place, who waits, who is told that there is none."""

from collections.abc import Iterator

from contracts.admission import Admitted
from contracts.enrolment import EnrolmentAssociated, EnrolmentCancelled, EnrolmentDenied, EnrolmentQueued
from contracts.offering import Reason
from services.enrolments.making import enrolment
from services.enrolments.offering import Offering

_NOBODY = ("offering-cancelled", "offering-withdrawn")
"""Causes for which also who has a place loses it."""


def consequences(state: Offering, cause: Admitted) -> list[Admitted]:
    """Return the facts that follow. After they are folded in, none follows any more.

    Places go in the order of the requests. Nobody loses a place because there are fewer of them.
    """
    return list({"awaited": _nothing, "open": _placed, "closed": _turned_away}[state.status](state, cause))


def _nothing(_: Offering, __: Admitted) -> Iterator[Admitted]:
    yield from ()


def _placed(state: Offering, cause: Admitted) -> Iterator[Admitted]:
    waiting = state.having("queued", "pending")
    free = len(waiting) if state.free is None else state.free
    for name in waiting[:free]:
        yield enrolment(EnrolmentAssociated, cause, state, name)
    for place, name in enumerate(waiting[free:], 1):
        if state.enrolments[name].status == "pending":
            yield enrolment(EnrolmentQueued, cause, state, name, place=place)


def _turned_away(state: Offering, cause: Admitted) -> Iterator[Admitted]:
    nobody = state.cause in _NOBODY
    reasons = tuple(Reason(language=language, text=text) for language, text in state.reasons.items())
    why = {"cause": state.cause, "reason": reasons or None}
    for name in state.having("pending"):
        yield enrolment(EnrolmentDenied, cause, state, name, **why)
    for name in state.having("queued"):
        contract = EnrolmentCancelled if nobody else EnrolmentDenied
        yield enrolment(contract, cause, state, name, **why)
    for name in state.having("associated") if nobody else ():
        yield enrolment(EnrolmentCancelled, cause, state, name, **why)
