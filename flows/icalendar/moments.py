"""A date or time of a calendar as a moment: wall clock, zone, and the instant they mean."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from icalendar.prop import vDDDTypes

from contracts.zoned_time import ZonedTime
from flows.icalendar.errors import CalendarUnreadableError
from flows.icalendar.properties import Property
from flows.icalendar.zones import Zone, Zones
from flows.wording import expected

ZONE_PARAM = "X-LCH-ZONE"
"""Our parameter: the zone whose wall clock shows a date, or a time written in UTC."""
ASSUMED_PARAM = "X-LCH-ASSUMED"
"""Our parameter: the zone was assumed when the time was first read."""

_YEARS = range(1800, 9000)


@dataclass(frozen=True, slots=True)
class Moment:
    """``wall`` carries no offset; ``all_day`` means the whole day that begins then."""

    wall: datetime
    zone: Zone
    all_day: bool = False
    floating: bool = False

    @property
    def utc(self) -> datetime:
        """The instant; a wall-clock time that never happens takes the offset from before the gap."""
        return self.wall.replace(tzinfo=self.zone.rules).astimezone(UTC)

    def zoned(self) -> ZonedTime:
        """The moment as the contracts tell it."""
        own_rules = getattr(self.zone.rules, "key", None) != self.zone.name
        return ZonedTime.of(self.utc, self.zone.name) if own_rules else ZonedTime.at(self.wall, self.zone.name)

    def plus(self, span: timedelta) -> "Moment":
        """Move on the wall clock: a course from 22 to 6 o'clock ends at 6 in the night of the time change too."""
        return Moment(self.wall + span, self.zone, self.all_day, self.floating)

    def seen_in(self, zone: Zone) -> "Moment":
        """Show a time on another zone's wall clock; a date and a floating time stay as written."""
        if self.all_day or self.floating or self.zone.rules == zone.rules:
            return Moment(self.wall, zone, self.all_day, self.floating)
        local = self.utc.astimezone(zone.rules)
        return Moment(local.replace(tzinfo=None), zone)


def moments(prop: Property, zones: Zones) -> list[tuple[Moment, timedelta | Moment | None]]:
    """Read a property of one or several dates or times, each with its own length where it is a period (RDATE).

    Raises:
        CalendarUnreadableError: not a date or time, or in a year that no event of ours is in.
    """
    read = []
    for part in prop.value.split(","):
        single = Property(prop.name, prop.params, part, prop.line)
        value = single.parse(vDDDTypes.from_ical, expected("date-or-time"))
        start, length = value if isinstance(value, tuple) else (value, None)
        end = _moment(single, length, zones) if isinstance(length, date) else length
        read.append((_moment(single, start, zones), end))
    return read


def moment(prop: Property, zones: Zones) -> Moment:
    """Read a property of one date or time.

    Raises:
        CalendarUnreadableError: see :func:`moments`.
    """
    return moments(prop, zones)[0][0]


def _moment(prop: Property, value: object, zones: Zones) -> Moment:
    if not isinstance(value, date) or value.year not in _YEARS:
        raise CalendarUnreadableError(prop.place, expected("date-or-time-from", year=_YEARS[0]))
    shown = zones.find(prop.param(ZONE_PARAM), value.year) if prop.param(ZONE_PARAM) else zones.default
    if not isinstance(value, datetime):
        midnight = datetime(value.year, value.month, value.day)  # noqa: DTZ001 - a wall clock
        return Moment(midnight, _marked(shown, prop), all_day=True)
    if value.tzinfo is not None:
        # A series that begins in UTC recurs in UTC (RFC 5545, section 3.3.10), whatever clock it is shown on.
        return Moment(value.astimezone(UTC).replace(tzinfo=None), _marked(Zone(shown.name, UTC), prop))
    written = prop.param("TZID")
    return Moment(value, _marked(zones.find(written, value.year), prop), floating=not written)


def _marked(zone: Zone, prop: Property) -> Zone:
    return Zone(zone.name, zone.rules, assumed=True) if prop.param(ASSUMED_PARAM) == "TRUE" else zone
