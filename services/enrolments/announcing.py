"""What is said of an offering: one can take part, in how many places and until when; or not any more."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from contracts.admission import Admitted
from contracts.enrolment import EnrolmentDenied
from contracts.event import EventCancelled, EventPublished, EventWithdrawn
from contracts.fact import Fact
from contracts.offering import Kind, OfferingClosed, OfferingOpened, OfferingReminded, Reason, Reasons
from contracts.parts import Capacity, Registration
from contracts.study import StudyClosed
from services.enrolments.folding import evolve
from services.enrolments.making import caused, enrolment
from services.enrolments.offering import Offering, told

MOST = 1_000_000
"""Places, as many as a contract takes."""

_CLOSED_BY: Mapping[tuple[type[Fact], str], str] = {
    (EventCancelled, ""): "offering-cancelled",
    (EventWithdrawn, ""): "offering-withdrawn",
    (StudyClosed, "cancelled"): "offering-cancelled",
    (StudyClosed, "completed"): "offering-closed",
    (StudyClosed, "full"): "offering-closed",
}


def opened(state: Offering, fact: Admitted, now: datetime) -> Sequence[Admitted]:
    """It is published, or published anew; where its last date is over, nobody can take part."""
    if _of_another_kind(state, fact.fact) and state.cause != "offering-withdrawn":
        return ()
    ends = fact.fact.over
    if ends is not None and ends <= now:
        return _closing(state, fact, "offering-closed")
    registration: Registration = getattr(fact.fact, "registration", None) or Registration()
    capacity: Capacity = getattr(fact.fact, "capacity", None) or Capacity()
    opening = OfferingOpened(
        revision=state.revision + 1,
        offering_id=fact.fact.key,
        kind=_kind(fact.fact),
        capacity=_places(state, capacity),
        remaining=capacity.remaining,
        registration_closes=_second(registration.closes),
        ends=_second(ends),
    )
    return () if evolve(state, opening) == state._replace(revision=opening.revision) else [caused(opening, fact)]


def closed(state: Offering, fact: Admitted) -> Sequence[Admitted]:
    """Nobody can take part any more."""
    if _of_another_kind(state, fact.fact):
        return ()
    cause = fact.fact.cause if isinstance(fact.fact, StudyClosed) else ""
    return _closing(state, fact, _CLOSED_BY[type(fact.fact), cause], _reasons(fact.fact))


def reminded(state: Offering, fact: Admitted) -> Sequence[Admitted]:
    """Nobody published it until then, or its last date is over: who waited that long is denied."""
    assert isinstance(fact.fact, OfferingReminded)  # noqa: S101 - see the table of rules
    until = told(fact.fact.until)
    if state.status == "open" and state.ends is not None and state.ends <= until:
        return _closing(state, fact, "offering-closed")
    late = [name for name in state.having("pending") if (state.enrolments[name].waits_until or until) <= until]
    return [enrolment(EnrolmentDenied, fact, state, name, cause="offering-unknown") for name in late]


def _reasons(fact: Fact) -> Reasons | None:
    """Take the lines: with each enrolment goes what fits beside it, the details stand in the fact of the event."""
    told = fact.reason if isinstance(fact, EventCancelled) else ()
    return tuple({each.language: Reason(language=each.language, text=each.title) for each in told}.values()) or None


def _closing(state: Offering, fact: Admitted, cause: str, reason: Reasons | None = None) -> Sequence[Admitted]:
    if (state.status, state.cause) == ("closed", cause):
        return ()
    kind = state.kind if isinstance(fact.fact, OfferingReminded) else _kind(fact.fact)
    closing = OfferingClosed(
        revision=state.revision + 1, offering_id=fact.fact.key, kind=kind, cause=cause, reason=reason
    )
    return [caused(closing, fact)]


def _places(state: Offering, capacity: Capacity) -> int | None:
    """Count the places that the hub may give: no more than the organiser has in all, or says to be left.

    A number that is not higher than the last one is no news of places: the organiser may not have booked what the hub
    gave meanwhile.
    """
    if capacity.remaining is None:
        return capacity.maximum
    places = [state.taken + capacity.remaining, MOST if capacity.maximum is None else capacity.maximum]
    if state.remaining is not None and state.capacity is not None and capacity.remaining <= state.remaining:
        places.append(state.capacity)
    return min(places)


def _of_another_kind(state: Offering, fact: Fact) -> bool:
    return state.kind not in (None, _kind(fact))


def _kind(fact: Fact) -> Kind:
    return "event" if fact.stream == EventPublished.stream else "study"


def _second(moment: datetime | None) -> datetime | None:
    return moment.replace(microsecond=0) if moment else None
