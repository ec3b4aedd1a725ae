"""A human who takes part, as the partner who asks for it tells them. It goes into the vault and no further."""

from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from contracts import spelling
from contracts.model import Model, Privacy
from contracts.text import Line

PersonRef = Annotated[str, StringConstraints(pattern=spelling.PERSON_REF), Privacy.PSEUDONYM]
"""Stands for a human in the hub: made with a key from the partner and the partner's own id of them."""

AgeBand = Annotated[Literal["0-13", "14-17", "18-26", "27-45", "46-65", "66+"], Privacy.PSEUDONYM]
"""Years of age at the time of the request. As German participation statistics cut them: SGB VIII section 7 up to 26."""


class Person(Model, privacy=Privacy.PERSONAL):
    """Name, contact and needs: what an organiser must know, and nobody else."""

    person_id: Line
    name: Line | None = None
    email: Annotated[str, StringConstraints(pattern=spelling.MAIL, max_length=254)] | None = None
    phone: Line | None = None
    birth_year: int | None = Field(default=None, ge=1890, le=2100)
    needs: Annotated[tuple[Line, ...], Privacy.SENSITIVE] = Field(default=(), max_length=20)
