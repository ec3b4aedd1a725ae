"""The decider of the stream ``research``: a closed study keeps what it was opened as, what is withdrawn does not."""

from contracts.dataset import DatasetPublished, DatasetWithdrawn
from contracts.observation import ObservationRecorded, ObservationWithdrawn
from contracts.publication import PublicationPublished, PublicationWithdrawn
from contracts.study import StudyClosed, StudyOpened
from services.runtime.by_revision import Becomes, ByRevision

BECOMES = {
    DatasetPublished.type: Becomes("published", first=True),
    DatasetWithdrawn.type: Becomes("withdrawn"),
    PublicationPublished.type: Becomes("published", first=True),
    PublicationWithdrawn.type: Becomes("withdrawn"),
    ObservationRecorded.type: Becomes("recorded", first=True),
    ObservationWithdrawn.type: Becomes("withdrawn"),
    StudyOpened.type: Becomes("opened", first=True),
    StudyClosed.type: Becomes("closed", keeps=True),
}


def works() -> ByRevision:
    """Make the decider."""
    return ByRevision(BECOMES)
