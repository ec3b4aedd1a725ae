"""The contracts of datasets in the stream ``research``: published, withdrawn. After DataCite 4.7 and DCAT-AP.de."""

from typing import Annotated, Literal

from pydantic import Field

from contracts.fact import Fact
from contracts.model import Model, Privacy
from contracts.period import Day, Period
from contracts.place import Ags
from contracts.text import Line, ObjectId, WebAddress
from contracts.vocabulary import TermOf
from contracts.work import Work


class Distribution(Model, privacy=Privacy.PUBLIC):
    """The data in one form."""

    url: WebAddress
    media_type: Line | None = None
    size: int | None = Field(default=None, ge=0, le=2**53 - 1)


class DatasetPublished(
    Work, Fact, type="de.lernende-stadt.dataset.published.v1", stream="research", subject="dataset_id", begins=True
):
    """The whole description of a dataset; the data stay where they are."""

    dataset_id: ObjectId
    kind: Annotated[str, TermOf("dataset_types")] = "Dataset"
    themes: tuple[Annotated[str, TermOf("themes")], ...] = Field(default=(), max_length=13)
    municipalities: tuple[Ags, ...] = Field(default=(), max_length=100)
    period: Period | None = None
    modified: Day | None = None
    distributions: tuple[Distribution, ...] = Field(default=(), max_length=100)


class DatasetWithdrawn(
    Fact,
    type="de.lernende-stadt.dataset.withdrawn.v1",
    stream="research",
    subject="dataset_id",
    gone={"cause": "deleted-at-source"},
    privacy=Privacy.PUBLIC,
):
    """Says no more than that: whoever shows it removes it."""

    dataset_id: ObjectId
    cause: Literal["deleted-at-source", "agreement-closed", "legal"]
