"""All recorded facts of one stream, folded into tables of their own."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from contracts.topics import recorded
from services.operations import offsets
from services.operations.cluster import Cluster
from services.operations.records import reader
from services.runtime.engine.burial import header
from services.runtime.engine.decider import Decider
from services.runtime.engine.delivery import Output, Partition, Record
from services.runtime.engine.folding import Folding
from services.runtime.engine.postgres_store import PostgresStore
from services.runtime.kafka import Kafka
from services.runtime.postgres import Pool
from services.runtime.reading import between, record_of

_AT_ONCE = 2_000


@dataclass(slots=True)
class Folded:
    """How far the fold has come; ``facts`` counts, ``count`` hears of each step."""

    kafka: Kafka
    cluster: Cluster
    pool: Pool
    stream: str
    decider: Decider[Any]
    count: Callable[[int], None]
    facts: int = 0
    _reached: dict[int, int] = field(default_factory=dict)
    _latest: set[str] = field(default_factory=set)  # ids of the facts of the last step

    async def catch_up(self) -> int:
        """Fold everything recorded up to now; return how many facts that were.

        Raises:
            AwayError: Kafka does not answer.
            UnreadableFactError: a fact cannot be read.
        """
        topic = recorded(self.stream)
        starts = await asyncio.to_thread(offsets.starts, self.cluster, [topic])
        ends = await asyncio.to_thread(offsets.ends, self.cluster, starts)
        before, self._latest = self.facts, set()
        begin = {place: self._reached.get(place[1], first) for place, first in starts.items()}
        async with reader(self.kafka) as consumer:
            waiting: dict[int, list[Record]] = {number: [] for _, number in ends}
            async for record in between(consumer, begin, ends):
                waiting[record.partition].append(record_of(record))
                if len(waiting[record.partition]) == _AT_ONCE:
                    await self._take(record.partition, waiting[record.partition], record.offset + 1)
                    waiting[record.partition] = []
        for (_, number), end in ends.items():
            await self._take(number, waiting[number], end)
        return self.facts - before

    async def left_over(self, outputs: Sequence[Output]) -> None:
        """Fold facts that were decided and not published, unless the last step found them published after all."""
        own = [each.message for each in outputs if each.topic == recorded(self.stream)]
        new = [message for message in own if header(message, "ce_id") not in self._latest]
        place = Partition(f"hub.{self.stream}", "outbox", 0)
        await self._fold(place, [Record(number, message) for number, message in enumerate(new)], len(new))

    async def _take(self, number: int, records: Sequence[Record], reached: int) -> None:
        if reached > self._reached.get(number, 0):
            await self._fold(Partition(f"hub.{self.stream}", recorded(self.stream), number), records, reached)
            self._reached[number] = reached

    async def _fold(self, place: Partition, records: Sequence[Record], reached: int) -> None:
        folding = Folding(self.stream, self.decider, PostgresStore(self.pool, self.stream))
        await folding.take(place, records, reached)
        self._latest |= {header(record.message, "ce_id") for record in records}
        self.facts += len(records)
        self.count(len(records))
