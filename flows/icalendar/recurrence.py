"""The original starts of a series: RRULE, RDATE, EXRULE and EXDATE on the wall clock of DTSTART (RFC 5545, 3.8.5).

python-dateutil unfolds the rules. It sees wall-clock times only, so that 18 o'clock stays 18 o'clock across the time
change; every other zone, type and spelling is brought to that clock first.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from itertools import takewhile

from dateutil.rrule import rrule, rruleset, rrulestr
from icalendar.prop import vDDDTypes

from flows.icalendar.errors import CalendarUnreadableError
from flows.icalendar.moments import Moment, moments
from flows.icalendar.properties import Component, Property
from flows.icalendar.window import bounded
from flows.icalendar.zones import Zones
from flows.wording import expected

_PARTS = re.compile(r"([A-Za-z]+)\s*=\s*([^;]+)")
_KNOWN = {"FREQ", "COUNT", "INTERVAL", "BYHOUR", "BYMINUTE", "BYDAY", "BYMONTHDAY", "BYYEARDAY", "BYWEEKNO", "BYMONTH",
          "BYSETPOS", "WKST", "BYSECOND"}  # fmt: skip
_FREQUENCIES = {"HOURLY", "DAILY", "WEEKLY", "MONTHLY", "YEARLY"}
_PER_DAY = 24
_LAST_YEAR = 2300
_LATEST = datetime.max  # noqa: DTZ901 - a wall clock


@dataclass(slots=True)
class Series:
    """The dates that the master of a series stands for."""

    start: Moment
    finite: bool = True
    lengths: dict[datetime, timedelta | Moment] = field(default_factory=dict)  # of RDATEs that are periods
    removed: set[datetime] = field(default_factory=set)
    removed_days: set[date] = field(default_factory=set)
    rules: rruleset = field(default_factory=rruleset)

    def __iter__(self) -> Iterator[datetime]:
        """Yield the original starts, rising, each once, as far as anybody plans."""
        return (wall for wall in takewhile(lambda each: each.year < _LAST_YEAR, self.rules) if not self.excludes(wall))

    def excludes(self, wall: datetime) -> bool:
        """Whether an EXDATE takes this start out; a plain date takes out its whole day."""
        return wall in self.removed or wall.date() in self.removed_days

    def wall_of(self, other: Moment) -> datetime:
        """Bring a RECURRENCE-ID, RDATE or EXDATE to the clock of DTSTART, whatever zone or type it is written in."""
        if self.start.all_day:
            return datetime.combine(other.wall.date(), time())
        if other.all_day:
            return datetime.combine(other.wall.date(), self.start.wall.time())
        return other.seen_in(self.start.zone).wall


@dataclass(frozen=True, slots=True)
class _Unfolded:
    """A rule's dates, but not for ever: where EXRULE takes out what RRULE gives, both would run to the year 9999."""

    rule: rrule
    place: str

    def __iter__(self) -> Iterator[datetime]:
        try:
            yield from takewhile(lambda wall: wall.year < _LAST_YEAR, bounded(self.rule))
        except (TypeError, ValueError, IndexError):  # python-dateutil takes BYHOUR=24 and BYDAY=99MO, and stumbles here
            raise CalendarUnreadableError(self.place, expected("rule")) from None


def series(master: Component, start: Moment, zones: Zones) -> Series:
    """Read the recurrence of a master.

    Raises:
        CalendarUnreadableError: a rule or date that cannot be read, or a rule too dense for events.
    """
    found = Series(start)
    rules = [_rule(prop, found, zones) for prop in master.all("RRULE") if prop.value.strip()]
    for rule, ends in rules:
        found.rules.rrule(rule)
        found.finite = found.finite and ends is not None
    for prop in master.all("EXRULE"):
        found.rules.exrule(_rule(prop, found, zones)[0])
    if not rules or any(ends is None or ends >= start.wall for _, ends in rules):
        found.rules.rdate(start.wall)  # DTSTART is the first date of its series (RFC 5545, section 3.8.5.3)
    for prop in master.all("RDATE"):
        for extra, length in moments(prop, zones) if prop.value.strip() else ():
            wall = found.wall_of(extra)
            found.rules.rdate(wall)
            found.lengths.update({wall: length} if length is not None else {})
    _remove(found, master, zones)
    return found


def _remove(found: Series, master: Component, zones: Zones) -> None:
    for prop in master.all("EXDATE"):
        for gone, _ in moments(prop, zones) if prop.value.strip() else ():
            if gone.all_day and not found.start.all_day:
                found.removed_days.add(gone.wall.date())
            else:
                found.removed.add(found.wall_of(gone))


def _rule(prop: Property, found: Series, zones: Zones) -> tuple[_Unfolded, datetime | None]:
    """Read one rule and when it ends at the latest: None for never, the end of time where COUNT ends it."""
    parts = {name.upper(): value.strip().upper().rstrip(",") for name, value in _PARTS.findall(prop.value)}
    known = {name: value for name, value in parts.items() if name in _KNOWN}
    dense = known.get("FREQ") not in _FREQUENCIES or _times_a_day(known) > _PER_DAY
    dense = dense or (known["FREQ"] == "HOURLY" and "BYSETPOS" in known)  # chooses among several an hour
    if dense or not _positive(known.get("INTERVAL", "1")):
        raise CalendarUnreadableError(prop.place, expected("rule-not-dense"))
    if "UNTIL" in parts or not _positive(known.get("COUNT", "1")):
        known.pop("COUNT", None)  # both together are not allowed, and -1 is some programs' word for "no end"
    text = ";".join(f"{name}={value}" for name, value in known.items())
    try:
        rule = rrulestr(text, dtstart=found.start.wall)
    except (ValueError, TypeError, KeyError, IndexError, OverflowError):
        raise CalendarUnreadableError(prop.place, expected("rule")) from None
    until = _until(prop, parts.get("UNTIL"), found, zones)
    rule = rule.replace(until=until) if until else rule
    return _Unfolded(rule, prop.place), until or (_LATEST if "COUNT" in known else None)


def _until(prop: Property, written: str | None, found: Series, zones: Zones) -> datetime | None:
    """Bring UNTIL to the wall clock; a plain date includes its whole day, whatever type DTSTART has."""
    if not written:
        return None
    part = Property(prop.name, prop.params, written, prop.line)
    value = part.parse(vDDDTypes.from_ical, expected("until"))
    if not isinstance(value, date):
        raise CalendarUnreadableError(prop.place, expected("until"))
    if not isinstance(value, datetime) or found.start.all_day:
        return datetime.combine(value, time.max if not found.start.all_day else time())
    return found.wall_of(moments(part, zones)[0][0])


def _times_a_day(parts: dict[str, str]) -> int:
    times = 1
    for name in ("BYHOUR", "BYMINUTE", "BYSECOND"):
        times *= parts.get(name, "").count(",") + 1
    return times


def _positive(number: str) -> bool:
    return number.isdecimal() and int(number) > 0
