"""The contracts of studies that look for participants, in the stream ``research``: opened, closed."""

from typing import Literal, Self

from pydantic import Field, model_validator

from contracts.about import About
from contracts.fact import Fact
from contracts.model import Privacy
from contracts.parts import (
    Audience,
    Baustein,
    Capacity,
    Licence,
    Organiser,
    Reallabor,
    Registration,
    Sdg,
    Text,
    languages_once,
)
from contracts.period import Period
from contracts.place import Place
from contracts.text import Identifier, LanguageTag, Line, ObjectId, WebAddress


class StudyOpened(
    Fact,
    type="de.lernende-stadt.study.opened.v1",
    stream="research",
    subject="study_id",
    begins=True,
    privacy=Privacy.PUBLIC,
):
    """One can take part; who does is told by enrolments."""

    study_id: ObjectId
    texts: tuple[Text, ...] = Field(min_length=1, max_length=12)
    organiser: Organiser
    period: Period | None = None
    attendance: Literal["offline", "online", "mixed"] = "offline"
    place: Place | None = None
    capacity: Capacity | None = None
    audience: Audience | None = None
    registration: Registration | None = None
    reward: Line | None = None
    ethics_approval: Line | None = None
    languages: tuple[LanguageTag, ...] = Field(default=(), max_length=12)
    keywords: tuple[Line, ...] = Field(default=(), max_length=50)
    licence: Licence
    source_url: WebAddress | None = None
    same_as: tuple[Identifier, ...] = Field(default=(), max_length=20)
    reallabore: tuple[Reallabor, ...] = Field(default=(), max_length=4)
    bausteine: tuple[Baustein, ...] = Field(default=(), max_length=16)
    sdgs: tuple[Sdg, ...] = Field(default=(), max_length=40)
    about: tuple[About, ...] = Field(default=(), max_length=40)

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        languages_once(self.texts, "texts")
        return self


class StudyClosed(
    Fact,
    type="de.lernende-stadt.study.closed.v1",
    stream="research",
    subject="study_id",
    gone={"cause": "cancelled"},
    privacy=Privacy.PUBLIC,
):
    """One cannot take part any more; what was found may follow under a later revision."""

    study_id: ObjectId
    cause: Literal["completed", "full", "cancelled"]
    results: tuple[Identifier, ...] = Field(default=(), max_length=50)
