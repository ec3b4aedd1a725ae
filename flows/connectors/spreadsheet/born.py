"""When somebody was born, whatever a cell holds: a day, or a year alone. Never month before day."""

import re
from datetime import date, datetime, timedelta

from flows.connectors.spreadsheet.sheet import CellUnreadableError, Value
from flows.wording import expected

_GERMAN = re.compile(r"^(\d{1,2})\.\s*(\d{1,2})\.\s*(\d{4}|\d{2})$")
_ISO = re.compile(r"^(\d{4})-(\d{2})-(\d{2})$")
_YEAR = re.compile(r"^(?:18|19|20)\d{2}$")
_DAYS = re.compile(r"^\d{5}$")
OLDEST = 1890
"""As of the contract (`contracts.person`): nobody was born before."""


def born(value: Value, first_day: date, today: date) -> str:
    """Return a day (``1987-03-01``) or a year (``1987``).

    A year of two digits is the latest that is not to come: 58 is 1958, 12 is 2012.

    Args:
        value: the cell.
        first_day: the day 0 of dates that stand there as numbers.
        today: who is born later made a mistake.

    Raises:
        CellUnreadableError: it says neither.
    """
    if isinstance(value, datetime):
        return _known(value.date(), today).isoformat()
    if isinstance(value, date):
        return _known(value, today).isoformat()
    text = re.sub(r"\.0$", "", "".join(str(value).split()))
    if _YEAR.match(text):
        return str(_known(date(int(text), 1, 1), today).year)
    return _known(_day(text, first_day, today), today).isoformat()


def _day(text: str, first_day: date, today: date) -> date:
    german, iso = _GERMAN.match(text), _ISO.match(text)
    try:
        if german:
            day, month, year = map(int, german.groups())
            century = today.year - today.year % 100 if len(german[3]) == 2 else 0  # noqa: PLR2004 - digits
            return date(year + century - 100 * (bool(century) and year + century > today.year), month, day)
        if iso:
            return date(*map(int, iso.groups()))
        if _DAYS.match(text):
            return first_day + timedelta(days=int(text))
    except (ValueError, OverflowError):
        raise CellUnreadableError(expected("on-the-calendar-german")) from None
    raise CellUnreadableError(expected("birth-date"))


def _known(day: date, today: date) -> date:
    if not date(OLDEST, 1, 1) <= day <= today:
        raise CellUnreadableError(expected("year-of-ours", ge=OLDEST, le=today.year))
    return day
