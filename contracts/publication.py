"""The contracts of publications in the stream ``research``: published, withdrawn. After DataCite 4.7."""

from typing import Annotated, Literal

from contracts.fact import Fact
from contracts.model import Privacy
from contracts.place import Answer
from contracts.text import Line, ObjectId
from contracts.vocabulary import TermOf
from contracts.work import Work


class PublicationPublished(
    Work,
    Fact,
    type="de.lernende-stadt.publication.published.v1",
    stream="research",
    subject="publication_id",
    begins=True,
):
    """The whole citation of a work to read."""

    publication_id: ObjectId
    kind: Annotated[str, TermOf("publication_types")]
    container: Line | None = None
    open_access: Answer = "unknown"


class PublicationWithdrawn(
    Fact,
    type="de.lernende-stadt.publication.withdrawn.v1",
    stream="research",
    subject="publication_id",
    gone={"cause": "deleted-at-source"},
    privacy=Privacy.PUBLIC,
):
    """Says no more than that: whoever shows it removes it."""

    publication_id: ObjectId
    cause: Literal["deleted-at-source", "agreement-closed", "legal"]
