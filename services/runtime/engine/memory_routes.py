"""The port of routes without Kafka: what can be written is what a test says."""

from collections import defaultdict
from collections.abc import AsyncGenerator, Mapping, Sequence

from contracts.backfill import Backfill
from contracts.topics import ROUTES
from services.runtime.engine.delivery import Partition, Record
from services.runtime.engine.memory_delivery import MemoryLog
from services.runtime.engine.routes import Note, Target, read_note


class MemoryRoutes:
    """Implements `Routes` on a `MemoryLog` and a list of input records."""

    def __init__(self, log: MemoryLog) -> None:
        """Find everything writable and the input empty."""
        self._log = log
        self._made: defaultdict[str, int] = defaultdict(int)
        self._removed: set[str] = set()
        self.input: list[Record] = []
        self.backfills: list[Backfill] = []
        self.silent = False  # whether requests cannot be read

    def remove(self, topic: str) -> None:
        """Let a topic vanish with all it holds."""
        self._removed.add(topic)
        self._log.topics.pop(topic, None)

    def make(self, topic: str) -> None:
        """Make it, as another one than any before."""
        self._removed.discard(topic)
        self._made[topic] += 1

    async def look(self, topics: Sequence[str]) -> Mapping[str, Target]:
        """What was removed is not there."""
        return {t: Target("", "it is not there") if t in self._removed else Target(str(self._made[t])) for t in topics}

    async def notes(self, partition: Partition) -> Mapping[str, Note]:
        """What the log holds of the book."""
        book = [read_note(message.value or b"") for message in self._log.topics.get(ROUTES, [])]
        return {note.route: note for note in book if note.partition == str(partition)}

    async def asked(self) -> Sequence[Backfill]:
        """What a test asks for."""
        if self.silent:
            raise OSError("silent")
        return self.backfills

    async def read(self, partition: Partition, start: int, end: int) -> AsyncGenerator[Record, None]:  # noqa: ARG002 - it has one
        """The input's records."""
        for record in self.input:
            if start <= record.offset < end:
                yield record
