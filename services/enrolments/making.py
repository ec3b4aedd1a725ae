"""The hub's own facts of enrolments: made from what caused them, so that the same cause makes the same facts."""

from collections.abc import Callable
from typing import Any
from uuid import NAMESPACE_URL, uuid5

from contracts.admission import Admitted
from contracts.envelope import Envelope, source_of
from contracts.fact import Fact
from services.enrolments.offering import Offering


def enrolment(contract: Callable[..., Fact], cause: Admitted, state: Offering, name: str, /, **more: Any) -> Admitted:  # noqa: ANN401 - the contract's own fields
    """Make the next fact of an enrolment that the state knows."""
    known = state.enrolments[name]
    fact = contract(
        revision=known.revision + 1,
        enrolment_id=name,
        offering_id=cause.fact.key,
        person_ref=known.person_ref,
        age_band=known.age_band,
        **more,
    )
    made = caused(fact, cause)
    others = cause.fact.stream == fact.stream and name != cause.fact.subject
    return made._replace(envelope=_of_ours(made.envelope)) if others else made


def _of_ours(told: Envelope) -> Envelope:
    """Begin a trail of its own: whoever moves up learns nothing of the message by which another one left."""
    return told._replace(source=source_of("hub"), correlation=told.id, traceparent="")


def caused(fact: Fact, cause: Admitted) -> Admitted:
    """Put a fact into an envelope. It has its cause's source and time, and an id that follows from what it says."""
    told = cause.envelope
    envelope = told._replace(
        id=str(uuid5(NAMESPACE_URL, f"{fact.type} {fact.key} {fact.subject} {fact.revision}")),
        type=fact.type,
        subject=fact.subject,
        revision=fact.revision,
        correlation=told.correlation or told.id,
        redrive_of="",
    )
    return Admitted(envelope, fact, fact.payload())
