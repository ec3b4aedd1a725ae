"""The contracts of citizens' observations in the stream ``research``: recorded, withdrawn. After Darwin Core.

Who observed (``recordedBy``) is a person and has no field here.
"""

from typing import Literal, Self

from pydantic import Field, model_validator

from contracts.fact import Fact
from contracts.identifiers import Doi
from contracts.model import Model, Privacy
from contracts.parts import Licence
from contracts.period import Interval
from contracts.place import Answer, Coordinates
from contracts.text import LanguageTag, Line, ObjectId, WebAddress
from contracts.violation import unmet


class CommonName(Model, privacy=Privacy.PUBLIC):
    """What people call a species in one language."""

    language: LanguageTag
    name: Line


class ObservationRecorded(
    Fact,
    type="de.lernende-stadt.observation.recorded.v1",
    stream="research",
    subject="observation_id",
    begins=True,
    privacy=Privacy.PUBLIC,
):
    """What, where, when, and how far one can rely on it. A later revision corrects it."""

    observation_id: ObjectId
    scientific_name: Line
    rank: Line | None = None
    common_names: tuple[CommonName, ...] = Field(default=(), max_length=12)
    count: int | None = Field(default=None, ge=0, le=1_000_000_000)
    basis: Literal[
        "HumanObservation",
        "MachineObservation",
        "LivingSpecimen",
        "PreservedSpecimen",
        "FossilSpecimen",
        "MaterialSample",
        "MaterialCitation",
        "Occurrence",
    ] = "HumanObservation"
    when: Interval
    locality: Line | None = None
    coordinates: Coordinates | None = None
    uncertainty: float | None = Field(default=None, ge=0.1, le=20_000_000)
    coarsened: Answer = "unknown"
    quality: Literal["unverified", "needs-identification", "verified"] = "unverified"
    project: Line | None = None
    dataset_doi: Doi | None = None
    licence: Licence | None = None
    source_url: WebAddress | None = None

    @model_validator(mode="after")
    def _no_finer_than_told(self) -> Self:
        """A point that was made coarse looks exact unless its radius stands beside it (GBIF, sensitive species)."""
        if self.coarsened == "yes" and self.coordinates and self.uncertainty is None:
            raise unmet("coarse-with-radius")
        return self


class ObservationWithdrawn(
    Fact,
    type="de.lernende-stadt.observation.withdrawn.v1",
    stream="research",
    subject="observation_id",
    gone={"cause": "deleted-at-source"},
    privacy=Privacy.PUBLIC,
):
    """Says no more than that: whoever shows it removes it."""

    observation_id: ObjectId
    cause: Literal["deleted-at-source", "agreement-closed", "legal"]
