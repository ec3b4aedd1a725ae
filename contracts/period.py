"""Spans of time that nobody plans by the minute: of data, of an observation, of a study."""

from datetime import date, datetime
from typing import Annotated, Self

from pydantic import AfterValidator, StringConstraints, model_validator

from contracts import spelling
from contracts.model import Model, Privacy
from contracts.violation import unmet


def _on_the_calendar(text: str) -> str:
    try:
        (datetime if "T" in text else date).fromisoformat(text)
    except ValueError:
        raise unmet("on-the-calendar") from None
    return text


Day = Annotated[str, StringConstraints(pattern=spelling.DAY), AfterValidator(_on_the_calendar)]
"""A day as text, and it stays one: made a moment, it would become the day before in some zone."""

DayOrMoment = Annotated[str, StringConstraints(pattern=spelling.DAY_OR_MOMENT), AfterValidator(_on_the_calendar)]
"""A day, or a moment in UTC: as exactly as the source knows it."""


class Period(Model, privacy=Privacy.PUBLIC):
    """Days, both inclusive; open where one is missing."""

    start: Day | None = None
    end: Day | None = None

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.start is not None and self.end is not None and self.end < self.start:
            raise unmet("end-after-start")
        return self


class Interval(Model, privacy=Privacy.PUBLIC):
    """When something was observed, as Darwin Core's ``eventDate`` says it: between two days, or two moments."""

    start: DayOrMoment
    end: DayOrMoment

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if len(self.start) != len(self.end):
            raise unmet("both-alike")
        if self.end < self.start:
            raise unmet("end-after-start")
        return self
