"""The stateless mode for a service with many targets: one that cannot be written must not hold up the others.

A route is used only after it was found writable. One that is not is stopped, with an alarm, at the record it would have
got next; it is looked at again every few seconds, gets what it missed, in order, and runs with the others from then on.
A partner's new outbox is a route that stopped before the first record.
"""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import structlog
from prometheus_client import Gauge

from services.runtime.engine.catching_up import Missed
from services.runtime.engine.delivery import Delivery, FencedError, Output, Partition, Record, publish
from services.runtime.engine.routes import Note, Route, Routes
from services.runtime.engine.stateless import Stateless

LOOK_AGAIN = 3.0  # seconds between two looks at what is stopped
REST = 30.0  # seconds without a new try for a route that was found writable and yet did not take its records

STOPPED = Gauge("hub_route_stopped", "1 while a route is not served", ("route", "position"))


@dataclass(slots=True)
class Fanout:
    """`Stateless`, with routes."""

    stateless: Stateless
    routes: Sequence[Route]
    ground: Routes
    _stopped: dict[Partition, dict[str, int]] = field(default_factory=dict)  # by route: `Note.stopped`
    _again: dict[Partition, float] = field(default_factory=dict)
    _resting: dict[str, float] = field(default_factory=dict)
    _alarms: set[tuple[Partition, str]] = field(default_factory=set)

    async def recover(self, delivery: Delivery, partition: Partition, committed: int) -> int:
        """Read the book, see which routes can be used, and let those that missed something catch up.

        Raises:
            FencedError, KafkaError, KafkaException, OSError: the assignment sequence must run again.
        """
        notes = await self.ground.notes(partition)
        known = [route.topic for route in self.routes]
        new = {topic: 0 for topic in known if topic not in notes}
        # What no agreement opens any more is stopped here, so that it goes on from here should one open it again.
        left = {topic: committed for topic, place in notes.items() if place is None and topic not in known}
        await self._note(delivery, partition, {**new, **left}, committed)
        places = {**notes, **new}
        self._stopped[partition] = {topic: place for topic in known if (place := places[topic]) is not None}
        await self._settle(delivery, partition, committed)
        return committed

    async def process(self, delivery: Delivery, partition: Partition, position: int, records: Sequence[Record]) -> None:
        """Take a batch for the routes that run.

        Raises:
            FencedError: nothing of it counts; the assignment sequence must run.
        """
        await self._look(delivery, partition, position)
        outputs, seen = self.stateless.outputs(partition, records)
        stopped = self._stopped[partition]
        served = [output for output in outputs if output.topic not in stopped]
        await self._publish(delivery, served, records[-1].offset + 1)
        self.stateless.observe(self.stateless.service, partition, seen)

    async def idle(self, delivery: Delivery, partition: Partition, position: int, reached: int) -> None:
        """See whether a stopped route can be used again; step over what is no record."""
        await self._look(delivery, partition, position)
        await self.stateless.idle(delivery, partition, position, reached)

    async def _look(self, delivery: Delivery, partition: Partition, position: int) -> None:
        if self._stopped[partition] and time.monotonic() >= self._again[partition]:
            await self._settle(delivery, partition, position)

    async def _settle(self, delivery: Delivery, partition: Partition, position: int) -> None:
        """Stop what cannot be written, start what can again; the book knows of it before the next batch."""
        unusable = await self._unusable()
        stopped, changes = self._stopped[partition], dict[str, int | None]()
        for route in self.routes:
            if route.topic in unusable and route.topic not in stopped:
                changes[route.topic] = position
            elif route.topic in stopped and route.topic not in unusable:
                await self._catch_up(delivery, partition, route, position)
                changes[route.topic] = None
        await self._note(delivery, partition, changes, position)
        places = {**stopped, **changes}
        self._stopped[partition] = {topic: place for topic, place in places.items() if place is not None}
        self._tell(partition, unusable)
        self._again[partition] = time.monotonic() + LOOK_AGAIN

    async def _unusable(self) -> dict[str, str]:
        now = time.monotonic()
        resting = {topic: "it did not take its records" for topic, until in self._resting.items() if until > now}
        return {**resting, **await self.ground.unusable([route.topic for route in self.routes])}

    async def _catch_up(self, delivery: Delivery, partition: Partition, route: Route, end: int) -> None:
        start = self._stopped[partition][route.topic]
        missed = Missed(self.ground, self.stateless, partition, route)
        async for outputs, reached in missed.between(start, end):
            note = Note(str(partition), route.topic, reached)
            await self._publish(delivery, [*outputs, note.output()], end)

    async def _note(
        self, delivery: Delivery, partition: Partition, changes: Mapping[str, int | None], position: int
    ) -> None:
        if changes:
            notes = [Note(str(partition), topic, place).output() for topic, place in changes.items()]
            await publish(delivery, notes, position)

    async def _publish(self, delivery: Delivery, outputs: Sequence[Output], next_offset: int) -> None:
        try:
            await publish(delivery, outputs, next_offset)
        except FencedError as error:
            self._resting |= dict.fromkeys(error.suspects, time.monotonic() + REST)
            raise

    def _tell(self, partition: Partition, unusable: Mapping[str, str]) -> None:
        log = structlog.get_logger("engine").bind(position=str(partition))
        stopped = {(partition, topic) for topic in self._stopped[partition]}
        for route in self.routes:
            alarm = (partition, route.topic)
            STOPPED.labels(route.topic, str(partition)).set(alarm in stopped)
            if alarm in stopped - self._alarms:
                log.warning("route_stopped", route=route.topic, reason=unusable[route.topic])
            if alarm in self._alarms - stopped:
                log.info("route_runs", route=route.topic)
        self._alarms = {alarm for alarm in self._alarms if alarm[0] != partition} | stopped
