"""The cells of a row that say when, as one date with its end."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import TypeVar

from contracts.text import words
from contracts.zoned_time import ZonedTime
from flows.connectors.spreadsheet.moments import OPEN, when
from flows.connectors.spreadsheet.records import Record
from flows.connectors.spreadsheet.sheet import CellUnreadableError
from flows.connectors.spreadsheet.spelled import When
from flows.wording import expected

Said = TypeVar("Said", date, time)
WHEN = ("date", "start", "end_date", "end")
_OVER_NIGHT = timedelta(hours=12)
"""An end before the start is one on the next day up to here; beyond, somebody mixed the two up."""


@dataclass(frozen=True, slots=True)
class Span:
    """One date. ``flags``: what was assumed."""

    start: ZonedTime
    end: ZonedTime
    all_day: bool
    flags: tuple[str, ...]


class WrongCellError(CellUnreadableError):
    """A cell, with the field whose column it stands in."""

    def __init__(self, name: str, error: CellUnreadableError) -> None:
        """Keep both."""
        super().__init__(error.reason)
        self.name = name


def span(record: Record, zone: str) -> Span | None:
    """Return a row's date; None where it says that there is none yet.

    Raises:
        WrongCellError: it has none, or one that cannot be.
    """
    cells = {name: record.cells[name] for name in WHEN if name in record.cells}
    if any(isinstance(value, str) and " ".join(words(value)) in OPEN for value in cells.values()):
        return None
    read = {name: _read(name, record) for name in cells}
    try:
        return _joined(read, zone)
    except CellUnreadableError as error:
        raise WrongCellError("date", error) from None


def _read(name: str, record: Record) -> When:
    try:
        return when(record.cells[name], record.sheet.first_day)
    except CellUnreadableError as error:
        raise WrongCellError(name, error) from None


def _joined(read: Mapping[str, When], zone: str) -> Span:
    front = [read[name] for name in ("date", "start") if name in read]
    back = [read[name] for name in ("end_date", "end") if name in read]
    day = _one([each.day for each in front])
    clock = _one([each.clock for each in front])
    last = _one([*(each.last_day for each in front), *(each.last_day or each.day for each in back)])
    end = _one([*(each.end for each in front), *(each.end or each.clock for each in back)])
    flags = tuple(dict.fromkeys(flag for each in (*front, *back) for flag in each.flags))
    if day is None:
        raise CellUnreadableError(expected("row-date"))
    if clock is None and end is not None:
        raise CellUnreadableError(expected("start"))
    if clock is None:
        return _whole_days(day, last or day, zone, flags)
    midnight = any(each.midnight for each in (*front, *back))
    start, until = datetime.combine(day, clock), _end(day, clock, last, end, midnight=midnight)
    flags += ("no end is told",) if end is None else ()
    flags += ("it ends on the next day",) if last is None and not midnight and until.date() > day else ()
    return Span(ZonedTime.at(start, zone), ZonedTime.at(until, zone), all_day=False, flags=flags)


def _one(said: list[Said | None]) -> Said | None:
    found = {each for each in said if each is not None}
    if len(found) > 1:
        raise CellUnreadableError(expected("date-and-time-once"))
    return next(iter(found), None)


def _whole_days(day: date, last: date, zone: str, flags: tuple[str, ...]) -> Span:
    if last < day:
        raise CellUnreadableError(expected("row-ends-after-start"))
    first, after = datetime.combine(day, time()), datetime.combine(last + timedelta(days=1), time())
    return Span(ZonedTime.at(first, zone), ZonedTime.at(after, zone), all_day=True, flags=(*flags, "no time is told"))


def _end(day: date, clock: time, last: date | None, end: time | None, *, midnight: bool) -> datetime:
    start = datetime.combine(day, clock)
    if end is None:
        until = datetime.combine(last or day, clock)
    else:
        until = datetime.combine(last or day, end) + timedelta(days=midnight)
        over_night = until < start and last is None
        until += timedelta(days=over_night)
        if over_night and until - start > _OVER_NIGHT:
            raise CellUnreadableError(expected("row-ends-after-start"))
    if until < start:
        raise CellUnreadableError(expected("row-ends-after-start"))
    return until
