"""The stateful mode: decide and evolve in one database transaction, then publish in one Kafka transaction.

The database transaction moves the cursor by compare-and-set and keeps the outputs in an outbox, tagged with the input
offset they come from. The Kafka transaction publishes them together with that offset. A death between the two leaves
rows at or past Kafka's committed offset; whoever owns the partition next publishes exactly those before it reads on.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Generic

from contracts.refusal import Refusal
from contracts.wording import expected
from services.runtime.engine.blame import Blame, blame
from services.runtime.engine.decider import Decider, State
from services.runtime.engine.deciding import Deciding, keys_of, read_all
from services.runtime.engine.delivery import Delivery, Output, Partition, Record, publish
from services.runtime.engine.observation import Observe
from services.runtime.engine.reminders import Reminders
from services.runtime.engine.store import OffsetAheadError, Store

_PUBLISH_AT_ONCE = 5_000


@dataclass(frozen=True, slots=True)
class Stateful(Generic[State]):
    """A service that keeps one state per key."""

    service: str
    decider: Decider[State]
    store: Store
    observe: Observe
    reminders: Reminders | None = None
    at_once: int = 5_000  # records in one transaction, which has to end before the database ends it

    async def recover(self, delivery: Delivery, partition: Partition, committed: int) -> int:
        """Publish what the former owner decided but did not publish; return where to go on.

        Raises:
            OffsetAheadError: Kafka knows of effects that the database lacks; its text says what to do.
        """
        cursor = await self.store.cursor(partition, 0)  # no row is no effect: an empty database is told, not trusted
        if committed > cursor:
            raise OffsetAheadError(
                f"expected the database's cursor of {partition} at {committed} or later, found {cursor}: the database "
                "is older than Kafka (restored from a backup?). Rebuild its state before this service goes on."
            )
        while committed < cursor:
            rows = await self.store.unpublished(partition, committed, _PUBLISH_AT_ONCE)
            committed = rows[-1][0] + 1 if len(rows) >= _PUBLISH_AT_ONCE else cursor
            await publish(delivery, [[output for _, output in rows]], committed)
        return cursor

    async def process(self, delivery: Delivery, partition: Partition, position: int, records: Sequence[Record]) -> None:
        """Take a batch; ``position`` is the cursor's place. A batch that the database refuses is halved.

        Raises:
            FencedError, CursorMovedError: another owner has worked; the assignment sequence must run.
            OSError, asyncpg.PostgresError: the database is away; what it holds is whole.
        """
        for start in range(0, len(records), self.at_once):
            portion = records[start : start + self.at_once]
            await self._take(delivery, partition, position, portion)
            position = portion[-1].offset + 1

    async def _take(self, delivery: Delivery, partition: Partition, position: int, records: Sequence[Record]) -> None:
        try:
            deciding = await self._keep(delivery, partition, position, records)
        except Exception as error:
            if blame(error) is not Blame.MESSAGE:
                raise
            if len(records) > 1:
                await self._halve(delivery, partition, position, records)
                return
            refusal = Refusal("store-refused", "the whole message", expected("storable", error=type(error).__name__))
            deciding = await self._keep(delivery, partition, position, records, refusal)
        outputs = [output for _, output in deciding.work.outbox]
        await publish(delivery, [outputs, await self._due(partition)], records[-1].offset + 1)
        self.observe(self.service, partition, deciding.seen)

    async def idle(self, delivery: Delivery, partition: Partition, position: int, reached: int) -> bool:
        """Step over what is no record, in the database and in Kafka.

        Raises:
            FencedError, CursorMovedError, OSError, asyncpg.PostgresError: as `process`.
        """
        if reached > position:
            async with self.store.batch(partition, position, reached, delivery.told):
                pass
        due = await self._due(partition)
        if reached > position or due:
            await publish(delivery, [due], reached)
        return False

    async def release(self, partition: Partition) -> None:
        """Nothing is kept of it."""

    async def _due(self, partition: Partition) -> Sequence[Output]:
        return await self.reminders.due(self.store, partition) if self.reminders else ()

    async def _keep(
        self,
        delivery: Delivery,
        partition: Partition,
        position: int,
        records: Sequence[Record],
        refusal: Refusal | None = None,
    ) -> Deciding[State]:
        """Decide the batch and keep its effect; with a refusal, keep only the dead letters."""
        readings = read_all(records)
        async with self.store.batch(partition, position, records[-1].offset + 1, delivery.told) as batch:
            stored = {} if refusal else await batch.load(keys_of(readings))
            deciding = Deciding(self.service, partition, self.decider, stored)
            for reading in readings:
                if refusal:
                    deciding.refuse(reading.record, refusal)
                else:
                    deciding.take(reading)
            await batch.save(deciding.settled())
        return deciding

    async def _halve(self, delivery: Delivery, partition: Partition, position: int, records: Sequence[Record]) -> None:
        middle = len(records) // 2
        await self.process(delivery, partition, position, records[:middle])
        await self.process(delivery, partition, records[middle - 1].offset + 1, records[middle:])
