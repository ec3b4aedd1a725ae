"""What partners say of an enrolment: somebody asks, and it ends in one way or another."""

from collections.abc import Mapping, Sequence
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
from contracts.envelope import source_of
from contracts.fact import Fact
from contracts.refusal import Refusal
from contracts.wording import expected
from services.enrolments.folding import BECOMES, evolve
from services.enrolments.making import caused, enrolment
from services.enrolments.offering import LIVE, Enrolled, Offering, told

MOST = 10_000
"""Enrolments of one offering: all of them are its state."""


class Ending(NamedTuple):
    """How partners end an enrolment: from which states, and which causes are theirs to give."""

    possible: tuple[str, ...]
    causes: tuple[str, ...] = ()


ENDINGS: Mapping[type[Fact], Ending] = {
    EnrolmentCancelled: Ending(LIVE, ("person", "organiser")),
    EnrolmentDenied: Ending(("pending", "queued"), ("organiser",)),
    EnrolmentFinished: Ending(("associated", "finished")),
}


def requested(state: Offering, fact: Admitted, now: datetime, until: datetime) -> Sequence[Admitted] | Refusal:
    """Somebody asks, or asks again after a cancellation or a denial: at the end of the order, under a later revision.

    Args:
        state: the offering's.
        fact: the request.
        now: from some moment on an offering takes no requests.
        until: how long it may wait for an offering that nobody has published.
    """
    asked = fact.fact
    assert isinstance(asked, EnrolmentRequested)  # noqa: S101 - see the table of rules
    known = state.enrolments.get(asked.enrolment_id)
    if known is not None and known.person_ref != asked.person_ref:
        return Refusal("enrolment-exists", "enrolment_id", expected("new-enrolment"))
    if known is not None and (not known.may_ask_again or asked.revision <= known.asked):
        return ()
    if known is None and len(state.enrolments) >= MOST:
        return Refusal("offering-full", "offering_id", expected("room-in-offering", most=MOST))
    waits_until = until.replace(microsecond=0) if state.status == "awaited" else None
    return _with_answer(state, fact, told(now), _request(asked, known.revision + 1 if known else 1, waits_until))


def _request(asked: EnrolmentRequested, revision: int, waits_until: datetime | None) -> EnrolmentRequested:
    return EnrolmentRequested(
        revision=revision,
        enrolment_id=asked.enrolment_id,
        offering_id=asked.offering_id,
        person_ref=asked.person_ref,
        age_band=asked.age_band,
        waits_until=waits_until,
        asked=asked.revision,
    )


def _with_answer(state: Offering, fact: Admitted, now: str, request: EnrolmentRequested) -> Sequence[Admitted]:
    first = caused(request, fact)
    limits = (state.registration_closes, state.ends)
    if state.status != "open" or not any(limit and limit <= now for limit in limits):
        return [first]
    known = evolve(state, request)
    return [first, enrolment(EnrolmentDenied, fact, known, request.enrolment_id, cause="offering-closed")]


def ended(state: Offering, fact: Admitted) -> Sequence[Admitted] | Refusal:
    """Somebody says that it is over, or corrects whether the person was there."""
    asked, contract = fact.fact, type(fact.fact)
    assert isinstance(asked, Enrolment)  # noqa: S101 - see the table of rules
    known, ending = state.enrolments.get(asked.enrolment_id), ENDINGS[contract]
    cause, attendance = (getattr(asked, name, None) for name in ("cause", "attendance"))
    if known is None:
        return Refusal("object-unknown", "enrolment_id", expected("requested-before"))
    if cause is not None and cause not in ending.causes:
        return Refusal("cause-foreign", "cause", expected("own-cause", options=", ".join(ending.causes)))
    if (known.status, known.attendance) == (BECOMES[contract], attendance) or _of_an_earlier_request(known, fact):
        return ()
    if known.status not in ending.possible:
        return _impossible(known, ending)
    more = {"cause": cause} if cause else {"attendance": attendance}
    return [enrolment(contract, fact, state, asked.enrolment_id, **more)]


def _of_an_earlier_request(known: Enrolled, fact: Admitted) -> bool:
    asker = source_of(fact.fact.subject.partition(":")[0])
    return fact.envelope.source == asker and fact.fact.revision < known.asked


def _impossible(known: Enrolled, ending: Ending) -> Refusal:
    sentence = expected("possible-state", options=", ".join(ending.possible), value=known.status)
    return Refusal("transition-impossible", "the whole fact", sentence)
