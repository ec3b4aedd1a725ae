"""What the city offers in the demo, as its own software would write it: iCalendar text, dates near today.

The recurring course crosses the next change of the clocks, so that its hour can be seen to stay.
"""

from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

ZONE = ZoneInfo("Europe/Berlin")
_STAMP = "%Y%m%dT%H%M%S"

_TEXT = """BEGIN:VCALENDAR
VERSION:2.0
PRODID:-//Stadt Gelsenkirchen//Kurskalender//DE
BEGIN:VTIMEZONE
TZID:Europe/Berlin
BEGIN:DAYLIGHT
DTSTART:19700329T020000
RRULE:FREQ=YEARLY;BYMONTH=3;BYDAY=-1SU
TZOFFSETFROM:+0100
TZOFFSETTO:+0200
END:DAYLIGHT
BEGIN:STANDARD
DTSTART:19701025T030000
RRULE:FREQ=YEARLY;BYMONTH=10;BYDAY=-1SU
TZOFFSETFROM:+0200
TZOFFSETTO:+0100
END:STANDARD
END:VTIMEZONE
{entries}END:VCALENDAR
"""

_ENTRY = """BEGIN:VEVENT
UID:{uid}
DTSTAMP:20260901T080000Z
SUMMARY:{title}
DESCRIPTION:{description}
LOCATION:{place}
DTSTART;TZID=Europe/Berlin:{start}
DTEND;TZID=Europe/Berlin:{end}
{more}END:VEVENT
"""


@dataclass(frozen=True, slots=True)
class Course:
    """One entry of the calendar; ``more`` holds further lines of the VEVENT, ``moved`` one date's (old, new) start."""

    uid: str
    title: str
    start: datetime
    minutes: int
    place: str
    description: str = ""
    more: str = ""
    moved: tuple[datetime, datetime] | None = None

    def text(self) -> str:
        """Write it down."""
        entries = self._entry(self.start, self.more)
        if self.moved is not None:
            old, new = self.moved
            entries += self._entry(new, f"RECURRENCE-ID;TZID=Europe/Berlin:{old:{_STAMP}}\n")
        return _TEXT.format(entries=entries).replace("\n", "\r\n")

    def _entry(self, start: datetime, more: str) -> str:
        end = start + timedelta(minutes=self.minutes)
        return _ENTRY.format(
            uid=self.uid,
            title=self.title,
            description=self.description,
            place=self.place,
            start=f"{start:{_STAMP}}",
            end=f"{end:{_STAMP}}",
            more=more,
        )

    def on(self, days: int) -> "Course":
        """The same course some days later."""
        return replace(self, start=self.start + timedelta(days=days))

    def cancelled(self) -> "Course":
        """The same course, called off."""
        return replace(self, more="STATUS:CANCELLED\n" + self.more)


def evening(day: date, hour: int) -> datetime:
    """Return a wall-clock time, without zone: the entries name it."""
    return datetime.combine(day, time(hour))


def next_clock_change(today: date) -> date:
    """Return the next day on which the clocks change."""
    day = today
    while evening(day, 12).replace(tzinfo=ZONE).utcoffset() == evening(today, 12).replace(tzinfo=ZONE).utcoffset():
        day += timedelta(days=1)
    return day


def city_courses(today: date) -> dict[str, Course]:
    """Return what the calendar holds at the beginning, by a word for each."""
    first = next_clock_change(today) - timedelta(days=5)  # a Tuesday: the clocks change on Sundays
    third = evening(first, 18) + timedelta(days=14)
    return {
        "repair": Course(
            "reparatur-cafe@gelsenkirchen.example",
            "Reparatur-Café",
            evening(today + timedelta(days=11), 14),
            180,
            "Stadtteilbüro Rotthausen",
            "Gemeinsam reparieren statt wegwerfen.",
            "CATEGORIES:Nachhaltigkeit,Lernorte\n",
        ),
        "german": Course(
            "deutsch-am-abend@gelsenkirchen.example",
            "Deutsch am Abend",
            evening(first, 18),
            90,
            "Volkshochschule\\, Ebertstraße 19",
            "Vier Abende.",
            "RRULE:FREQ=WEEKLY;COUNT=4\n",
            (third, third + timedelta(days=1)),
        ),
        "digital": Course(
            "digital-sprechstunde@gelsenkirchen.example",
            "Digital-Sprechstunde",
            evening(today + timedelta(days=15), 10),
            120,
            "Stadtbibliothek",
        ),
        "walk": Course(
            "stadtspaziergang@gelsenkirchen.example",
            "Stadtspaziergang Ückendorf",
            evening(today + timedelta(days=19), 15),
            90,
            "Bochumer Straße",
        ),
        "garden": Course(
            "gemeinschaftsgarten@gelsenkirchen.example",
            "Gemeinschaftsgarten planen",
            evening(today + timedelta(days=24), 16),
            120,
            "Consolpark",
        ),
    }


def workshop(today: date) -> Course:
    """Return the NGO's workshop."""
    return Course(
        "lastenrad@lernwerkstatt.example",
        "Lastenrad selbst bauen",
        evening(today + timedelta(days=13), 11),
        240,
        "Lernwerkstatt Rotthausen",
        "Werkzeug ist da.",
    )


def broken(today: date) -> Course:
    """Return an entry that ends before it starts."""
    return Course("verdreht@gelsenkirchen.example", "Verdreht", evening(today + timedelta(days=9), 12), -60, "Rathaus")
