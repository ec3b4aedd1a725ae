"""What a stopped route missed, from the input itself, in chunks of one transaction each."""

from collections.abc import AsyncIterator
from dataclasses import dataclass

from services.runtime.engine.delivery import Output, Partition, Record
from services.runtime.engine.routes import Route, Routes
from services.runtime.engine.stateless import Stateless

CHUNK = 5_000  # records of the input


@dataclass(frozen=True, slots=True)
class Missed:
    """What lies for one route in one input partition.

    Unless the route is told the whole, only the newest fact of each object is left: what was withdrawn meanwhile must
    not be shown once more.
    """

    ground: Routes
    stateless: Stateless
    partition: Partition
    route: Route

    async def between(self, start: int, end: int) -> AsyncIterator[tuple[list[Output], int]]:
        """Yield outputs and the input offset up to which they, with those before, tell everything."""
        newest = None if self.route.whole else await self._newest(start, end)
        chunk: list[Output] = []
        reached = start
        async for record in self.ground.read(self.partition, start, end):
            chunk += [o for o in self._of(record) if newest is None or newest[o.message.key] == record.offset]
            reached = record.offset + 1
            if len(chunk) >= CHUNK:
                yield chunk, reached
                chunk = []
        yield chunk, reached

    async def _newest(self, start: int, end: int) -> dict[bytes | None, int]:
        records = self.ground.read(self.partition, start, end)
        return {output.message.key: record.offset async for record in records for output in self._of(record)}

    def _of(self, record: Record) -> list[Output]:
        outputs, _ = self.stateless.outputs(self.partition, [record])
        return [output for output in outputs if output.topic == self.route.topic]
