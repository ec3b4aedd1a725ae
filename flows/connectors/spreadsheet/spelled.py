"""Days and clock times as Germans write them: both together, from and to. Never month before day."""

import re
from dataclasses import dataclass
from datetime import date, time

from flows.connectors.spreadsheet.sheet import CellUnreadableError
from flows.wording import expected

_MONTHS = (
    "januar",
    "februar",
    "marz",
    "april",
    "mai",
    "juni",
    "juli",
    "august",
    "september",
    "oktober",
    "november",
    "dezember",
)
_WEEKDAY = r"(?:(?:mo|di|mi|do|fr|sa|so)(?:n?tag|nstag|ttwoch|nnerstag|eitag|mstag|nnabend)?[.,]*\s+)?"
_DAY = re.compile(r"(?<![\d.])(\d{1,2})\.\s*(\d{1,2})\.\s*(\d{4}|\d{2})(?!\d)")
_NAMED = re.compile(r"(?<!\d)(\d{1,2})\.\s*([a-zä]{3,9})\.?\s*(\d{4}|\d{2})(?!\d)")
_ISO = re.compile(r"(?<!\d)(\d{4})-(\d{2})-(\d{2})(?:t|(?!\d))")
_FROM = re.compile(r"^(\d{1,2})\.(?:\s*(\d{1,2})\.)?\s*(?:-|bis)\s*(?=\d)")
"""The day in front of a period whose end says the rest: ``1.-3.2.2027``, ``27.2. bis 1.3.2027``."""
_CLOCK = re.compile(r"(?<![\d.:])(\d{1,2})(?:[:.](\d{2})(?::(\d{2})(?:\.0+)?)?)?\s*(uhr|h)?(?![\d:])", re.IGNORECASE)
_FILLERS = re.compile(r"\b(uhr|h|von|ab|um|bis|am|vom|zum)\b|[-,;|/()\s]", re.IGNORECASE)
_YEARS = range(1990, 2101)


@dataclass(frozen=True, slots=True)
class When:
    """What one cell says of days and clock times; what it does not say is None."""

    day: date | None = None
    last_day: date | None = None
    clock: time | None = None
    end: time | None = None
    midnight: bool = False  # ``end`` is 24:00
    flags: tuple[str, ...] = ()


def spelled(text: str) -> When:
    """Read a text.

    Raises:
        CellUnreadableError: it says neither a day of our time nor a clock time, or something else beside it.
    """
    told = " ".join(text.lower().replace("–", "-").replace("—", "-").split())  # noqa: RUF001 - what people type
    told = re.sub(_WEEKDAY, "", told, count=1) if re.match(_WEEKDAY + r"\d", told) else told
    days, flags, rest = _days(told)
    clocks = [*_CLOCK.finditer(rest)]
    if not (days or clocks) or _FILLERS.sub("", _CLOCK.sub("", rest)) or len(days) > 2 or len(clocks) > 2:  # noqa: PLR2004
        raise CellUnreadableError(expected("german-date"))
    read = [_clock(each) for each in clocks]
    end = read[1] if len(read) > 1 else None
    return When(
        day=days[0] if days else None,
        last_day=days[1] if len(days) > 1 else None,
        clock=read[0][0] if read else None,
        end=end[0] if end else None,
        midnight=bool(read and read[-1][1]),
        flags=flags,
    )


def _days(text: str) -> tuple[list[date], tuple[str, ...], str]:
    """Return the days of a text, what was assumed, and the text without them."""
    begin, found, short = _FROM.match(text), [], False
    rest = text[begin.end() :] if begin else text
    for pattern in (_ISO, _DAY, _NAMED):
        for match in pattern.finditer(rest):
            found.append(_day(match, pattern is _ISO))
            short = short or len(match[3 if pattern is not _ISO else 1]) == 2  # noqa: PLR2004 - digits
        rest = pattern.sub(" ", rest)
    if begin and found:
        month = int(begin[2] or found[0].month)
        found.insert(0, _made(found[0].year - (month > found[0].month), month, int(begin[1])))
    elif begin:
        rest = text
    return found, ("the year has two digits",) if short else (), rest


def _day(match: re.Match[str], iso: bool) -> date:  # noqa: FBT001 - which of two orders
    if iso:
        return _made(int(match[1]), int(match[2]), int(match[3]))
    plain = match[2].replace("ä", "a")
    months = [number for number, name in enumerate(_MONTHS, 1) if name.startswith(plain[:3]) and not plain.isdigit()]
    month = int(plain) if plain.isdigit() else next(iter(months), 0)
    return _made(int(match[3]) + (2000 if len(match[3]) == 2 else 0), month, int(match[1]))  # noqa: PLR2004 - digits


def _made(year: int, month: int, day: int) -> date:
    try:
        return ours(date(year, month, day))
    except ValueError:
        raise CellUnreadableError(expected("on-the-calendar-german")) from None


def ours(day: date) -> date:
    """Return a day of our time.

    Raises:
        CellUnreadableError: the year is a mistake.
    """
    if day.year not in _YEARS:
        raise CellUnreadableError(expected("year-of-ours", ge=_YEARS[0], le=_YEARS[-1]))
    return day


def _clock(match: re.Match[str]) -> tuple[time, bool]:
    """Return a clock time, and whether it is 24:00."""
    hour, minute, second = (int(part or 0) for part in match.groups()[:3])
    if (hour, minute, second) == (24, 0, 0):
        return time(0), True
    try:
        return time(hour, minute, second), False
    except ValueError:
        raise CellUnreadableError(expected("clock-time")) from None
