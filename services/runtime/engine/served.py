"""How far the routes of one input partition were served."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

from services.runtime.engine.catching_up import Missed
from services.runtime.engine.delivery import Partition
from services.runtime.engine.routes import Note, Target


@dataclass(slots=True)
class Served:
    """The book's notes by route, who can be served again, and what they still miss."""

    notes: dict[str, Note]
    usable: set[str] = field(default_factory=set)
    missed: dict[str, Missed] = field(default_factory=dict)
    look_again: float = 0.0

    def note(self, partition: Partition, route: str, target: Target) -> Note:
        """Return a route's note; one of which the book says nothing stopped before the first record."""
        return self.notes.get(route) or Note(str(partition), route, 0, target.id)

    def stopped(self, routes: Collection[str]) -> dict[str, int]:
        """Return which of these routes are stopped, and the first record that each was not served."""
        return {t: n.stopped for t, n in self.notes.items() if n.stopped is not None and t in routes}

    def differing(self, notes: Mapping[str, Note]) -> dict[str, Note]:
        """Return those notes that say something else than the book."""
        return {topic: note for topic, note in notes.items() if note != self.notes.get(topic)}

    async def give_up(self, topics: Collection[str]) -> None:
        """Stop reading for some routes what they miss."""
        for topic in self.missed.keys() & set(topics):
            await self.missed.pop(topic).aclose()
