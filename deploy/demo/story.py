"""What happens in the demo, in order: somebody does something, and then it is looked for in the systems themselves."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from contracts.event import EventPublished
from deploy.demo.city import City
from deploy.demo.courses import Course, broken, city_courses, workshop
from deploy.demo.prefect_runs import PrefectRuns
from deploy.demo.university import lecture, lecture_with_a_person
from deploy.demo.witness import HubCommand, Sighting, read_calendars, read_folder


@dataclass(slots=True)
class World:
    """The partner systems and the ``hub`` command."""

    today: date
    city: City
    ngo: Path
    hub: HubCommand
    prefect: PrefectRuns
    announce: Callable[[EventPublished], None]
    read_outbox: Callable[[], Mapping[str, int]]
    courses: dict[str, Course] = field(init=False)

    def __post_init__(self) -> None:
        """Plan the courses."""
        self.courses = city_courses(self.today)

    def in_folder(self, title: str) -> Sighting | None:
        """Look into the NGO's folder."""
        return read_folder(self.ngo / "out").get(title)

    def in_calendar(self, title: str) -> Sighting | None:
        """Ask the city's calendar over CalDAV."""
        return read_calendars(self.city.clerk.entries()).get(title)


@dataclass(frozen=True, slots=True)
class Scene:
    """One step: ``does`` and ``act`` for what somebody does, ``sees`` and ``look`` for what shows where.

    ``look`` reads a system and returns what it saw, or nothing as long as it is not there.
    """

    does: str
    act: Callable[[World], None]
    sees: str
    look: Callable[[World], list[str]]


FOLDER = "the NGO's folder"
CALENDAR = "the city's calendar"


def _courses_arrive(world: World) -> list[str]:
    seen = [world.in_folder(course.title) for course in world.courses.values()]
    return [str(one) for one in seen if one] if all(seen) else []


def _put(word: str, change: Callable[[Course], Course]) -> Callable[[World], None]:
    return lambda world: world.city.clerk.put(word, change(world.courses[word]).text())


def _moved(world: World) -> list[str]:
    seen, planned = world.in_folder(world.courses["repair"].title), world.courses["repair"].start
    return [str(seen)] if seen and seen.dates and seen.dates[0].replace(tzinfo=None) != planned else []


def _cancelled(world: World) -> list[str]:
    seen = world.in_folder(world.courses["digital"].title)
    return [str(seen)] if seen and seen.status == "CANCELLED" else []


def _gone(world: World) -> list[str]:
    title = world.courses["walk"].title
    return [] if world.in_folder(title) else [f"{title}: no file any more"]


def _found(title: str, where: Callable[[World, str], Sighting | None]) -> Callable[[World], list[str]]:
    return lambda world: [str(seen)] if (seen := where(world, title)) else []


def _refused(rule: str) -> Callable[[World], list[str]]:
    def look(world: World) -> list[str]:
        rows = world.hub.rows("deadletter", "list", "-o", "json")
        return ["{partner}: {rule} at {place}: {expected}".format(**row) for row in rows if row["rule"] == rule]

    return look


def _read(world: World) -> list[str]:
    told = ", ".join(f"{number} {kind}" for kind, number in sorted(world.read_outbox().items()))
    return [told] if told else []


def _drop(world: World) -> None:
    (world.ngo / "in").mkdir(parents=True, exist_ok=True)
    (world.ngo / "in" / "lastenrad.ics").write_text(workshop(world.today).text(), encoding="utf-8")


SCENES: tuple[Scene, ...] = (
    Scene("The city keeps five courses in its calendar.", lambda _: None, FOLDER, _courses_arrive),
    Scene(
        "The NGO puts a workshop into its folder.",
        _drop,
        CALENDAR,
        _found("Lastenrad selbst bauen", World.in_calendar),
    ),
    Scene(
        "The university announces an evening with its own Kafka client.",
        lambda world: world.announce(lecture(world.today)),
        CALENDAR,
        _found("Citizen-Science-Abend", World.in_calendar),
    ),
    Scene("The city moves a course by a week.", _put("repair", lambda course: course.on(7)), FOLDER, _moved),
    Scene("The city cancels a course.", _put("digital", Course.cancelled), FOLDER, _cancelled),
    Scene("The city deletes a course.", lambda world: world.city.clerk.delete("walk"), FOLDER, _gone),
    Scene(
        "The city writes an entry that ends before it starts.",
        lambda world: world.city.clerk.put("verdreht", broken(world.today).text()),
        "hub deadletter list",
        _refused("source-item-refused"),
    ),
    Scene(
        "The university announces something with a human's address in it.",
        lambda world: world.announce(lecture_with_a_person(world.today)),
        "hub deadletter list",
        _refused("contact-personal"),
    ),
    Scene("The university reads what is new for it.", lambda _: None, "the university's outbox", _read),
)

PREFECT = Scene(
    "Operators watch every pull and push in the Prefect UI, which started meanwhile.",
    lambda _: None,
    "Prefect",
    lambda world: world.prefect.told(),
)
