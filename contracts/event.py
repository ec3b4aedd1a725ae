"""The contracts of the stream ``events``: published, cancelled, withdrawn.

After schema.org Event and RFC 5545; the crosswalk to partner systems is in docs/crosswalk.md.
"""

from datetime import datetime
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
    Price,
    Reallabor,
    Registration,
    Sdg,
    Session,
    Text,
    languages_once,
)
from contracts.place import Accessibility, Answer, Place
from contracts.text import Identifier, LanguageTag, Line, ObjectId, WebAddress
from contracts.violation import unmet


class EventPublished(
    Fact,
    type="de.lernende-stadt.event.published.v1",
    stream="events",
    subject="event_id",
    begins=True,
    privacy=Privacy.PUBLIC,
):
    """The whole of an event, texts to goals: a reader needs no earlier fact to show it."""

    event_id: ObjectId
    texts: tuple[Text, ...] = Field(min_length=1, max_length=12)
    organiser: Organiser
    sessions: tuple[Session, ...] = Field(max_length=500)
    attendance: Literal["offline", "online", "mixed"] = "offline"
    place: Place | None = None
    online_url: WebAddress | None = None
    status: Literal["scheduled", "tentative", "postponed"] = "scheduled"
    capacity: Capacity | None = None
    free_of_charge: Answer = "unknown"
    prices: tuple[Price, ...] = Field(default=(), max_length=20)
    registration: Registration | None = None
    audience: Audience | None = None
    accessibility: tuple[Accessibility, ...] = Field(default=(), max_length=30)
    languages: tuple[LanguageTag, ...] = Field(default=(), max_length=12)
    keywords: tuple[Line, ...] = Field(default=(), max_length=50)
    licence: Licence
    source_url: WebAddress | None = None
    same_as: tuple[Identifier, ...] = Field(default=(), max_length=20)
    reallabore: tuple[Reallabor, ...] = Field(default=(), max_length=4)
    bausteine: tuple[Baustein, ...] = Field(default=(), max_length=16)
    sdgs: tuple[Sdg, ...] = Field(default=(), max_length=40)
    about: tuple[About, ...] = Field(default=(), max_length=40)

    @property
    def over(self) -> datetime | None:
        """When its last date ends; None where no date is known."""
        return max((session.end.utc for session in self.sessions), default=None)

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        languages_once(self.texts, "texts")
        if len({session.session_id for session in self.sessions}) < len(self.sessions):
            raise unmet("each-once", field="sessions")
        if self.accessibility and len({item.feature for item in self.accessibility}) < len(self.accessibility):
            raise unmet("each-once", field="accessibility")
        if self.free_of_charge == "yes" and any(price.amount for price in self.prices):
            raise unmet("free-without-price")
        return self


class EventCancelled(
    Fact,
    type="de.lernende-stadt.event.cancelled.v1",
    stream="events",
    subject="event_id",
    privacy=Privacy.PUBLIC,
):
    """Unlike a withdrawal it keeps what was published, so that readers can tell what does not take place."""

    event_id: ObjectId
    reason: tuple[Text, ...] = Field(default=(), max_length=12)


class EventWithdrawn(
    Fact,
    type="de.lernende-stadt.event.withdrawn.v1",
    stream="events",
    subject="event_id",
    gone={"cause": "deleted-at-source"},
    privacy=Privacy.PUBLIC,
):
    """Says no more than that: the catalogue forgets what was published."""

    event_id: ObjectId
    cause: Literal["deleted-at-source", "agreement-closed", "legal"]
