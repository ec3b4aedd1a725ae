"""What a reader of committed records could see, when: the same eyes for everybody who is measured.

Every few milliseconds the broker is asked for the last stable offset of each output partition. Below it lies what was
committed; it costs one small request and no record is read. Markers of transactions take offsets too, so afterwards the
records are read once, and each look is told in records.
"""

import asyncio
import time
from bisect import bisect_left
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import psutil

from services.operations import offsets
from services.operations.cluster import Cluster
from services.runtime.kafka import Kafka
from services.runtime.reading import between
from tests.bench.curve import Curve, Point

Place = tuple[str, int]
LOOK_EVERY_S = 0.02
SILENT_S = 60.0


class NothingCameError(Exception):
    """Fewer outputs than inputs became visible, and no more came."""


@dataclass(frozen=True, slots=True)
class Look:
    """When, the end of each partition then, and what the processes had used: seconds of CPU, bytes of memory."""

    at: float
    ends: Mapping[Place, int]
    cpu: float
    memory: int


class Watcher:
    """Looks at some partitions, and at the processes that write them."""

    def __init__(self, kafka: Kafka, places: Sequence[Place]) -> None:
        """Remember where they end now; what comes from here on is watched."""
        self._kafka, self._cluster, self._places = kafka, Cluster(kafka), places
        self._start = offsets.ends(self._cluster, places)
        self._processes: list[psutil.Process] = []
        self.looks = [Look(time.monotonic(), self._start, 0.0, 0)]

    def of(self, *pids: int) -> None:
        """Look at these processes, too."""
        self._processes = [psutil.Process(pid) for pid in pids]

    def look(self) -> int:
        """Look once; return how many offsets have passed."""
        ends = offsets.ends(self._cluster, self._places)
        times = [process.cpu_times() for process in self._processes]
        memory = sum(process.memory_info().rss for process in self._processes)
        self.looks.append(Look(time.monotonic(), ends, sum(each.user + each.system for each in times), memory))
        return sum(ends[place] - self._start[place] for place in self._places)

    def until(self, expected: int, failed: Callable[[], str | None], *topics: str) -> Curve:
        """Look until that many records are visible, in all partitions or in those of some topics.

        Raises:
            NothingCameError: somebody stopped, or nothing came for a minute; the text says how far it got.
        """
        passed, moved = 0, time.monotonic()
        while True:
            if reason := failed():
                raise NothingCameError(f"expected {expected} records, came about {passed}: {reason}")
            if (now := self.look()) != passed:
                passed, moved = now, time.monotonic()
            if passed >= expected and (curve := self.curve(*topics)).last.seen >= expected:
                return curve
            if time.monotonic() - moved > SILENT_S:
                raise NothingCameError(f"expected {expected} records, came about {passed} and no more")
            time.sleep(LOOK_EVERY_S)

    def curve(self, *topics: str) -> Curve:
        """Tell the looks in records."""
        wanted = [place for place in self._places if not topics or place[0] in topics]
        found = asyncio.run(self._offsets(wanted))
        seen = [sum(bisect_left(found[place], look.ends[place]) for place in wanted) for look in self.looks]
        rows = zip(self.looks, seen, strict=True)
        return Curve(tuple(Point(look.at, number, look.cpu, look.memory) for look, number in rows))

    async def _offsets(self, places: Sequence[Place]) -> dict[Place, list[int]]:
        found: dict[Place, list[int]] = {place: [] for place in places}
        starts = {place: self._start[place] for place in places}
        async with self._kafka.consumer(auto_offset_reset="earliest") as consumer:
            async for record in between(consumer, starts, self.looks[-1].ends):
                found[record.topic, record.partition].append(record.offset)
        return found
