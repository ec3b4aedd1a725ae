"""The port to a stateful service's database: one transaction moves the cursor and keeps what a batch changes."""

from collections import Counter
from collections.abc import Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from typing import Protocol

from services.runtime.engine.delivery import Output, Partition


class CursorMovedError(Exception):
    """The cursor is not where this owner left it: another owner has worked since. Nothing was written."""


class OffsetAheadError(Exception):
    """Kafka's committed offset lies beyond the database's cursor: an effect is missing, the database is too old."""


@dataclass(slots=True)
class Work:
    """What one batch changes: states by key, output rows tagged with their input offset, outcomes by partner.

    ``marks`` counts pairs of mark and key: 1 was gained, -1 was lost, 0 came and went within the batch.
    """

    states: dict[str, bytes] = field(default_factory=dict)
    outbox: list[tuple[int, Output]] = field(default_factory=list)
    tally: Counter[tuple[str, str]] = field(default_factory=Counter)
    marks: Counter[tuple[str, str]] = field(default_factory=Counter)

    def gained(self) -> list[tuple[str, str]]:
        """Return the pairs of mark and key that now hold, sorted."""
        return sorted(pair for pair, change in self.marks.items() if change > 0)

    def lost(self) -> list[tuple[str, str]]:
        """Return the pairs of mark and key that no longer hold, sorted."""
        return sorted(pair for pair, change in self.marks.items() if change < 0)


class Batch(Protocol):
    """One open database transaction of one input partition."""

    async def load(self, keys: Sequence[str]) -> Mapping[str, bytes]:
        """Read and lock the states of these keys, in key order; unknown keys are missing."""
        ...

    async def save(self, work: Work) -> None:
        """Write all of it, one statement each, and none for what did not change."""
        ...


class Store(Protocol):
    """What the engine asks of a database."""

    async def cursor(self, partition: Partition, initial: int) -> int:
        """Return the offset up to which effects are durable; ``initial`` where the partition is new."""
        ...

    def batch(
        self, partition: Partition, expected: int, next_offset: int, told: int
    ) -> AbstractAsyncContextManager[Batch]:
        """Open a transaction that moves the cursor from ``expected`` to ``next_offset``, or fails.

        It deletes the output rows below ``told``, the committed offset that Kafka itself gave.

        Raises:
            CursorMovedError: the cursor is elsewhere.
        """
        ...

    async def marked(self, first: str, last: str, limit: int) -> list[tuple[str, str]]:
        """Return marks from ``first`` to ``last`` inclusively and whose they are, in the order of the marks."""
        ...

    async def unpublished(self, partition: Partition, committed: int, limit: int) -> list[tuple[int, Output]]:
        """Return output rows at or past Kafka's committed offset, oldest first.

        At most ``limit`` rows, but always all rows of an input offset.
        """
        ...
