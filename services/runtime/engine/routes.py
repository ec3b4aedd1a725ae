"""A route is one topic that dispatch writes to. It may fail while the others go on; a book keeps how far each came.

The book is a compacted topic, written in the transactions it speaks of: whoever takes a partition over reads there
which routes run with the others, and from which record on a stopped one was not served.
"""

import json
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from contracts.admission import Message
from contracts.topics import ROUTES
from services.runtime.engine.delivery import Output, Partition, Record


@dataclass(frozen=True, slots=True)
class Route:
    """One target. What it missed is told ``whole``, or as the newest fact of each object: what holds now."""

    topic: str
    whole: bool = False


@dataclass(frozen=True, slots=True)
class Note:
    """One entry of the book, by input partition and route; the last one counts.

    ``stopped`` is the first input offset that the route was not served, None while it runs with the others.
    """

    partition: str
    route: str
    stopped: int | None

    def output(self) -> Output:
        """The entry as a message."""
        content = {"partition": self.partition, "route": self.route, "stopped": self.stopped}
        return Output(ROUTES, Message(f"{self.partition} {self.route}".encode(), json.dumps(content).encode(), []))


def read_note(value: bytes) -> Note:
    """Read an entry."""
    return Note(**json.loads(value))


class Routes(Protocol):
    """What routes rest on. Every call raises what means that Kafka is away."""

    async def unusable(self, topics: Sequence[str]) -> Mapping[str, str]:
        """Say which topics cannot be written now, and why; nothing is written to find out."""
        ...

    async def notes(self, partition: Partition) -> Mapping[str, int | None]:
        """Read the book for one input partition: `Note.stopped` by route."""
        ...

    def read(self, partition: Partition, start: int, end: int) -> AsyncIterator[Record]:
        """Read the input once more, from ``start`` up to ``end``."""
        ...
