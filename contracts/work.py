"""What datasets and publications have in common. After DataCite 4.7; licences by SPDX and DCAT-AP.de."""

from typing import Annotated, Self

from pydantic import Field, model_validator

from contracts.about import About
from contracts.identifiers import Doi, Orcid, Ror
from contracts.model import Model, Privacy
from contracts.parts import Baustein, Licence, Reallabor, Sdg, Text, languages_once
from contracts.text import Identifier, LanguageTag, Line, WebAddress
from contracts.violation import unmet
from contracts.vocabulary import TermOf


class Institution(Model, privacy=Privacy.PUBLIC):
    """Whom a work comes from, or who works there."""

    name: Line
    ror: Ror | None = None


class Creator(Model, privacy=Privacy.PUBLIC):
    """Who published made themselves public: the name stands on the work. Nothing else of a person does.

    Personal data all the same (Art. 4 GDPR), made public by the person: Art. 6 (1) f. A withdrawal hides the name from
    what holds; the recorded streams, and what is told of facts from them, keep it, so it is no erasure (Art. 17).
    """

    name: Line
    orcid: Orcid | None = None
    ror: Ror | None = None
    affiliations: tuple[Institution, ...] = Field(default=(), max_length=20)


class Related(Model, privacy=Privacy.PUBLIC):
    """Read from the work to the other one: this work ``IsSupplementTo`` that identifier."""

    relation: Annotated[str, TermOf("relations")]
    identifier: Identifier


class Work(Model, privacy=Privacy.PUBLIC):
    """The citation of a work and where it belongs; a reader needs no earlier fact to show it."""

    texts: tuple[Text, ...] = Field(min_length=1, max_length=12)
    creators: tuple[Creator, ...] = Field(min_length=1, max_length=300)
    unnamed_creators: int | None = Field(default=None, ge=1, le=1_000_000)
    publisher: Institution
    year: int = Field(ge=1000, le=9999)
    doi: Doi | None = None
    concept_doi: Doi | None = None
    version: Line | None = None
    licence: Licence | None = None
    languages: tuple[LanguageTag, ...] = Field(default=(), max_length=12)
    keywords: tuple[Line, ...] = Field(default=(), max_length=100)
    related: tuple[Related, ...] = Field(default=(), max_length=200)
    source_url: WebAddress | None = None
    same_as: tuple[Identifier, ...] = Field(default=(), max_length=20)
    reallabore: tuple[Reallabor, ...] = Field(default=(), max_length=4)
    bausteine: tuple[Baustein, ...] = Field(default=(), max_length=16)
    sdgs: tuple[Sdg, ...] = Field(default=(), max_length=40)
    about: tuple[About, ...] = Field(default=(), max_length=40)

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        languages_once(self.texts, "texts")
        if self.doi is not None and self.concept_doi is not None and self.doi.lower() == self.concept_doi.lower():
            raise unmet("concept-differs")
        return self
