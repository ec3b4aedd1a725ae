"""The port to Kafka: four calls. Nothing above it knows which client is behind it."""

import asyncio
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple, Protocol

from contracts.admission import Message
from contracts.refusal import Refusal


@dataclass(frozen=True, slots=True)
class Partition:
    """One input partition of one consumer group."""

    group: str
    topic: str
    number: int

    def __str__(self) -> str:
        """``<topic>/<number>``, as in dead letters and logs."""
        return f"{self.topic}/{self.number}"


class Record(NamedTuple):
    """One message of an input partition at its offset; with a refusal, it could not even be unpacked."""

    offset: int
    message: Message
    refusal: Refusal | None = None


class Output(NamedTuple):
    """One message to be written. ``first`` is what must be kept before, where that is anything."""

    topic: str
    message: Message
    first: object | None = None


class FencedError(Exception):
    """Somebody else owns the partition now, or a transaction's fate is unknown: nothing may go on from memory.

    Attributes:
        suspects: topics that did not take their messages while others of the same transaction did.
    """

    def __init__(self, reason: str, suspects: Collection[str] = ()) -> None:
        """Take the reason, and the topics where those are known."""
        super().__init__(reason)
        self.suspects = frozenset(suspects)


class Delivery(Protocol):
    """Writes outputs and the input's offset as one, for the owner of one input partition.

    Each call raises `FencedError` where this owner was replaced or nobody can say what became of the transaction.
    After that the delivery is closed and the partition's assignment sequence runs again.

    Attributes:
        told: the input's committed offset as Kafka gave it when it was last asked. What lies below it is published for
            good; the answer to `commit` alone does not say so, see docs/design.md.
    """

    told: int

    async def begin(self) -> None:
        """Open a transaction."""
        ...

    async def send(self, outputs: Sequence[Output]) -> None:
        """Put messages into the open transaction, in order."""
        ...

    async def commit(self, next_offset: int) -> None:
        """Make the messages and the input's offset visible together, or neither."""
        ...

    async def abort(self) -> None:
        """Forget the open transaction."""
        ...


async def publish(delivery: Delivery, outputs: Iterable[Sequence[Output]], next_offset: int) -> None:
    """Write outputs and offset in one transaction; each portion of outputs is on its way while the next is made.

    Raises:
        FencedError: nothing of it is visible, or nobody knows: the assignment sequence must run.
    """
    await delivery.begin()
    try:
        for portion in outputs:
            await delivery.send(portion)
            await asyncio.sleep(0)  # the client's own task takes it from here
        await delivery.commit(next_offset)
    except BaseException:
        await delivery.abort()
        raise
