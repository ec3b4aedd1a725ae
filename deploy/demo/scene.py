"""What a story is made of."""

from collections.abc import Callable
from dataclasses import dataclass

from deploy.demo.world import World


@dataclass(frozen=True, slots=True)
class Scene:
    """One step: ``does`` and ``act`` for what somebody does, ``sees`` and ``look`` for what shows where.

    ``look`` reads a system and returns what it saw, or nothing as long as it is not there.
    """

    does: str
    act: Callable[[World], None]
    sees: str
    look: Callable[[World], list[str]]


@dataclass(frozen=True, slots=True)
class Shown:
    """A ``hub`` command whose output is shown."""

    does: str
    word: str
