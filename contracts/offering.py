"""What the stream ``enrolments`` knows of events and studies: whether one can take part, and how many.

The hub writes these itself, from the streams ``events`` and ``research``: so the stream alone tells how each enrolment
was decided, and its state can be rebuilt from it.
"""

from typing import ClassVar, Literal

from pydantic import Field

from contracts.fact import Fact
from contracts.model import Privacy
from contracts.text import ObjectId
from contracts.zoned_time import Instant


class OfferingOpened(
    Fact,
    type="de.lernende-stadt.offering.opened.v1",
    stream="enrolments",
    subject="offering_id",
    privacy=Privacy.PUBLIC,
    begins=True,
):
    """One can take part, in any number where no capacity is told. An ``offering`` is the word of Open Education API."""

    by_hub: ClassVar[bool] = True

    offering_id: ObjectId
    capacity: int | None = Field(default=None, ge=0, le=1_000_000)


class OfferingClosed(
    Fact,
    type="de.lernende-stadt.offering.closed.v1",
    stream="enrolments",
    subject="offering_id",
    privacy=Privacy.PUBLIC,
):
    """One cannot take part any more. Where it was cancelled or withdrawn nobody does; else who has a place keeps it."""

    by_hub: ClassVar[bool] = True

    offering_id: ObjectId
    cause: Literal["offering-closed", "offering-cancelled", "offering-withdrawn"]


class OfferingMissed(
    Fact,
    type="de.lernende-stadt.offering.missed.v1",
    stream="enrolments",
    subject="offering_id",
    privacy=Privacy.PUBLIC,
):
    """Nobody published it until then: what waits for it no longer than that is denied. It is heard and not recorded."""

    by_hub: ClassVar[bool] = True

    offering_id: ObjectId
    until: Instant
