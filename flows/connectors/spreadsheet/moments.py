"""When something is, whatever a cell holds: a date, a clock time, a number that stands for one, or a text."""

import re
from datetime import date, datetime, time, timedelta

from flows.connectors.spreadsheet.sheet import CellUnreadableError, Value
from flows.connectors.spreadsheet.spelled import When, ours, spelled
from flows.wording import expected

_HOURS = 24
_LAST = 200_000
"""Days: some time in the 25th century, from either epoch."""

OPEN = frozenset(
    {
        "offen",
        "termin folgt",
        "folgt",
        "n n",
        "nn",
        "wird noch bekannt gegeben",
        "noch offen",
        "nach absprache",
        "tba",
        "tbd",
    }
)
"""What people write where a date is not fixed yet, as words are compared."""


def when(value: Value, first_day: date) -> When:
    """Read a cell of a column of dates or times.

    Args:
        value: the cell.
        first_day: the day 0 of dates that stand there as numbers.

    Raises:
        CellUnreadableError: it says neither a day of our time nor a clock time.
    """
    if isinstance(value, datetime):
        moment = (value + timedelta(milliseconds=500)).replace(microsecond=0)  # a number of days is never exact
        return When(ours(moment.date()), clock=moment.time() if moment.time() != time(0) else None)
    if isinstance(value, date):
        return When(ours(value))
    if isinstance(value, time):
        return When(clock=value.replace(microsecond=0))
    number = _number(value)
    if number is not None:
        return _serial(number, first_day)
    if not isinstance(value, str):
        raise CellUnreadableError(expected("german-date"))
    return spelled(value)


def _number(value: Value) -> float | None:
    """Return a number that stands for a date; one written in a text has five digits before its comma, or none."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    if isinstance(value, str):
        return float(value.replace(",", ".")) if re.fullmatch(r"(\d{5}|0)([.,]\d+)?", value) else None
    return float(value)


def _serial(number: float, first_day: date) -> When:
    """Count days from day 0; the fraction is the clock. Excel's two epochs: ECMA-376 part 1, section 18.17.4.1."""
    whole, part = divmod(number, 1)
    if 1 <= number <= _HOURS and not part:
        return spelled(f"{number:.0f} Uhr")
    seconds = round(part * 86_400)
    if not 0 <= whole < _LAST:
        raise CellUnreadableError(expected("german-date"))
    minutes, second = divmod(min(seconds, 86_399), 60)
    clock = time(*divmod(minutes, 60), second)
    if not whole:
        return When(clock=clock)
    flags = ("a number was read as a date",)
    return When(ours(first_day + timedelta(days=int(whole))), clock=clock if seconds else None, flags=flags)
