"""The partners' own systems: the city's calendar server and the university's repository, under one process manager."""

from dataclasses import dataclass
from datetime import date
from pathlib import Path

from deploy.demo.campus import Campus
from deploy.demo.city import City
from deploy.interruption import undisturbed
from deploy.readiness import wait_until
from deploy.supervision import Supervisor


@dataclass
class Outside:
    """All of them below one folder; ``secrets``: where the hub keeps the passwords that they gave it."""

    folder: Path
    secrets: Path

    def __post_init__(self) -> None:
        """Name the parts; nothing runs yet."""
        self.city = City(self.folder / "city", self.secrets)
        self.campus = Campus(self.folder / "campus")
        self._supervisor = Supervisor(self.folder)

    def open(self, today: date, *, leashed: bool) -> None:
        """Start the servers and put the courses in.

        Args:
            today: the courses lie around it.
            leashed: the servers stop when the present process ends.
        """
        self._supervisor.start([self.city.server(), self.campus.server()], leashed=leashed)
        wait_until(self._supervisor.answers, lambda: None, "the partners' process manager")
        for name in ("radicale", "repository"):
            self._supervisor.run(name)
        wait_until(self.city.clerk.answers, lambda: None, "the city's calendar server")
        self.city.fill(today)
        wait_until(self.campus.answers, lambda: None, "the university's repository")

    def close(self) -> None:
        """Stop the servers."""
        with undisturbed():
            self.city.clerk.close()
            self._supervisor.halt(["radicale", "repository"])
            self._supervisor.shutdown()
