"""The part of the story about research: a data set in a repository, a study that looks for people."""

from collections.abc import Callable
from typing import Any

from deploy.demo.campus import UNIVERSITY
from deploy.demo.scene import Scene
from deploy.demo.university import PARTNER
from deploy.demo.world import World

DATA_SET, DOI = "Lärmkarte Ückendorf", "10.5072/laermkarte"
STUDY = "Wie klingt die Stadt?"


def _publish(world: World) -> None:
    world.outside.campus.publish(DOI, DATA_SET)


def _study(world: World) -> None:
    world.door.send([("study.opened", _opened())])


def _opened() -> dict[str, Any]:
    return {
        "revision": 1,
        "study_id": f"{PARTNER}:wie-klingt-die-stadt",
        "texts": [{"language": "de", "title": STUDY, "description": "Hören Sie eine Woche lang hin."}],
        "organiser": {"name": UNIVERSITY, "partner": PARTNER},
        "capacity": {"maximum": 40},
        "licence": "CC-BY-4.0",
        "reallabore": ["stadtgesellschaft-und-wissenschaft"],
    }


def _told(contract: str, title: str) -> Callable[[World], list[str]]:
    def look(world: World) -> list[str]:
        rows = world.hub.rows("stream", "--type", contract, "-o", "json")
        return ["{partner}: {type} {title}".format(**row) for row in rows if row["title"] == title]

    return look


WORKS: tuple[Scene, ...] = (
    Scene(
        "The university puts a data set into its repository, which the hub reads by OAI-PMH.",
        _publish,
        "the analysts' stream",
        _told("dataset.published", DATA_SET),
    ),
    Scene("It opens a study that looks for people.", _study, "the analysts' stream", _told("study.opened", STUDY)),
)
