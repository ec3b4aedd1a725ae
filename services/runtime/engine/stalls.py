"""Partitions that stand still: whatever the cause, also one that nobody thought of, an operator hears of it.

A partition that waits says why by itself. This looks from outside: records lie in the input, and for too long none of
them was taken. It asks Kafka, not the consumer, which may be what stands still.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field

import structlog
from prometheus_client import Gauge

from services.runtime.engine.blame import told
from services.runtime.engine.delivery import Partition

STALLED = Gauge("hub_partition_stalled", "1 while records wait and none is taken", ("group", "position"))
LOOK_EVERY = 5.0  # seconds
LIMIT = 30.0  # seconds without a record taken while some wait
_PATIENCE = 10.0  # seconds for Kafka's answer

Positions = Callable[[], Mapping[Partition, int]]
Ends = Callable[[], Awaitable[Mapping[Partition, int]]]


@dataclass(slots=True)
class _Watched:
    position: int
    since: float
    stalled: str = ""


@dataclass(slots=True)
class Stalls:
    """What stands still. ``positions`` says how far each owned partition came, ``ends`` where its records end."""

    positions: Positions
    ends: Ends
    _watched: dict[Partition, _Watched] = field(default_factory=dict)

    def told(self) -> dict[str, str]:
        """Return what stands still and since when, by partition."""
        return {str(partition): one.stalled for partition, one in self._watched.items() if one.stalled}

    async def watch(self) -> None:
        """Look for ever."""
        while True:
            await asyncio.sleep(LOOK_EVERY)
            await self.look(asyncio.get_running_loop().time())

    async def look(self, now: float) -> None:
        """Look once; ``now`` in seconds of any clock that only goes forward."""
        silence = ""
        ends: Mapping[Partition, int] = {}
        try:
            async with asyncio.timeout(_PATIENCE):
                ends = await self.ends()
        except Exception as error:  # noqa: BLE001 - whatever it is, nobody knows whether records wait
            silence = f"Kafka does not say whether records wait: {told(error)}"
        positions = self.positions()
        for partition in self._watched.keys() - positions.keys():
            self._tell(partition, self._watched.pop(partition), "")
        for partition, position in positions.items():
            self._judge(partition, position, ends.get(partition), silence, now)

    def _judge(self, partition: Partition, position: int, end: int | None, silence: str, now: float) -> None:
        one = self._watched.setdefault(partition, _Watched(position, now))
        idle = end is not None and position >= end
        if idle or position != one.position:
            one.position, one.since = position, now
        waits = f"{end - position} records wait" if end is not None else silence or "nobody knows whether records wait"
        standing = now - one.since
        self._tell(partition, one, f"{waits}, none was taken for {standing:.0f} s" if standing >= LIMIT else "")

    def _tell(self, partition: Partition, one: _Watched, stalled: str) -> None:
        if bool(stalled) != bool(one.stalled):
            STALLED.labels(partition.group, str(partition)).set(bool(stalled))
            log = structlog.get_logger("engine").bind(position=str(partition))
            if stalled:
                log.error("partition_stalls", reason=stalled)
            else:
                log.info("partition_goes_on")
        one.stalled = stalled
