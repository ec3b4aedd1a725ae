"""The partner systems and the hub, as the story's scenes reach them."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from contracts.event import EventPublished
from deploy.demo.city import City
from deploy.demo.club import Club
from deploy.demo.courses import Course, city_courses
from deploy.demo.http_door import HttpDoor
from deploy.demo.outside import Outside
from deploy.demo.prefect_runs import PrefectRuns
from deploy.demo.witness import HubCommand, Sighting, read_calendars, read_folder


@dataclass(slots=True)
class World:
    """The partner systems and the ``hub`` command."""

    today: date
    outside: Outside
    ngo: Path
    club: Club
    hub: HubCommand
    prefect: PrefectRuns
    announce: Callable[[EventPublished], None]
    read_outbox: Callable[[], Mapping[str, int]]
    door: HttpDoor
    advice: HttpDoor
    courses: dict[str, Course] = field(init=False)

    def __post_init__(self) -> None:
        """Plan the courses."""
        self.courses = city_courses(self.today)

    @property
    def city(self) -> City:
        """The city's own systems."""
        return self.outside.city

    def in_folder(self, title: str) -> Sighting | None:
        """Look into the NGO's folder."""
        return read_folder(self.ngo / "out").get(title)

    def in_calendar(self, title: str) -> Sighting | None:
        """Ask the city's calendar over CalDAV."""
        return read_calendars(self.city.clerk.entries()).get(title)
