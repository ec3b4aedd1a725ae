"""The part of the story about people: who gets a place, who moves up, who is forgotten."""

from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any

from deploy.demo.scene import Scene
from deploy.demo.university import EVENING, PARTNER
from deploy.demo.world import World

ASKING = ("Anna Beispiel", "Bilal Beispiel", "Clara Beispiel")
OUTBOX = "the university's outbox by HTTP"


def _enrolment(number: int) -> dict[str, Any]:
    return {"revision": 1, "enrolment_id": f"{PARTNER}:anmeldung/{number}", "offering_id": EVENING}


def _ask(world: World) -> None:
    requests = [
        {**_enrolment(number), "person": {"person_id": str(number), "name": name, "birth_year": 1960 + 12 * number}}
        for number, name in enumerate(ASKING, 1)
    ]
    world.door.send([("enrolment.requested", each) for each in requests])


def _cancel(world: World) -> None:
    world.door.send([("enrolment.cancelled", {**_enrolment(1), "cause": "person"})])


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
        "Three people ask for a place in the university's evening, which has two. Its software sends that by HTTP.",
        _ask,
        OUTBOX,
        _became(associated=2, queued=1),
    ),
    Scene("One of them cancels, and who waited moves up.", _cancel, OUTBOX, _became(cancelled=1, associated=2)),
    Scene(
        "Another wants to be forgotten: the vault forgets, and building the state anew does not bring anybody back.",
        _erase,
        "hub person report, hub rebuild enrolments --check",
        _forgotten,
    ),
)
