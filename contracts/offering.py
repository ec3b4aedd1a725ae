"""What the stream ``enrolments`` knows of events and studies: whether one can take part, and how many.

The hub writes these itself, from the streams ``events`` and ``research``: so the stream alone tells how each enrolment
was decided, and its state can be rebuilt from it.
"""

from typing import Annotated, ClassVar, Literal

from pydantic import Field

from contracts.fact import Fact
from contracts.model import Model, Privacy
from contracts.text import LanguageTag, Line, ObjectId
from contracts.zoned_time import Instant

Kind = Literal["event", "study"]
"""Of which kind it is. Ids of a partner's events and studies may be alike; one can take part in what came first."""


class Reason(Model, privacy=Privacy.PUBLIC):
    """Why something does not take place: one line in one language."""

    language: LanguageTag
    text: Line


Reasons = Annotated[tuple[Reason, ...], Field(max_length=12)]
"""In the organiser's words: those of its event, never of a human."""


class OfferingOpened(
    Fact,
    type="de.lernende-stadt.offering.opened.v1",
    stream="enrolments",
    subject="offering_id",
    privacy=Privacy.PUBLIC,
    begins=True,
):
    """One can take part, in any number where no capacity is told. An ``offering`` is the word of Open Education API.

    ``capacity`` are the places that the hub may give in all, ``remaining`` what the organiser last told to be left.
    """

    by_hub: ClassVar[bool] = True

    offering_id: ObjectId
    kind: Kind | None = None
    capacity: int | None = Field(default=None, ge=0, le=1_000_000)
    remaining: int | None = Field(default=None, ge=0, le=1_000_000)
    registration_closes: Instant | None = None
    ends: Instant | None = None


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
    kind: Kind | None = None
    cause: Literal["offering-closed", "offering-cancelled", "offering-withdrawn"]
    reason: Reasons | None = None


class OfferingReminded(
    Fact,
    type="de.lernende-stadt.offering.reminded.v1",
    stream="enrolments",
    subject="offering_id",
    privacy=Privacy.PUBLIC,
):
    """A moment has come: until then it was to be published, or its last date ends. It is heard and not recorded."""

    by_hub: ClassVar[bool] = True

    offering_id: ObjectId
    until: Instant
