"""A moment as people plan it and as machines compare it.

Wall-clock time and zone say what was meant; UTC says when it is. Both are kept: when a country changes its
zone rules, the plan ("Saturday, 10 o'clock") stays and only the UTC instant has to be computed anew.
"""

from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Annotated, Self
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AfterValidator, AwareDatetime, Field, NaiveDatetime, model_validator

from contracts.model import Model, Privacy


@cache
def _zone(name: str) -> ZoneInfo:
    return ZoneInfo(name)


def _known_zone(name: str) -> str:
    try:
        _zone(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise ValueError("expected a time zone of the IANA database, such as Europe/Berlin") from None
    return name


def _in_utc(moment: datetime) -> datetime:
    if moment.utcoffset() != timedelta(0):
        raise ValueError("expected UTC, written with a trailing Z")
    return moment


ZoneName = Annotated[str, Field(max_length=64, pattern=r"^[A-Za-z0-9_+/-]+$"), AfterValidator(_known_zone)]
Instant = Annotated[AwareDatetime, AfterValidator(_in_utc)]


class ZonedTime(Model, privacy=Privacy.PUBLIC):
    """``local`` without offset, ``zone`` as an IANA name, ``utc`` with Z; the three must agree."""

    local: NaiveDatetime
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
        zone = _zone(self.zone)
        readings = {self.local.replace(tzinfo=zone, fold=fold).astimezone(UTC) for fold in (0, 1)}
        if self.utc not in readings:
            raise ValueError("expected utc to be the same moment as local in zone")
        return self
