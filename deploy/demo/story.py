"""What happens in the demo, in order: somebody does something, and then it is looked for in the systems themselves."""

from collections.abc import Callable

from deploy.demo.courses import Course, broken, workshop
from deploy.demo.places import PLACES
from deploy.demo.scene import Scene, Shown
from deploy.demo.university import OFFICE_HOUR, lecture, lecture_with_a_person
from deploy.demo.witness import Sighting
from deploy.demo.works import WORKS
from deploy.demo.world import World

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
    (world.ngo / "in" / "lastenrad.ics").write_text(workshop(world.today).text(), encoding="utf-8")


def _repair(world: World) -> None:
    rows = world.hub.rows("deadletter", "list", "-o", "json")
    (letter,) = (row["id"] for row in rows if row["rule"] == "contact-personal")
    world.hub.repair(letter, "the office's address, as it told us")


OPENING = (
    "A city has a calendar, an NGO a shared folder, a university its own software: they do not know each other.",
    "The hub connects them. Its parts start now: Kafka, PostgreSQL, the services, and beside them Prefect.",
)

SCENES: tuple[Scene, ...] = (
    Scene(
        "The city's calendar holds five courses. One spans the change of the clocks, with one evening moved by a day.",
        lambda _: None,
        FOLDER,
        _courses_arrive,
    ),
    Scene(
        "The NGO puts a workshop into its folder.",
        _drop,
        CALENDAR,
        _found("Lastenrad selbst bauen", World.in_calendar),
    ),
    Scene(
        "The university announces an evening through its own Kafka client.",
        lambda world: world.announce(lecture(world.today)),
        CALENDAR,
        _found("Citizen-Science-Abend", World.in_calendar),
    ),
    Scene("The city moves a course by a week.", _put("repair", lambda course: course.on(7)), FOLDER, _moved),
    Scene("The city cancels a course.", _put("digital", Course.cancelled), FOLDER, _cancelled),
    Scene("The city deletes a course.", lambda world: world.city.clerk.delete("walk"), FOLDER, _gone),
    Scene(
        "The city writes an entry that ends before it starts. It is refused alone: the others go on.",
        lambda world: world.city.clerk.put("verdreht", broken(world.today).text()),
        "refused (hub deadletter list)",
        _refused("source-item-refused"),
    ),
    Scene(
        "The university names a person's e-mail address. No personal data pass: this is refused, too.",
        lambda world: world.announce(lecture_with_a_person(world.today)),
        "refused (hub deadletter list)",
        _refused("contact-personal"),
    ),
    Scene(
        "An operator repairs a copy, on record, and sends it again; what was refused stays as it was.",
        _repair,
        CALENDAR,
        _found(OFFICE_HOUR, World.in_calendar),
    ),
    Scene(
        "The university reads what the others announced, and why its own message was not taken.",
        lambda _: None,
        "the university's outbox",
        _read,
    ),
    *PLACES,
    *WORKS,
)


GUESTS = "Your calendar joins the city's: each entry takes the same way."

CLOSING: tuple[Scene | Shown, ...] = (
    Shown("Analysts read all of it as one stream: people under pseudonyms, and what they do by the day.", "stream"),
    Shown("Each message that a partner sent has become something: nothing got lost where DIFFERENCE is 0.", "balance"),
    Scene(
        "Operators watch each reading (pull) and writing (push) in the Prefect UI, also those before it was there.",
        lambda _: None,
        "Prefect",
        lambda world: world.prefect.told(),
    ),
    Shown("They see how every partner is doing, the worst first: what was refused waits for them.", "status"),
)
