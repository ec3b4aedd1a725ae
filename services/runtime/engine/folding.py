"""State from recorded facts: what was decided is folded once more, and never decided again."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Generic

from contracts.refusal import Refusal
from services.runtime.engine.decider import Decider, State
from services.runtime.engine.deciding import Deciding, keys_of, read_all
from services.runtime.engine.delivery import Partition, Record
from services.runtime.engine.store import Store


class UnreadableFactError(Exception):
    """A recorded fact cannot be read: a state without it would be another one."""


@dataclass(frozen=True, slots=True)
class Folding(Generic[State]):
    """Folds partitions of recorded facts into a store, whose cursor says how far."""

    service: str
    decider: Decider[State]
    store: Store

    async def take(self, partition: Partition, records: Sequence[Record], reached: int) -> None:
        """Fold records of one partition; everything below ``reached`` is folded then.

        Raises:
            UnreadableFactError: it names the record's place.
            OSError, asyncpg.PostgresError: the database is away; the cursor says what it holds.
        """
        readings = read_all(records)
        position = await self.store.cursor(partition, 0)
        async with self.store.batch(partition, position, reached, 0) as batch:
            deciding = Deciding(self.service, partition, self.decider, await batch.load(keys_of(readings)))
            for reading in readings:
                if isinstance(reading.content, Refusal):
                    raise UnreadableFactError(
                        f"expected a recorded fact at {partition}/{reading.record.offset}, came one with "
                        f"{reading.content}: is this version of the hub older than the one that recorded it?"
                    )
                deciding.fold(reading.content)
            await batch.save(deciding.settled())
