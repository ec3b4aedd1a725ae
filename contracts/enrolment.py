"""The contracts of the stream ``enrolments``: a human takes part in an event or in a study.

States are those of Open Education API 6 (association state): requested is ``pending`` there, the others have its names.
"""

from typing import Annotated, ClassVar, Literal, Self

from pydantic import Field, model_validator

from contracts.fact import Fact
from contracts.model import Model, Privacy
from contracts.offering import Reasons
from contracts.person import AgeBand, Person, PersonRef
from contracts.text import ObjectId
from contracts.violation import unmet
from contracts.zoned_time import Instant


class Enrolment(Model, privacy=Privacy.PUBLIC):
    """Who takes part in what. Whoever asked and whoever organises learn each fact of it, and nobody else."""

    parties: ClassVar[tuple[str, ...]] = ("enrolment_id", "offering_id")
    stamped: ClassVar[tuple[str, ...]] = ("person_ref", "age_band")

    enrolment_id: Annotated[ObjectId, Privacy.PSEUDONYM]
    offering_id: ObjectId
    person_ref: PersonRef | None = None
    age_band: AgeBand | None = None


class EnrolmentRequested(
    Enrolment,
    Fact,
    type="de.lernende-stadt.enrolment.requested.v1",
    stream="enrolments",
    subject="enrolment_id",
    key="offering_id",
    begins=True,
):
    """Somebody wants to take part. The person goes no further than to the vault; the hub has a reference."""

    stamped: ClassVar[tuple[str, ...]] = (*Enrolment.stamped, "waits_until", "asked")

    person: Person | None = None
    # From the second in which somebody asked: who knows that, knows who it is.
    waits_until: Annotated[Instant, Privacy.PERSONAL] | None = None
    # The sender's revision: of a request that comes again it tells whether it is the same one.
    asked: int | None = Field(default=None, ge=1, le=2**53 - 1)

    @model_validator(mode="after")
    def _one_person(self) -> Self:
        if (self.person is None) == (self.person_ref is None):
            raise unmet("one-person")
        return self


class EnrolmentQueued(
    Enrolment,
    Fact,
    type="de.lernende-stadt.enrolment.queued.v1",
    stream="enrolments",
    subject="enrolment_id",
    key="offering_id",
):
    """All places are taken; who waits moves up in the order of the requests."""

    by_hub: ClassVar[bool] = True

    place: int = Field(ge=1, le=1_000_000)


class EnrolmentAssociated(
    Enrolment,
    Fact,
    type="de.lernende-stadt.enrolment.associated.v1",
    stream="enrolments",
    subject="enrolment_id",
    key="offering_id",
):
    """The place is theirs."""

    by_hub: ClassVar[bool] = True


class EnrolmentDenied(
    Enrolment,
    Fact,
    type="de.lernende-stadt.enrolment.denied.v1",
    stream="enrolments",
    subject="enrolment_id",
    key="offering_id",
):
    """There is no place for them; the organiser may say so, too."""

    stamped: ClassVar[tuple[str, ...]] = (*Enrolment.stamped, "reason")
    owners: ClassVar[tuple[str, ...]] = ("offering_id",)

    cause: Literal["organiser", "offering-unknown", "offering-closed", "offering-cancelled", "offering-withdrawn"]
    reason: Reasons | None = None


class EnrolmentCancelled(
    Enrolment,
    Fact,
    type="de.lernende-stadt.enrolment.cancelled.v1",
    stream="enrolments",
    subject="enrolment_id",
    key="offering_id",
):
    """They do not take part after all: they, the organiser or the offering said so. Who waits moves up."""

    stamped: ClassVar[tuple[str, ...]] = (*Enrolment.stamped, "reason")
    owners: ClassVar[tuple[str, ...]] = ("enrolment_id", "offering_id")

    cause: Literal["person", "organiser", "offering-cancelled", "offering-withdrawn"]
    reason: Reasons | None = None


class EnrolmentFinished(
    Enrolment,
    Fact,
    type="de.lernende-stadt.enrolment.finished.v1",
    stream="enrolments",
    subject="enrolment_id",
    key="offering_id",
):
    """It is over; the organiser says whether they were there."""

    owners: ClassVar[tuple[str, ...]] = ("offering_id",)

    attendance: Literal["attended", "absent", "unknown"] = "unknown"
