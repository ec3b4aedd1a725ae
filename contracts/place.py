"""Where an event happens and what people with disabilities find there."""

from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from contracts import spelling
from contracts.model import Model, Privacy
from contracts.text import Line
from contracts.vocabulary import TermOf

Answer = Literal["yes", "no", "unknown"]
"""Three values, because a missing answer is not a no."""

Ags = Annotated[str, StringConstraints(pattern=spelling.AGS)]
"""Amtlicher Gemeindeschlüssel, 8 digits, a string: leading zeros count. Gelsenkirchen is 05513000."""


class Coordinates(Model, privacy=Privacy.PUBLIC):
    """A pair, because one number without the other is no place."""

    latitude: float = Field(ge=-90, le=90)
    longitude: float = Field(ge=-180, le=180)


class Accessibility(Model, privacy=Privacy.PUBLIC):
    """An answer of three values, so that silence about a feature stays silence."""

    feature: Annotated[str, TermOf("accessibility")]
    available: Answer


class Place(Model, privacy=Privacy.PUBLIC):
    """All optional: many sources know one line and nothing else."""

    name: Line | None = None
    street: Line | None = None
    postal_code: Annotated[str, StringConstraints(pattern=spelling.POSTAL_CODE)] | None = None
    locality: Line | None = None
    country: Annotated[str, StringConstraints(pattern=spelling.COUNTRY)] = "DE"
    ags: Ags | None = None
    quarter: Line | None = None
    coordinates: Coordinates | None = None
