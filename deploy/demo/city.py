"""The city: its calendar server in a process of its own, and the clerk who keeps the calendar."""

from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from deploy import ports
from deploy.demo import calendar_server
from deploy.demo.clerk import Clerk
from deploy.demo.courses import city_courses
from deploy.interruption import undisturbed
from deploy.passwords import password
from deploy.readiness import wait_until
from deploy.supervision import Supervisor

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
        self._supervisor = Supervisor(self.folder)

    def open(self, today: date, *, leashed: bool) -> None:
        """Start the server and put the courses in.

        Args:
            today: the courses lie around it.
            leashed: the server stops when the present process ends.
        """
        server = calendar_server.radicale(self.folder / "calendars", self.port, self.secrets, SECRET)
        self._supervisor.start([server], leashed=leashed)
        wait_until(self._supervisor.answers, lambda: None, "the city's process manager")
        self._supervisor.run("radicale")
        wait_until(self.clerk.answers, lambda: None, "the city's calendar server")
        self.clerk.make_calendar()
        for word, course in city_courses(today).items():
            self.clerk.put(word, course.text())

    def close(self) -> None:
        """Stop the server."""
        with undisturbed():
            self.clerk.close()
            self._supervisor.halt(["radicale"])
            self._supervisor.shutdown()
