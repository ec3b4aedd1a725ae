"""What a fact that comes in means for its offering: the facts that it directly is, or why it is none."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

from contracts.admission import Admitted
from contracts.enrolment import (
    Enrolment,
    EnrolmentCancelled,
    EnrolmentDenied,
    EnrolmentFinished,
    EnrolmentRequested,
)
from contracts.event import EventCancelled, EventPublished, EventWithdrawn
from contracts.fact import Fact
from contracts.offering import OfferingClosed, OfferingMissed, OfferingOpened
from contracts.refusal import Refusal
from contracts.study import StudyClosed, StudyOpened
from contracts.wording import expected
from services.enrolments.folding import BECOMES
from services.enrolments.making import caused, enrolment
from services.enrolments.offering import LIVE, Enrolled, Offering, told

MOST = 10_000
"""Enrolments of one offering: all of them are its state."""

Judged = Sequence[Admitted] | Refusal
"""Facts, none for what is known already."""


class Ending(NamedTuple):
    """How partners end an enrolment: from which states, and which causes are theirs to give."""

    possible: tuple[str, ...]
    causes: tuple[str, ...] = ()


ENDINGS: Mapping[type[Fact], Ending] = {
    EnrolmentCancelled: Ending(LIVE, ("person", "organiser")),
    EnrolmentDenied: Ending(("pending", "queued"), ("organiser",)),
    EnrolmentFinished: Ending(("associated",)),
}
_CLOSED_BY: Mapping[tuple[type[Fact], str], str] = {
    (EventCancelled, ""): "offering-cancelled",
    (EventWithdrawn, ""): "offering-withdrawn",
    (StudyClosed, "cancelled"): "offering-cancelled",
    (StudyClosed, "completed"): "offering-closed",
    (StudyClosed, "full"): "offering-closed",
}


def judge(state: Offering, fact: Admitted, until: datetime) -> Judged:
    """Judge one fact; facts of other kinds of objects mean nothing here.

    Args:
        state: its offering's.
        fact: the fact.
        until: how long a request may wait that comes now.
    """
    rule = RULES.get(type(fact.fact))
    return rule(state, fact, until) if rule else ()


def _requested(state: Offering, fact: Admitted, until: datetime) -> Judged:
    asked = fact.fact
    assert isinstance(asked, EnrolmentRequested)  # noqa: S101 - see the table
    known = state.enrolments.get(asked.enrolment_id)
    if known is not None:
        same = known.person_ref == asked.person_ref
        return () if same else Refusal("enrolment-exists", "enrolment_id", expected("new-enrolment"))
    if len(state.enrolments) >= MOST:
        return Refusal("offering-full", "offering_id", expected("room-in-offering", most=MOST))
    return [
        caused(
            EnrolmentRequested(
                revision=1,
                enrolment_id=asked.enrolment_id,
                offering_id=asked.offering_id,
                person_ref=asked.person_ref,
                age_band=asked.age_band,
                waits_until=until.replace(microsecond=0) if state.status == "awaited" else None,
            ),
            fact,
        )
    ]


def _ended(state: Offering, fact: Admitted, _: datetime) -> Judged:
    asked, contract = fact.fact, type(fact.fact)
    assert isinstance(asked, Enrolment)  # noqa: S101 - see the table
    known, ending = state.enrolments.get(asked.enrolment_id), ENDINGS[contract]
    cause = getattr(asked, "cause", None)
    if known is None:
        return Refusal("object-unknown", "enrolment_id", expected("requested-before"))
    if cause is not None and cause not in ending.causes:
        return Refusal("cause-foreign", "cause", expected("own-cause", options=", ".join(ending.causes)))
    if known.status == BECOMES[contract]:
        return ()
    if known.status not in ending.possible:
        return _impossible(known, ending)
    more = {"cause": cause} if cause else {"attendance": getattr(asked, "attendance", None)}
    return [enrolment(contract, fact, state, asked.enrolment_id, **more)]


def _impossible(known: Enrolled, ending: Ending) -> Refusal:
    sentence = expected("possible-state", options=", ".join(ending.possible), value=known.status)
    return Refusal("transition-impossible", "the whole fact", sentence)


def _opened(state: Offering, fact: Admitted, _: datetime) -> Judged:
    capacity = getattr(fact.fact, "capacity", None)
    places = capacity.maximum if capacity else None
    if (state.status, state.capacity) == ("open", places):
        return ()
    return [caused(OfferingOpened(revision=state.revision + 1, offering_id=fact.fact.key, capacity=places), fact)]


def _closed(state: Offering, fact: Admitted, _: datetime) -> Judged:
    cause = fact.fact.cause if isinstance(fact.fact, StudyClosed) else ""
    closed = OfferingClosed(
        revision=state.revision + 1, offering_id=fact.fact.key, cause=_CLOSED_BY[type(fact.fact), cause]
    )
    return () if (state.status, state.cause) == ("closed", closed.cause) else [caused(closed, fact)]


def _missed(state: Offering, fact: Admitted, _: datetime) -> Judged:
    assert isinstance(fact.fact, OfferingMissed)  # noqa: S101 - see the table
    over, waiting = told(fact.fact.until), state.having("pending") if state.status == "awaited" else ()
    late = [name for name in waiting if (state.enrolments[name].waits_until or "") <= over]
    return [enrolment(EnrolmentDenied, fact, state, name, cause="offering-unknown") for name in late]


RULES: Mapping[type[Fact], Callable[[Offering, Admitted, datetime], Judged]] = {
    EnrolmentRequested: _requested,
    **dict.fromkeys(ENDINGS, _ended),
    **dict.fromkeys((EventPublished, StudyOpened), _opened),
    **dict.fromkeys((EventCancelled, EventWithdrawn, StudyClosed), _closed),
    OfferingMissed: _missed,
}
"""What is heard, by contract."""
