"""The city: its calendar server in a process of its own, and the clerk who keeps the calendar."""

from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from deploy import ports
from deploy.demo import calendar_server
from deploy.demo.clerk import Clerk
from deploy.demo.courses import city_courses
from deploy.passwords import password
from deploy.process import Process

SECRET = "caldav-stadt-gelsenkirchen"  # noqa: S105 - the name of a secret, not one


@dataclass
class City:
    """The city's own systems below one folder; ``secrets``: where the hub keeps the password the city gave it."""

    folder: Path
    secrets: Path
    port: int = field(default_factory=lambda: ports.free(1)[0])

    def __post_init__(self) -> None:
        """Name the parts; nothing runs yet."""
        self.calendar = calendar_server.address(self.port)
        self.clerk = Clerk(self.calendar, password(self.secrets, SECRET))

    def server(self) -> Process:
        """Return the calendar server's process."""
        return calendar_server.radicale(self.folder / "calendars", self.port, self.secrets, SECRET)

    def fill(self, today: date) -> None:
        """Put the courses in, which lie around today."""
        self.clerk.make_calendar()
        for word, course in city_courses(today).items():
            self.clerk.put(word, course.text())
