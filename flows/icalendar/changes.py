"""The overrides of a series: VEVENTs with RECURRENCE-ID that move, cancel or retell one date (RFC 5545, 3.8.4.4)."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta

from icalendar.prop import vDDDTypes

from flows.icalendar.errors import CalendarUnreadableError
from flows.icalendar.extents import Extent, extent
from flows.icalendar.moments import moment
from flows.icalendar.properties import Component
from flows.icalendar.recurrence import Series
from flows.icalendar.zones import Zones
from flows.wording import expected

NOT_PUBLIC = {"PRIVATE", "CONFIDENTIAL"}


@dataclass(frozen=True, slots=True)
class Change:
    """One override: the original start on the series' clock, and what holds instead."""

    original: datetime
    component: Component
    extent: Extent
    shift: timedelta  # by how much it moves on that clock


@dataclass(slots=True)
class Changes:
    """All overrides of one series by original start; ``left_out`` are dates that cannot or must not be told."""

    single: dict[datetime, Change] = field(default_factory=dict)
    onward: list[Change] = field(default_factory=list)  # RANGE=THISANDFUTURE, rising
    left_out: set[datetime] = field(default_factory=set)
    refused: list[CalendarUnreadableError] = field(default_factory=list)

    def governing(self, wall: datetime) -> Change | None:
        """Return the last THISANDFUTURE override before this start."""
        return next((change for change in reversed(self.onward) if change.original < wall), None)


def newest(components: Iterable[Component]) -> Component | None:
    """Of several versions take that of the highest SEQUENCE, then LAST-MODIFIED, then the last one."""
    ranked = [(_sequence(each), _modified(each), index, each) for index, each in enumerate(components)]
    return max(ranked, key=lambda row: row[:3])[3] if ranked else None


def changes(overrides: Iterable[Component], series: Series, zones: Zones) -> Changes:
    """Sort the overrides of a series; an unreadable one takes only its own date with it."""
    found = Changes()
    versions: dict[datetime, list[Component]] = {}
    for component in overrides:
        try:
            wall = series.wall_of(moment(component.all("RECURRENCE-ID")[0], zones))
        except CalendarUnreadableError as error:
            found.refused.append(error)
        else:
            versions.setdefault(wall, []).append(component)
    for wall, candidates in sorted(versions.items()):
        _sort_in(found, newest(candidates) or candidates[0], wall, (series, zones))
    return found


def _sort_in(found: Changes, component: Component, wall: datetime, within: tuple[Series, Zones]) -> None:
    series, zones = within
    if component.word("CLASS") in NOT_PUBLIC:
        found.left_out.add(wall)
        return
    try:
        lasting = extent(component, zones)
    except CalendarUnreadableError as error:
        found.left_out.add(wall)
        found.refused.append(error)
        return
    found.single[wall] = change = Change(wall, component, lasting, series.wall_of(lasting.start) - wall)
    if component.all("RECURRENCE-ID")[0].param("RANGE") == "THISANDFUTURE":
        found.onward.append(change)


def _sequence(component: Component) -> int:
    prop = component.one("SEQUENCE")
    try:
        return prop.parse(int, expected("number")) if prop else 0
    except CalendarUnreadableError:
        return 0


def _modified(component: Component) -> datetime:
    prop = component.one("LAST-MODIFIED", "DTSTAMP")
    try:
        value: object = prop.parse(vDDDTypes.from_ical, expected("date-or-time")) if prop else None
    except CalendarUnreadableError:
        value = None
    if not isinstance(value, date):
        return datetime.min.replace(tzinfo=UTC)
    moment_ = value if isinstance(value, datetime) else datetime(value.year, value.month, value.day, tzinfo=UTC)
    return moment_ if moment_.tzinfo else moment_.replace(tzinfo=UTC)
