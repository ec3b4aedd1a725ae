"""What an agreement says of a repository: where it is, and what of it is harvested."""

from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from contracts.agreement import Part
from contracts.text import LanguageTag, Line
from flows.connectors.caldav.settings import address

Format = Literal["oai_datacite", "datacite", "datacite4", "oai_dc"]


def _addressed(url: str) -> str:
    address(url)
    return url


class OaiPmhSettings(Part):
    """``[connector.settings]`` of ``kind = "oaipmh"``."""

    url: Annotated[Line, AfterValidator(_addressed)] = Field(
        description="base address of the repository's OAI-PMH interface", examples=["https://repository.example/oai"]
    )
    format: Format | None = Field(
        default=None,
        description="in which form records are asked for; the best that the repository has where it is left out",
        examples=["oai_datacite"],
    )
    set: Line | None = Field(
        default=None,
        description="which part of the repository; all of it where it is left out",
        examples=["open_access"],
    )
    language: LanguageTag = Field(
        default="de", description="language of texts that name none, as BCP 47 tag", examples=["de"]
    )
