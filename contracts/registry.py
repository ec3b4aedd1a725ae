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
from contracts.offering import OfferingClosed, OfferingMissed, OfferingOpened
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
        *(OfferingOpened, OfferingClosed, OfferingMissed),
        FactRejected,
    )
}

STREAMS: tuple[str, ...] = tuple(
    dict.fromkeys(contract.stream for contract in CONTRACTS.values() if contract is not FactRejected)
)
"""What is decided and kept. Rejections are told and forgotten."""
