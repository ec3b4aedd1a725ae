"""The table of mishaps: what befalls a calendar server's answers, how often in the short and in the whole run."""

from dataclasses import dataclass

from tests.faults.calendars import mishaps
from tests.faults.calendars.gateway import MANNERS
from tests.faults.calendars.mishaps import LISTS, Mishap

_SINCE, _ALL, _ETAGS = MANNERS
_CUT = Mishap(mishaps.half_text, LISTS)
_HALF, _FEW, _NONE = (
    Mishap(what, LISTS) for what in (mishaps.every_second, mishaps.few_missing, mishaps.nothing_in_it)
)


@dataclass(frozen=True, slots=True)
class CalendarFault:
    """A row: what befalls the server's answers, and how often in the short and in the whole run."""

    name: str
    mishap: Mishap
    short: int
    whole: int
    manners: tuple[str, ...] = MANNERS  # of servers, one after the other, from the first again
    pulls: int = 2  # while the server is ill
    late: bool = False  # what an answer to a token left out is only found when everything is read, once a day
    needs: str = ""

    def unproven(self, _: object) -> str:
        """Every machine can show it."""
        return ""


CALENDARS = (
    CalendarFault("calendar busy: 429 and Retry-After", Mishap(mishaps.busy), 1, 6),
    CalendarFault("calendar failing: 500", Mishap(mishaps.failing), 1, 6),
    CalendarFault("calendar answers with a page", Mishap(mishaps.page), 1, 6),
    CalendarFault("calendar's list cut in the middle", _CUT, 1, 6),
    CalendarFault("calendar's list with every second entry", _HALF, 2, 6, (_SINCE, _ALL, _ETAGS), late=True),
    CalendarFault("calendar's list without some entries", _FEW, 1, 6, (_ALL, _ETAGS, _SINCE), late=True),
    CalendarFault("calendar's list empty", _NONE, 2, 6, (_SINCE, _ALL, _ETAGS), late=True),
    CalendarFault("calendar's connection cut", Mishap(mishaps.cut), 1, 6),
    CalendarFault("calendar's connection cut unnoticed", Mishap(mishaps.cut_unnoticed), 1, 6, (_ETAGS, _ALL, _SINCE)),
    CalendarFault("calendar slow: 1.5 s an answer", Mishap(mishaps.slow(1.5)), 1, 6),
    CalendarFault("calendar slower than anybody waits", Mishap(mishaps.slow(31)), 0, 1, pulls=1),
)
