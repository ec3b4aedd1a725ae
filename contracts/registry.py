"""Every contract the hub knows, by the type that stands in the message's header."""

from contracts.dataset import DatasetPublished, DatasetWithdrawn
from contracts.enrolment import (
    EnrolmentAssociated,
    EnrolmentCancelled,
    EnrolmentDenied,
    EnrolmentFinished,
    EnrolmentQueued,
    EnrolmentRequested,
)
from contracts.event import EventCancelled, EventPublished, EventWithdrawn
from contracts.fact import Fact
from contracts.observation import ObservationRecorded, ObservationWithdrawn
from contracts.offering import OfferingClosed, OfferingOpened, OfferingReminded
from contracts.publication import PublicationPublished, PublicationWithdrawn
from contracts.rejection import FactRejected
from contracts.study import StudyClosed, StudyOpened

CONTRACTS: dict[str, type[Fact]] = {
    contract.type: contract
    for contract in (
        *(EventPublished, EventCancelled, EventWithdrawn),
        *(DatasetPublished, DatasetWithdrawn, PublicationPublished, PublicationWithdrawn),
        *(ObservationRecorded, ObservationWithdrawn, StudyOpened, StudyClosed),
        *(EnrolmentRequested, EnrolmentQueued, EnrolmentAssociated),
        *(EnrolmentDenied, EnrolmentCancelled, EnrolmentFinished),
        *(OfferingOpened, OfferingClosed, OfferingReminded),
        FactRejected,
    )
}

STREAMS: tuple[str, ...] = tuple(
    dict.fromkeys(contract.stream for contract in CONTRACTS.values() if contract is not FactRejected)
)
"""What is decided and kept. Rejections are told and forgotten."""


def kind_of(contract: str) -> str:
    """Return the kind of object that a contract is about: ``de.lernende-stadt.<object>.<past-participle>.v<N>``."""
    return contract.split(".")[-3]


def tells_a_person(contract: str) -> bool:
    """Whether a fact of this contract carries a human, who goes into the vault and nowhere else."""
    return "person" in CONTRACTS[contract].model_fields


def ends_by_silence(kind: str) -> bool:
    """Whether a source that no longer tells an object of this kind says that it is gone.

    A sheet that lacks a request for a place is no cancellation: that has a fact of its own, which somebody must tell.
    """
    return any(kind_of(name) == kind and contract.gone is not None for name, contract in CONTRACTS.items())


def withdrawal(kind: str, object_id: str) -> Fact:
    """Return the fact that its source no longer has an object, with revision 1.

    Args:
        kind: what kind of object it is, as `kind_of` says.
        object_id: which one.

    Raises:
        KeyError: no contract says so of this kind.
    """
    enders = {kind_of(name): contract for name, contract in CONTRACTS.items() if contract.gone is not None}
    contract = enders[kind]
    return contract.model_validate({contract.subject_field: object_id, "revision": 1, **(contract.gone or {})})
