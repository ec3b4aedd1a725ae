"""Where an event, a work or a study belongs in frameworks beside the SDGs, and who says so."""

from typing import Annotated, Literal

from pydantic import Field

from contracts.model import Model, Privacy
from contracts.text import PartnerId
from contracts.vocabulary import TermOf


class About(Model, privacy=Privacy.PUBLIC):
    """Names its author as `contracts.parts.Sdg` does; what stands for the same in other schemes is never sent along.

    `contracts.counterparts` finds it, so that a better crosswalk needs no new facts.
    """

    term: Annotated[str, TermOf("frameworks")]
    assigned_by: PartnerId
    method: Literal["human", "machine"]
    confidence: float | None = Field(default=None, ge=0, le=1)
