"""The part of the story about people: who gets a place, who moves up, who is forgotten."""

from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any

from deploy.demo import calendar_server, university
from deploy.demo.http_door import HttpDoor
from deploy.demo.scene import Scene
from deploy.demo.university import EVENING
from deploy.demo.world import World

ASKING = ("Anna Beispiel", "Bilal Beispiel", "Clara Beispiel")
OUTBOX, ANSWER = "the university's outbox by HTTP", "the answer beside the club's table"


def _enrolment(partner: str) -> dict[str, Any]:
    return {"revision": 1, "enrolment_id": f"{partner}:anmeldung/1", "offering_id": EVENING}


def _ask(world: World) -> None:
    _request(world.door, university.PARTNER, ASKING[0])
    _request(world.advice, calendar_server.USER, ASKING[1])


def _request(door: HttpDoor, partner: str, name: str) -> None:
    person = {"person_id": "1", "name": name, "birth_year": 1972}
    door.send([("enrolment.requested", {**_enrolment(partner), "person": person})])


def _answered(result: str) -> Callable[[World], list[str]]:
    def look(world: World) -> list[str]:
        rows = [row for row in world.club.answer() if row["Ergebnis"] == result]
        return ["Zeile {Zeile}: {Ergebnis}: {Grund oder Hinweis}".format(**row) for row in rows]

    return look


def _cancel(world: World) -> None:
    world.door.send([("enrolment.cancelled", {**_enrolment(university.PARTNER), "cause": "person"})])


def _latest(world: World) -> Iterator[tuple[str, dict[str, Any]]]:
    """Return the newest fact of each enrolment: what became of it, and what it says."""
    newest = {each["subject"]: each for each in world.door.outbox() if ".enrolment." in each["type"]}
    return ((each["type"].split(".")[-2], each["data"]) for each in newest.values())


def _became(**wanted: int) -> Callable[[World], list[str]]:
    def look(world: World) -> list[str]:
        found = Counter(state for state, _ in _latest(world))
        return [", ".join(f"{number} {state}" for state, number in found.items())] if found == wanted else []

    return look


def _references(world: World) -> list[str]:
    return sorted({data["person_ref"] for _, data in _latest(world)})


def _erase(world: World) -> None:
    world.hub.lines("erase", _references(world)[0], "--yes")


def _forgotten(world: World) -> list[str]:
    told = world.hub.lines("person", "report", _references(world)[0])
    erased = [line for line in told if "erased" in line.lower()]
    rebuilt = world.hub.lines("rebuild", "enrolments", "--check")
    return [*erased[:1], *rebuilt] if erased else []


PLACES: tuple[Scene, ...] = (
    Scene(
        "The university's evening has two places. Somebody asks for one at the university, another at the city.",
        _ask,
        OUTBOX,
        _became(associated=2),
    ),
    Scene(
        "A club puts a table of who wants to come into its folder. One row holds a day that never was.",
        lambda world: world.club.write((ASKING[2], "31.02.1990")),
        ANSWER,
        _answered("abgelehnt"),
    ),
    Scene(
        "The club corrects the row. All places are taken, so she waits.",
        lambda world: world.club.write((ASKING[2], "28.02.1990")),
        ANSWER,
        _answered("Warteliste"),
    ),
    Scene("Who asked at the university cancels: she moves up.", _cancel, OUTBOX, _became(cancelled=1, associated=2)),
    Scene("The club reads that, too.", lambda _: None, ANSWER, _answered("Platz")),
    Scene(
        "Another wants to be forgotten: the vault forgets, and building the state anew does not bring anybody back.",
        _erase,
        "hub person report, hub rebuild enrolments --check",
        _forgotten,
    ),
)
