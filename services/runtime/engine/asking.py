"""What operators ask of dispatch: to tell a partner once more what is recorded.

A request stops the partner's route at the place it names, as if nothing had been served since, and the route catches up
as any other that was stopped: the newest fact of each object, in order, before anything newer. The book notes in the
same transaction which request that was, so it is taken up once for each input partition, whatever dies in between.

Requests that cannot be read hold up nobody: work goes on with those that were known. Only a route that is in the middle
of one that is not known here waits, since the request says who was erased and must not be told.
"""

import asyncio
import time
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace

import structlog

from contracts.backfill import Backfill
from contracts.topics import outbox
from services.runtime.engine.blame import told
from services.runtime.engine.delivery import Partition
from services.runtime.engine.routes import Note, Routes

ASK_AGAIN = 5.0  # seconds between two looks for requests


@dataclass(slots=True)
class Asking:
    """The last request for each route."""

    ground: Routes
    _last: dict[str, Backfill] = field(default_factory=dict)  # by topic
    _ask_at: float = 0.0
    _failed: bool = False
    _taken: int = 0  # how often a partition was taken over, and how often that was when the requests were read
    _read: int = 0
    _under_way: "asyncio.Task[None] | None" = None

    async def ask(self) -> None:
        """Read the requests; errors as of `Routes.asked`."""
        self._ask_at, taken = time.monotonic() + ASK_AGAIN, self._taken
        self._last = {outbox(each.partner): each for each in await self.ground.asked()}
        self._read, self._failed = taken, False

    async def take_over(self) -> None:
        """Read them for a partition of which somebody else may have noted a newer one; not while that fails."""
        self._taken += 1
        if not self._failed or time.monotonic() >= self._ask_at:
            await self._quietly()

    def knows(self, note: Note) -> bool:
        """Whether it is known here what a route is being told once more: if it is, who must be left out."""
        asked = self._last.get(note.route)
        return not note.backfilling or self._read == self._taken or (asked is not None and asked.id == note.asked)

    def ask_soon(self) -> None:
        """Read them beside the work, where it is time: no record waits for that."""
        if time.monotonic() >= self._ask_at and (self._under_way is None or self._under_way.done()):
            self._ask_at = time.monotonic() + ASK_AGAIN
            self._under_way = asyncio.create_task(self._quietly())

    def fresh(
        self, partition: Partition, notes: Mapping[str, Note], routes: Collection[str], position: int
    ) -> dict[str, Note]:
        """Return the notes of routes that have not taken up what is asked of them, as it is to be.

        Args:
            partition: the input.
            notes: what the book says, by route.
            routes: those that there are.
            position: everything below it is served to the routes that run.
        """
        found: dict[str, Note] = {}
        for topic, asked in self._last.items():
            note, start = notes.get(topic), asked.starts.get(str(partition))
            if topic in routes and note is not None and start is not None and note.asked != asked.id:
                served = position if note.stopped is None else note.stopped
                found[topic] = replace(note, stopped=min(start, served), asked=asked.id, backfilling=True)
        return found

    def without(self, note: Note) -> frozenset[str]:
        """Return the references of those of whom a route must not be told once more."""
        asked = self._last.get(note.route)
        return frozenset(asked.without) if asked and asked.id == note.asked else frozenset()

    async def _quietly(self) -> None:
        try:
            await self.ask()
        except Exception as error:  # noqa: BLE001 - whatever ails Kafka, the work itself meets it and says so
            self._failed = True
            structlog.get_logger("engine").info("requests_unread", reason=told(error))
