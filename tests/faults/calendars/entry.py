"""One entry of the city's calendar, and one change of it. Pure."""

from dataclasses import dataclass
from datetime import datetime

from deploy.demo.courses import Course


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry as the calendar holds it now."""

    uid: str
    version: int
    start: datetime  # on the wall clock
    weekly: bool = False  # without end
    off: bool = False

    @property
    def title(self) -> str:
        """Its title."""
        return f"Kurs {self.uid.partition('@')[0]}"

    @property
    def description(self) -> str:
        """Its text, another one for each version."""
        return f"Fassung {self.version}"

    def text(self) -> str:
        """Write it down as iCalendar."""
        more = ("RRULE:FREQ=WEEKLY\n" if self.weekly else "") + ("STATUS:CANCELLED\n" if self.off else "")
        return Course(self.uid, self.title, self.start, 90, "Bürgerhaus", self.description, more).text()


@dataclass(frozen=True, slots=True)
class Step:
    """One change: the entry as it then is; None where it is then gone."""

    uid: str
    entry: Entry | None
