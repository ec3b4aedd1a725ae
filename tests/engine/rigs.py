"""Two stages for the same engine cases: memory, and a real Kafka with a real PostgreSQL."""

from collections.abc import Sequence
from typing import Protocol

from contracts.admission import Message
from contracts.backfill import Backfill
from services.runtime.engine.delivery import Delivery, Partition, Record
from services.runtime.engine.memory_delivery import MemoryDelivery, MemoryLog
from services.runtime.engine.memory_routes import MemoryRoutes
from services.runtime.engine.memory_store import MemoryStore
from services.runtime.engine.routes import Routes
from services.runtime.engine.store import Store


class Rig(Protocol):
    """What a case needs: an input partition, owners that follow each other, and a reader's view."""

    partition: Partition
    store: Store
    ground: Routes

    async def feed(self, messages: Sequence[Message]) -> None:
        """Lay messages into the input, from offset 0 on; no case feeds twice."""
        ...

    async def open_route(self, topic: str) -> None:
        """Make the topic, as another one than any before."""
        ...

    async def close_route(self, topic: str) -> None:
        """Remove the topic with all it holds."""
        ...

    async def ask(self, backfill: Backfill) -> None:
        """Ask that a route be told once more."""
        ...

    async def owner(self) -> Delivery:
        """Let a new owner take the partition over."""
        ...

    async def committed(self) -> int:
        """The input's committed offset as a newcomer would be told it."""
        ...

    async def visible(self, topic: str) -> list[Message]:
        """What a ``read_committed`` reader sees in an output topic, in order."""
        ...

    async def outcomes(self) -> dict[str, int]:
        """The tally of the service by outcome."""
        ...

    async def marks(self) -> set[tuple[str, str]]:
        """The index of the service: mark and key."""
        ...


class MemoryRig:
    """Dictionaries."""

    def __init__(self, topic: str = "hub.events.submitted") -> None:
        """Start with an empty log."""
        self.partition = Partition("hub.test", topic, 0)
        self.store = MemoryStore()
        self._log = MemoryLog()
        self.ground = MemoryRoutes(self._log)

    async def feed(self, messages: Sequence[Message]) -> None:
        """Keep them."""
        self.ground.input = records(messages)

    async def open_route(self, topic: str) -> None:
        """Mend it."""
        self.ground.make(topic)

    async def close_route(self, topic: str) -> None:
        """Break it."""
        self.ground.remove(topic)

    async def ask(self, backfill: Backfill) -> None:
        """Keep it."""
        self.ground.backfills.append(backfill)

    async def owner(self) -> Delivery:
        """Fence the elders."""
        return MemoryDelivery(self._log)

    async def committed(self) -> int:
        """As kept."""
        return self._log.committed

    async def visible(self, topic: str) -> list[Message]:
        """As kept."""
        return list(self._log.topics.get(topic, []))

    async def outcomes(self) -> dict[str, int]:
        """Summed over partners."""
        found: dict[str, int] = {}
        for (_, outcome), number in self.store.tally.items():
            found[outcome] = found.get(outcome, 0) + number
        return found

    async def marks(self) -> set[tuple[str, str]]:
        """As kept."""
        return set(self.store.marks)


def records(messages: Sequence[Message], first: int = 0) -> list[Record]:
    """Lay messages into an input partition from an offset on."""
    return [Record(first + number, message) for number, message in enumerate(messages)]
