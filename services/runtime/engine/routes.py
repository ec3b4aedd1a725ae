"""A route is one topic that dispatch writes to. It may fail while the others go on; a book keeps how far each came.

The book is a compacted topic, written in the transactions it speaks of: whoever takes a partition over reads there
which routes run with the others, and from which record on a stopped one was not served.
"""

import json
from collections.abc import AsyncGenerator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Protocol, Self

from contracts.admission import Message
from contracts.backfill import Backfill
from contracts.topics import ROUTES
from services.runtime.engine.delivery import Output, Partition, Record


class BookLostError(Exception):
    """Records were dispatched and nobody knows to whom: guessing would lose or double them."""

    @classmethod
    def of(cls, partition: Partition) -> Self:
        """Say what to do."""
        return cls(
            f"expected the book of routes to say who was served from {partition}, it says nothing: was its topic "
            f"removed? Stop dispatch, then 'hub cursor set {partition.group} {partition} first' tells everybody "
            "everything again, which changes nothing that was applied"
        )


@dataclass(frozen=True, slots=True)
class Route:
    """One target. What it missed is told ``whole``, or as the newest fact of each object: what holds now.

    ``secret`` names the key that its records are written with, where there is one, and ``fingerprint`` tells that key
    from another: a topic whose names were made with two keys would show everybody as two.
    """

    topic: str
    whole: bool = False
    secret: str = ""
    fingerprint: str = ""


@dataclass(frozen=True, slots=True)
class Target:
    """What Kafka says of a topic: its id, empty where there is none; and why it cannot be written, where it cannot."""

    id: str
    why_not: str = ""


@dataclass(frozen=True, slots=True)
class Note:
    """One entry of the book, by input partition and route; the last one counts.

    ``stopped`` is the first input offset that the route was not served, None while it runs with the others. ``target``
    is the id of the topic it was served into: a topic that was made anew under the same name holds nothing of it.
    ``fingerprint`` is that of the route's key; entries of before have none.
    ``asked`` is the last request to tell it more than once that was taken up, ``backfilling`` whether it is stopped
    because of that. ``blocked`` says that the target cannot be written, whatever else the route is stopped for.
    """

    partition: str
    route: str
    stopped: int | None
    target: str
    fingerprint: str = ""
    asked: str = ""
    backfilling: bool = False
    blocked: bool = False

    def reached(self, stopped: int | None) -> "Note":
        """Return it served up to a record; None: it runs with the others."""
        return replace(self, stopped=stopped, backfilling=self.backfilling and stopped is not None)

    def output(self) -> Output:
        """The entry as a message."""
        return Output(ROUTES, Message(f"{self.partition} {self.route}".encode(), json.dumps(asdict(self)).encode(), []))


def read_note(value: bytes) -> Note:
    """Read an entry."""
    return Note(**json.loads(value))


def keyed(note: Note, route: Route, target: Target) -> tuple[Note, Target]:
    """Hold a target to the key it was written with; one that was made anew may be written with any."""
    if note.fingerprint == "" or target.id not in ("", note.target):
        return replace(note, fingerprint=route.fingerprint), target
    if note.fingerprint == route.fingerprint or target.why_not:
        return note, target
    return note, replace(
        target,
        why_not=f"expected in the secret {route.secret!r} the key that it was written with, found another one: put the "
        "right one back, it is backed up with the other secrets, and start dispatch anew. Where it is lost for good, "
        f"remove the topic {route.topic}, then 'hub apply': it is told whole once more, and everybody has a new name",
    )


def revised(note: Note, target: Target, position: int) -> Note:
    """Say what holds of a route after a look at its target, with everything below ``position`` served to who runs."""
    if target.id not in ("", note.target):
        note = replace(note, target=target.id, stopped=0)
    note = replace(note, blocked=bool(target.why_not))
    if note.blocked:
        return note if note.stopped is not None else replace(note, stopped=position)
    return note.reached(None) if note.stopped == position else note


class Routes(Protocol):
    """What routes rest on. Every call raises what means that Kafka is away."""

    async def look(self, topics: Sequence[str]) -> Mapping[str, Target]:
        """Say of each topic whether it can be written now; nothing is written to find out."""
        ...

    async def notes(self, partition: Partition) -> Mapping[str, Note]:
        """Read the book for one input partition, by route."""
        ...

    async def asked(self) -> Sequence[Backfill]:
        """Return the last request for each partner; once read, only what is new costs anything."""
        ...

    def read(self, partition: Partition, start: int, end: int) -> AsyncGenerator[Record, None]:
        """Read the input once more, from ``start`` up to ``end``."""
        ...
