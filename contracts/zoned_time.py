"""A moment as people plan it and as machines compare it.

Wall-clock time and zone say what was meant; UTC says when it is. Both are kept: when a country changes its
zone rules, the plan ("Saturday, 10 o'clock") stays and only the UTC instant has to be computed anew.
"""

import re
from datetime import MAXYEAR, MINYEAR, UTC, datetime, timedelta
from functools import cache
from typing import Annotated, Self
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AfterValidator, AwareDatetime, Field, GetCoreSchemaHandler, NaiveDatetime, model_validator
from pydantic import WithJsonSchema as Schema
from pydantic_core import CoreSchema, core_schema

from contracts import spelling
from contracts.model import Model, Privacy
from contracts.violation import unmet


@cache
def _zone(name: str) -> ZoneInfo:
    return ZoneInfo(name)


@cache
def _known_zone(name: str) -> str:
    try:
        _zone(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise unmet("known-zone") from None
    return name


# Spelled in one way only: a payload travels byte for byte, and not every reader knows all of ISO 8601.
_LOCAL = r"^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{1,6})?$"
_UTC = _LOCAL.replace("$", "Z$")


class _Spelled:
    """Annotation of a datetime: what is read is a text of one form, what a program gives may be a datetime, too.

    JSON goes the short way, without a step in Python: times are most of what is to be checked of a fact.
    """

    def __init__(self, form: str, example: str) -> None:
        self._form, self._known, self._example = form, re.compile(form), example

    def _read(self, value: object) -> object:
        if isinstance(value, datetime):
            return value
        try:
            return datetime.fromisoformat(value if isinstance(value, str) and self._known.fullmatch(value) else "")
        except ValueError:
            raise unmet("spelled-time", example=self._example) from None

    def __get_pydantic_core_schema__(self, source: type, handler: GetCoreSchemaHandler) -> CoreSchema:
        text = core_schema.str_schema(pattern=self._form)
        read = core_schema.no_info_after_validator_function(datetime.fromisoformat, text)
        return core_schema.json_or_python_schema(
            json_schema=core_schema.custom_error_schema(
                read,
                "spelled-time",  # the sentence of that name is what people read
                custom_error_message="expected a time written as {example}",
                custom_error_context={"example": self._example},
            ),
            python_schema=core_schema.no_info_before_validator_function(self._read, handler(source)),
            serialization=core_schema.simple_ser_schema("datetime"),
        )


def _in_utc(moment: datetime) -> datetime:
    if moment.utcoffset() != timedelta(0):
        raise unmet("in-utc")
    return moment


ZoneName = Annotated[str, Field(max_length=64, pattern=spelling.ZONE), AfterValidator(_known_zone)]
Wall = Annotated[
    NaiveDatetime,
    _Spelled(_LOCAL, "2026-03-29T10:00:00"),
    Schema({"type": "string", "pattern": _LOCAL, "examples": ["2026-03-29T10:00:00"]}),
]
Instant = Annotated[
    AwareDatetime,
    AfterValidator(_in_utc),
    _Spelled(_UTC, "2026-03-29T08:00:00Z"),
    Schema({"type": "string", "format": "date-time", "pattern": _UTC, "examples": ["2026-03-29T08:00:00Z"]}),
]


class ZonedTime(Model, privacy=Privacy.PUBLIC):
    """Made from either side by `at` and `of`; what comes in is checked to name one moment."""

    local: Wall
    zone: ZoneName
    utc: Instant

    @classmethod
    def at(cls, local: datetime, zone: str) -> Self:
        """Fix a naive wall-clock time in its zone.

        A time that happens twice is the first one unless ``local.fold`` says otherwise; one that never happens
        takes the offset from before the gap (RFC 5545, section 3.3.5).
        """
        instant = local.replace(tzinfo=_zone(zone)).astimezone(UTC)
        return cls(local=local.replace(tzinfo=None, fold=0), zone=zone, utc=instant)

    @classmethod
    def of(cls, moment: datetime, zone: str) -> Self:
        """Show an aware moment on the wall clock of ``zone``."""
        local = moment.astimezone(_zone(zone))
        return cls(local=local.replace(tzinfo=None, fold=0), zone=zone, utc=moment.astimezone(UTC))

    @model_validator(mode="after")
    def _agree(self) -> Self:
        """Compare by the zone's offset then: a time that happens twice has two, so has one that never happens."""
        local, zone = self.local, _zone(self.zone)
        if not MINYEAR < local.year < MAXYEAR:
            raise unmet("in-our-time")
        apart = local - self.utc.replace(tzinfo=None)
        if apart != zone.utcoffset(local) and apart != zone.utcoffset(local.replace(fold=1)):
            raise unmet("same-moment")
        return self
