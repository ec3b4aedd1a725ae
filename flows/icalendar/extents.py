"""From when to when one VEVENT lasts (RFC 5545, sections 3.6.1 and 3.8.2)."""

from dataclasses import dataclass
from datetime import datetime, time, timedelta

from icalendar.prop import vDuration

from flows.icalendar.errors import CalendarUnreadableError
from flows.icalendar.moments import Moment, moment
from flows.icalendar.properties import Component, Property
from flows.icalendar.zones import Zone, Zones
from flows.wording import expected

_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Extent:
    """Start and end of one date; ``end`` is exclusive for whole days."""

    start: Moment
    end: Moment
    flags: tuple[str, ...] = ()

    def at(self, start: Moment) -> Moment:
        """Return the end of another date of the same length.

        Wall-clock length where both ends are in one zone: that is what people plan; exact where they are not.
        """
        planned = start.plus(self.end.wall - self.start.wall)
        if self.start.zone.rules == self.end.zone.rules and planned.utc >= start.utc:
            return planned
        instant = Moment((start.utc + (self.end.utc - self.start.utc)).replace(tzinfo=None), Zone.named("UTC"))
        return instant.seen_in(self.end.zone)


def extent(component: Component, zones: Zones) -> Extent:
    """Read DTSTART with DTEND, DURATION or neither.

    Raises:
        CalendarUnreadableError: no start, an unreadable value, or an end before the start.
    """
    prop = component.one("DTSTART")
    if prop is None:
        raise CalendarUnreadableError(f"{component.place}, DTSTART", expected("start"))
    start = moment(prop, zones)
    end_prop, length = component.one("DTEND"), component.one("DURATION")
    if end_prop is not None:
        return _until(start, moment(end_prop, zones), end_prop)
    if length is not None:
        return _lasting(start, length)
    return Extent(start, start.plus(_DAY) if start.all_day else start)


def _until(start: Moment, end: Moment, prop: Property) -> Extent:
    flags: tuple[str, ...] = ()
    if end.floating and not start.floating:
        end = end.seen_in(start.zone)
    if start.all_day != end.all_day:
        end, flags = _same_kind(start, end), ("DTEND is of another kind than DTSTART",)
    if start.all_day and end.wall == start.wall:  # written by programs that take DTEND for the last day
        return Extent(start, start.plus(_DAY), (*flags, "DTEND of whole days read as inclusive"))
    if end.utc < start.utc:
        raise CalendarUnreadableError(prop.place, expected("end-after-start"))
    return Extent(start, end, flags)


def _same_kind(start: Moment, end: Moment) -> Moment:
    if not start.all_day:
        return Moment(end.wall, start.zone)
    midnight = datetime.combine(end.wall.date(), time())
    return Moment(midnight if end.wall == midnight else midnight + _DAY, start.zone, all_day=True)


def _lasting(start: Moment, prop: Property) -> Extent:
    length = prop.parse(vDuration.from_ical, expected("duration"))
    if length < timedelta(0):
        raise CalendarUnreadableError(prop.place, expected("length"))
    if start.all_day:  # an event of whole days lasts whole days (RFC 5545, section 3.6.1)
        length = max(_DAY, timedelta(days=length.days + bool(length.seconds)))
    return Extent(start, start.plus(length))
