"""VTIMEZONE with yearly rules from 1970 on: Outlook ignores lists of dates, and without any it is an hour off."""

from calendar import monthrange
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from flows.icalendar.blocks import Block
from flows.icalendar.content import block, line
from flows.icalendar.identity import instant_id

_EPOCH = 1970
_AHEAD = 5  # years a rule must hold to be one
_BACK = 20  # years told at most; what was before takes the first offset told
_STEP = timedelta(days=7)  # no zone changes its offset twice in a week
_DAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")


@dataclass(frozen=True, slots=True)
class _Change:
    """One change of offset: ``onset`` is the wall clock just before it."""

    onset: datetime
    before: timedelta
    after: timedelta
    name: str

    @property
    def weekdays(self) -> set[tuple[int, int, int, str]]:
        """Month, which of the month's weekdays (-1: the last), weekday, time of day: one pattern or two."""
        day, last = self.onset.day, monthrange(self.onset.year, self.onset.month)[1]
        places = {(day - 1) // 7 + 1} | ({-1} if day + 7 > last else set())
        return {(self.onset.month, place, self.onset.weekday(), f"{self.onset:%H%M%S}") for place in places}


@lru_cache(maxsize=128)
def vtimezone(name: str, first_year: int, last_year: int) -> Block:
    """Define a zone for the years of an event.

    One rule per change of the clock where one pattern holds for all these years and the five after; else each change of
    each year by itself (zones that follow the moon, or laws that changed).
    """
    zone = ZoneInfo(name)
    first_year = max(first_year, last_year - _BACK)
    years = [list(_changes(zone, year)) for year in range(first_year, last_year + _AHEAD + 1)]
    observances = _ruled(years) or [_observance(change, change.onset) for changes in years for change in changes]
    if not observances or observances[0].lines[0].text > f"DTSTART:{_EPOCH + 1}":
        start = datetime(first_year, 1, 1, tzinfo=zone)
        offset = start.utcoffset() or timedelta(0)
        whole = _Change(datetime(_EPOCH, 1, 1), offset, offset, start.tzname() or name)  # noqa: DTZ001 - a wall clock
        observances.insert(0, _observance(whole, whole.onset))
    return block("VTIMEZONE", [line("TZID", name)], observances)


def _ruled(years: list[list[_Change]]) -> list[Block]:
    """Return one observance per change of the year, or nothing where the years do not repeat."""
    if len({len(changes) for changes in years}) != 1:
        return []
    ruled = []
    for same in zip(*years, strict=True):
        patterns = set.intersection(*(change.weekdays for change in same))
        if not patterns or len({(change.before, change.after) for change in same}) != 1:
            return []
        month, place, weekday, _ = min(patterns)  # the last weekday rather than the fourth
        onset = datetime.combine(_weekday(month, place, weekday), same[0].onset.time())
        rule = f"FREQ=YEARLY;BYMONTH={month};BYDAY={place}{_DAYS[weekday]}"
        ruled.append(_observance(same[0], onset, rule))
    return ruled


def _observance(change: _Change, onset: datetime, rule: str | None = None) -> Block:
    lines = [
        line("DTSTART", f"{onset:%Y%m%dT%H%M%S}"),
        line("TZOFFSETFROM", _offset(change.before)),
        line("TZOFFSETTO", _offset(change.after)),
        line("TZNAME", change.name),
    ]
    lines += [line("RRULE", rule)] if rule else []
    return block("DAYLIGHT" if change.after > change.before else "STANDARD", lines)


def _weekday(month: int, place: int, weekday: int) -> date:
    days = [date(_EPOCH, month, day) for day in range(1, monthrange(_EPOCH, month)[1] + 1)]
    matching = [day for day in days if day.weekday() == weekday]
    return matching[place if place < 0 else place - 1]


def _changes(zone: ZoneInfo, year: int) -> Iterator[_Change]:
    day, end = datetime(year, 1, 1, tzinfo=UTC), datetime(year + 1, 1, 1, tzinfo=UTC)
    while day < end:
        following = min(day + _STEP, end)
        before, after = day.astimezone(zone).utcoffset(), following.astimezone(zone).utcoffset()
        if before is not None and after is not None and before != after:
            instant = _instant(zone, day, following)
            name = instant.astimezone(zone).tzname() or instant_id(instant)
            yield _Change((instant + before).replace(tzinfo=None), before, after, name)
        day = following


def _instant(zone: ZoneInfo, low: datetime, high: datetime) -> datetime:
    """Halve the week until the first second of the new offset is found."""
    old = low.astimezone(zone).utcoffset()
    while high - low > timedelta(seconds=1):
        middle = low + (high - low) // 2
        middle = middle.replace(microsecond=0)
        low, high = (middle, high) if middle.astimezone(zone).utcoffset() == old else (low, middle)
    return high


def _offset(offset: timedelta) -> str:
    minutes, seconds = divmod(abs(int(offset.total_seconds())), 60)
    sign = "-" if offset < timedelta(0) else "+"
    return f"{sign}{minutes // 60:02d}{minutes % 60:02d}" + (f"{seconds:02d}" if seconds else "")
