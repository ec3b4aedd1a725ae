"""The decider of the stream ``research``: a closed study keeps what it was opened as, a withdrawn dataset does not."""

from contracts.dataset import DatasetPublished, DatasetWithdrawn
from contracts.observation import ObservationRecorded
from contracts.publication import PublicationPublished
from contracts.study import StudyClosed, StudyOpened
from services.runtime.by_revision import Becomes, ByRevision

BECOMES = {
    DatasetPublished.type: Becomes("published", first=True),
    DatasetWithdrawn.type: Becomes("withdrawn"),
    PublicationPublished.type: Becomes("published", first=True),
    ObservationRecorded.type: Becomes("recorded", first=True),
    StudyOpened.type: Becomes("opened", first=True),
    StudyClosed.type: Becomes("closed", keeps=True),
}


def works() -> ByRevision:
    """Make the decider."""
    return ByRevision(BECOMES)
