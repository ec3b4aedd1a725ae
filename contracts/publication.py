"""The contract of publications in the stream ``research``. After DataCite 4.7."""

from typing import Annotated

from contracts.fact import Fact
from contracts.place import Answer
from contracts.text import Line, ObjectId
from contracts.vocabulary import TermOf
from contracts.work import Work


class PublicationPublished(
    Work, Fact, type="de.lernende-stadt.publication.published.v1", stream="research", subject="publication_id"
):
    """What was published stays published: there is no withdrawal of it."""

    publication_id: ObjectId
    kind: Annotated[str, TermOf("publication_types")]
    container: Line | None = None
    open_access: Answer = "unknown"
