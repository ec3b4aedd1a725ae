"""The database port without a database: for tests of deciders and of the engine's order of steps."""

from collections import Counter
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager

from services.runtime.engine.delivery import Output, Partition
from services.runtime.engine.store import CursorMovedError, Work


class MemoryBatch:
    """Collects the work of one transaction."""

    def __init__(self, states: Mapping[str, bytes]) -> None:
        """Read from these states; write nothing yet."""
        self._states = states
        self.work = Work()

    async def load(self, keys: Sequence[str]) -> Mapping[str, bytes]:
        """Return the states known."""
        return {key: self._states[key] for key in keys if key in self._states}

    async def save(self, work: Work) -> None:
        """Keep the work until the transaction ends."""
        self.work = work


class MemoryStore:
    """Implements `Store` in dictionaries, all or nothing per batch."""

    def __init__(self) -> None:
        """Start empty."""
        self.cursors: dict[Partition, int] = {}
        self.states: dict[str, bytes] = {}
        self.marks: set[tuple[str, str]] = set()
        self.outbox: list[tuple[int, Output]] = []
        self.tally: Counter[tuple[str, str]] = Counter()

    async def cursor(self, partition: Partition, initial: int) -> int:
        """Read the cursor, making it where it is new."""
        return self.cursors.setdefault(partition, initial)

    @asynccontextmanager
    async def batch(
        self, partition: Partition, expected: int, next_offset: int, told: int
    ) -> AsyncIterator[MemoryBatch]:
        """Move the cursor and keep the work if nothing fails."""
        if self.cursors.get(partition) != expected:
            raise CursorMovedError(f"expected the cursor of {partition} at {expected}")
        batch = MemoryBatch(self.states)
        yield batch
        self.cursors[partition] = next_offset
        self.states.update(batch.work.states)
        self.marks.difference_update(batch.work.lost())
        self.marks.update(batch.work.gained())
        self.outbox = [row for row in self.outbox if row[0] >= told] + batch.work.outbox
        self.tally.update(batch.work.tally)

    async def marked(self, first: str, last: str, limit: int) -> list[tuple[str, str]]:
        """Look through them."""
        return sorted(pair for pair in self.marks if first <= pair[0] <= last)[:limit]

    async def unpublished(self, partition: Partition, committed: int, limit: int) -> list[tuple[int, Output]]:  # noqa: ARG002 - one partition, all rows
        """Return what does not lie below."""
        return [row for row in self.outbox if row[0] >= committed]
