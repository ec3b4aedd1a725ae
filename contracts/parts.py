"""The parts that facts are told in: texts, sessions, organiser, price, registration, audience, SDGs.

Names follow schema.org Event where it has one, RFC 5545 for sessions.
"""

import re
from collections.abc import Sequence
from decimal import Decimal
from typing import Annotated, Literal, Self

from pydantic import BeforeValidator, Field, StringConstraints, WithJsonSchema, model_validator

from contracts import spelling
from contracts.model import Model, Privacy
from contracts.place import Answer, Place
from contracts.text import LanguageTag, Line, PartnerId, Prose, WebAddress
from contracts.violation import unmet
from contracts.vocabulary import TermOf
from contracts.zoned_time import Instant, ZonedTime

Reallabor = Annotated[str, TermOf("reallabore")]
Baustein = Annotated[str, TermOf("bausteine")]
Licence = Annotated[str, TermOf("licences")]

MailAddress = Annotated[str, StringConstraints(max_length=254, pattern=spelling.MAIL)]

_AMOUNT = r"^[0-9]{1,7}(\.[0-9]{1,2})?$"


def _plain(value: object) -> object:
    """Take a decimal as text only: a JSON number would be read as binary by some, and 1E+2 not by all."""
    text = format(value, "f") if isinstance(value, Decimal) else value
    if isinstance(text, str) and re.fullmatch(_AMOUNT, text):
        return Decimal(text)
    raise unmet("spelled-amount")


Amount = Annotated[
    Decimal,
    BeforeValidator(_plain),
    WithJsonSchema({"type": "string", "pattern": _AMOUNT, "examples": ["12.50"]}),
]


class Text(Model, privacy=Privacy.PUBLIC):
    """A list of these is a text: there is no language that every event must have."""

    language: LanguageTag
    title: Line
    description: Prose = ""


def languages_once(texts: Sequence[Text], field: str) -> None:
    """Check that there is one text in each language.

    Raises:
        PydanticCustomError: one language is there twice.
    """
    if len({text.language for text in texts}) < len(texts):
        raise unmet("each-once", field=field)


class Session(Model, privacy=Privacy.PUBLIC):
    """An instance of an iCalendar event, its RECURRENCE-ID (RFC 5545 section 3.8.4.4) the ``session_id``."""

    session_id: Annotated[str, StringConstraints(min_length=1, max_length=100, pattern=spelling.SESSION)]
    start: ZonedTime
    end: ZonedTime
    all_day: bool = False
    status: Literal["scheduled", "cancelled"] = "scheduled"
    moved_from: ZonedTime | None = None
    zone_assumed: bool = False
    place: Place | None = None

    @model_validator(mode="after")
    def _ends_after_it_starts(self) -> Self:
        if self.end.utc < self.start.utc:
            raise unmet("end-after-start")
        return self


class Organiser(Model, privacy=Privacy.PUBLIC):
    """Owns the capacity. That ``contact`` reaches no human is checked at the door, which knows the agreement."""

    name: Line
    partner: PartnerId | None = None
    url: WebAddress | None = None
    contact: Annotated[MailAddress | None, Privacy.ROLE] = None


class Capacity(Model, privacy=Privacy.PUBLIC):
    """Three numbers as the source gives them; none is computed from the others."""

    maximum: int | None = Field(default=None, ge=0, le=1_000_000)
    minimum: int | None = Field(default=None, ge=0, le=1_000_000)
    remaining: int | None = Field(default=None, ge=0, le=1_000_000)


class Price(Model, privacy=Privacy.PUBLIC):
    """One tariff; an amount is text on the wire and a ``Decimal`` here."""

    tariff: Line
    amount: Amount
    currency: Annotated[str, StringConstraints(pattern=spelling.CURRENCY)] = "EUR"


class Registration(Model, privacy=Privacy.PUBLIC):
    """Moments are UTC alone: nobody plans them by a wall clock."""

    required: Answer = "unknown"
    url: WebAddress | None = None
    opens: Instant | None = None
    closes: Instant | None = None


class Audience(Model, privacy=Privacy.PUBLIC):
    """Groups and ages side by side: sources give the one or the other."""

    groups: tuple[Annotated[str, TermOf("audiences")], ...] = Field(default=(), max_length=12)
    age_min: int | None = Field(default=None, ge=0, le=120)
    age_max: int | None = Field(default=None, ge=0, le=120)

    @model_validator(mode="after")
    def _band(self) -> Self:
        if self.age_min is not None and self.age_max is not None and self.age_max < self.age_min:
            raise unmet("ages-in-order")
        return self


class Sdg(Model, privacy=Privacy.PUBLIC):
    """Names its author, because programs assign goals, too."""

    goal: int = Field(ge=1, le=17)
    target: Annotated[str, StringConstraints(pattern=spelling.TARGET)] | None = None
    assigned_by: PartnerId
    method: Literal["human", "machine"]
    confidence: float | None = Field(default=None, ge=0, le=1)

    @model_validator(mode="after")
    def _target_of_goal(self) -> Self:
        if self.target is not None and self.target.partition(".")[0] != str(self.goal):
            raise unmet("target-of-goal")
        return self
