"""The port of routes without Kafka: what can be written is what a test says."""

from collections.abc import AsyncIterator, Mapping, Sequence

from contracts.topics import ROUTES
from services.runtime.engine.delivery import Partition, Record
from services.runtime.engine.memory_delivery import MemoryLog
from services.runtime.engine.routes import read_note


class MemoryRoutes:
    """Implements `Routes` on a `MemoryLog` and a list of input records."""

    def __init__(self, log: MemoryLog) -> None:
        """Find everything writable and the input empty."""
        self._log = log
        self.broken: set[str] = set()
        self.input: list[Record] = []

    async def unusable(self, topics: Sequence[str]) -> Mapping[str, str]:
        """What was broken."""
        return {topic: "it is broken" for topic in topics if topic in self.broken}

    async def notes(self, partition: Partition) -> Mapping[str, int | None]:
        """What the log holds of the book."""
        book = [read_note(message.value or b"") for message in self._log.topics.get(ROUTES, [])]
        return {note.route: note.stopped for note in book if note.partition == str(partition)}

    async def read(self, partition: Partition, start: int, end: int) -> AsyncIterator[Record]:  # noqa: ARG002 - it has one
        """The input's records."""
        for record in self.input:
            if start <= record.offset < end:
                yield record
