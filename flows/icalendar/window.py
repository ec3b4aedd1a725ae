"""Which dates of a series are told. The answer must not change from day to day: each change is a new revision.

- A finite series of at most ``LIMIT`` dates is told whole, past dates too: its hash does not depend on the day.
- Any other is told for fifteen whole months: the one before, this one, thirteen ahead (28 days back and 395 ahead at
  least). It changes with the month, not with the day, and a daily event fits.
"""

from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import chain, islice

from flows.icalendar.errors import CalendarUnreadableError
from flows.wording import expected

LIMIT = 500
"""As many sessions as the contract takes."""
_MOST = 100_000  # dates looked at: 270 years of a daily one
_BACK, _AHEAD = -1, 14  # months


@dataclass(frozen=True, slots=True)
class Window:
    """The starts chosen, rising; ``whole`` where nothing of the series is left out; ``cut`` where ``LIMIT`` cut it."""

    starts: tuple[datetime, ...]
    first: datetime
    after: datetime
    whole: bool
    cut: bool = False

    def covers(self, wall: datetime) -> bool:
        """Whether a date of its own, outside the rule, is to be told."""
        return self.whole or self.first <= wall < self.after


def choose(starts: Iterable[datetime], *, finite: bool, now: datetime) -> Window:
    """Choose the dates to tell.

    Args:
        starts: original starts on the wall clock, rising; may be endless.
        finite: whether it is known to end.
        now: when the calendar was read.

    Raises:
        CalendarUnreadableError: dates so dense or so far away that the window is never reached.
    """
    first, after = _months(now)
    dates = iter(starts)
    head = list(islice(dates, LIMIT + 1)) if finite else []
    if finite and len(head) <= LIMIT:
        return Window(tuple(head), first, after, whole=True)
    return _slide(chain(head, dates), first, after)


def _slide(dates: Iterator[datetime], first: datetime, after: datetime) -> Window:
    """Take what lies in the window; else the next date after it, else the last ones before it."""
    inside: list[datetime] = []
    before: deque[datetime] = deque(maxlen=LIMIT)
    for wall in bounded(dates):
        if wall >= after and inside:
            break
        (before if wall < first else inside).append(wall)
        if len(inside) > LIMIT:
            return Window(tuple(inside[:LIMIT]), first, after, whole=False, cut=True)
    return Window(tuple(inside or before), first, after, whole=False)


def bounded(dates: Iterable[datetime]) -> Iterator[datetime]:
    """Yield dates, but not for ever.

    Raises:
        CalendarUnreadableError: there are more than anybody looks through.
    """
    for looked, wall in enumerate(dates):
        if looked >= _MOST:
            raise CalendarUnreadableError("RRULE", expected("rule-reaches-now", most=_MOST))
        yield wall


def _months(now: datetime) -> tuple[datetime, datetime]:
    this = now.year * 12 + now.month - 1
    first, after = (divmod(this + months, 12) for months in (_BACK, _AHEAD))
    return datetime(first[0], first[1] + 1, 1), datetime(after[0], after[1] + 1, 1)  # noqa: DTZ001 - wall clocks
