"""The stateless mode for a service with many targets: one that cannot be written must not hold up the others.

A route is used only after it was found writable. One that is not is stopped, with an alarm, at the record it would have
got next. It is looked at again every few seconds; then it gets what it missed, in order and in portions between which
the others are served, and runs with them from then on. A partner's new outbox is a route that stopped before the first
record.
"""

import time
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace

from services.runtime.engine.alarms import Alarms
from services.runtime.engine.asking import Asking
from services.runtime.engine.catching_up import CatchingUp
from services.runtime.engine.delivery import Delivery, FencedError, Output, Partition, Record, publish
from services.runtime.engine.portions import portions
from services.runtime.engine.resting import Resting
from services.runtime.engine.routes import BookLostError, Route, Routes, Target, keyed, revised
from services.runtime.engine.served import Served
from services.runtime.engine.stateless import Stateless

LOOK_AGAIN = 3.0  # seconds between two looks while something is stopped


@dataclass(slots=True)
class Fanout:
    """`Stateless`, with routes."""

    stateless: Stateless
    routes: Mapping[str, Route]  # by topic
    ground: Routes
    _served: dict[Partition, Served] = field(default_factory=dict)
    _resting: Resting = field(default_factory=Resting)
    _alarms: Alarms = field(default_factory=Alarms)
    _asking: Asking = field(init=False)

    def __post_init__(self) -> None:
        """Nothing is asked for yet."""
        self._asking = Asking(self.ground)

    async def recover(self, delivery: Delivery, partition: Partition, committed: int) -> int:
        """Read the book and see which routes can be used.

        Raises:
            BookLostError: its text says what to do.
            FencedError, KafkaError, OSError: the assignment sequence must run again.
        """
        await self.release(partition)
        notes = await self.ground.notes(partition)
        if committed and not notes:
            raise BookLostError.of(partition)
        self._served[partition] = Served(dict(notes))
        await self._asking.take_over()
        await self._look(delivery, partition, committed)
        return committed

    async def process(self, delivery: Delivery, partition: Partition, position: int, records: Sequence[Record]) -> None:
        """Take a batch for the routes that run.

        Raises:
            FencedError: from here on nothing counts; the assignment sequence must run.
        """
        await self._tend(delivery, partition, position)
        stopped = self._served[partition].stopped(self.routes)
        for portion in portions(records, len(self.routes)):
            outputs, seen = self.stateless.outputs(partition, portion)
            served = [output for output in outputs if output.topic not in stopped]
            await self._publish(delivery, served, portion[-1].offset + 1)
            self.stateless.observe(self.stateless.service, partition, seen)

    async def idle(self, delivery: Delivery, partition: Partition, position: int, reached: int) -> bool:
        """Step over what is no record, and use the time for who missed something; say whether there is more of it."""
        await self._tend(delivery, partition, position)
        await self.stateless.idle(delivery, partition, position, reached)
        served = self._served[partition]
        return any(self._asking.knows(served.notes[topic]) for topic in served.usable)

    async def release(self, partition: Partition) -> None:
        """Forget a partition."""
        served = self._served.pop(partition, None)
        self._alarms.forget(partition)
        if served is not None:
            await served.give_up(list(served.missed))

    async def _tend(self, delivery: Delivery, partition: Partition, position: int) -> None:
        """Look again where it is time, and give a portion to each route that can be served again."""
        served = self._served[partition]
        self._asking.ask_soon()
        if asked := self._asking.fresh(partition, served.notes, self.routes, position):
            await publish(delivery, [[note.output() for note in asked.values()]], position)
            served.notes |= asked
            await served.give_up(asked)
            served.look_again = 0.0
        if time.monotonic() >= served.look_again and any(each.stopped(self.routes) for each in self._served.values()):
            await self._look(delivery, partition, position)
        for topic in sorted(each for each in served.usable if self._asking.knows(served.notes[each])):
            await self._catch_up(delivery, partition, self.routes[topic], position)

    async def _look(self, delivery: Delivery, partition: Partition, position: int) -> None:
        """Stop what cannot be written, start what can and missed nothing; the book knows it before the next batch."""
        served, found = self._served[partition], await self._targets()
        held = {t: keyed(served.note(partition, t, target), self.routes[t], target) for t, target in found.items()}
        targets = {t: target for t, (_, target) in held.items()}
        notes = {t: revised(note, target, position) for t, (note, target) in held.items()}
        # What no agreement opens any more is stopped here, so that it goes on from here should one open it again.
        left = {t: note for t, note in served.notes.items() if t not in targets and note.stopped is None}
        changed = served.differing(notes | {t: replace(note, stopped=position) for t, note in left.items()})
        if changed:
            await publish(delivery, [[note.output() for note in changed.values()]], position)
        served.notes |= changed
        stopped = served.stopped(self.routes)
        served.usable = {topic for topic in stopped if not targets[topic].why_not}
        served.look_again = time.monotonic() + LOOK_AGAIN
        # Whose topic was made anew misses more than it did; who cannot be served reads nothing.
        await served.give_up(changed.keys() | (served.missed.keys() - served.usable))
        self._alarms.tell(partition, {topic: targets[topic].why_not for topic in stopped})

    async def _targets(self) -> dict[str, Target]:
        resting = self._resting.now(time.monotonic())
        found = await self.ground.look([*self.routes])
        tired = "it did not take its records"
        return {t: replace(target, why_not=tired) if t in resting else target for t, target in found.items()}

    async def _catch_up(self, delivery: Delivery, partition: Partition, route: Route, position: int) -> None:
        served = self._served[partition]
        note = served.notes[route.topic]
        if route.topic not in served.missed:
            catching_up = CatchingUp(self.ground, self.stateless, partition, route, self._asking.without(note))
            served.missed[route.topic] = catching_up.missed(note.stopped or 0, position)
        outputs, reached, last = await anext(served.missed[route.topic])
        if last:  # what came in the meantime is the next to be told
            await served.give_up([route.topic])
        told = note.reached(None if reached == position else reached)
        if told != note:
            await self._publish(delivery, [*outputs, told.output()], position, {route.topic})
            served.notes[route.topic] = told
        if told.stopped is None:
            served.usable.discard(route.topic)
            self._alarms.tell(partition, dict.fromkeys(served.stopped(self.routes), ""))

    async def _publish(
        self, delivery: Delivery, outputs: Sequence[Output], next_offset: int, alone: Collection[str] = ()
    ) -> None:
        """Publish; routes that are suspected when it fails rest; where none is, the ones that were served ``alone``."""
        try:
            await publish(delivery, [outputs], next_offset)
        except FencedError as error:
            self._resting.begin(error.suspects or alone, time.monotonic())
            raise
