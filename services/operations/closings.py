"""What operators did with dead letters: read, and written in one transaction with what it brings about."""

import asyncio
import getpass
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime

from contracts.admission import Message
from contracts.closing import Closing, How, read_closing
from contracts.dead_letter import DeadLetter
from contracts.topics import CLOSINGS, inbox
from services.operations import burials, offsets
from services.operations.cluster import Cluster
from services.operations.errors import OperationError
from services.operations.measuring import OPERATOR
from services.operations.records import reader
from services.runtime.kafka import Kafka
from services.runtime.reading import between
from services.runtime.settings import Settings

_WRITER = "hub.operator.closings"  # one at a time: a second operator's command shuts out the first one's


async def closings(settings: Settings) -> dict[str, Closing]:
    """Return how each dead letter was closed, by its id; the first closing counts.

    Raises:
        AwayError: Kafka does not answer.
    """
    kafka = Kafka(settings, OPERATOR)
    cluster = Cluster(kafka)
    starts = await asyncio.to_thread(offsets.starts, cluster, [CLOSINGS])
    ends = await asyncio.to_thread(offsets.ends, cluster, starts)
    found: dict[str, Closing] = {}
    async with reader(kafka) as consumer:
        async for record in between(consumer, starts, ends):
            closing = read_closing(record.value)
            found.setdefault(closing.letter, closing)
    return found


async def open_letters(settings: Settings) -> list[DeadLetter]:
    """Return the dead letters that nobody closed, in the order they were buried.

    Raises:
        AwayError: Kafka does not answer.
    """
    closed = await closings(settings)
    return [letter for letter in await burials.letters(settings) if letter.id not in closed]


def row(closing_: Closing) -> dict[str, object]:
    """The cells of a listing."""
    how = f"{closing_.how}, repaired" if closing_.repaired else closing_.how
    return {"closed": how, "by": closing_.by, "at": closing_.time, "reason": closing_.reason}


def closing(letter: DeadLetter, how: How, reason: str, *, repaired: bool = False) -> Closing:
    """Say who closes a letter, now."""
    return Closing(letter.id, letter.partner, how, getpass.getuser(), datetime.now(UTC).isoformat(), reason, repaired)


async def close(settings: Settings, rows: Sequence[Closing], again: Mapping[str, Message] | None = None) -> None:
    """Close letters, and put what is to be judged again into its inbox: both or neither.

    Args:
        settings: where the hub is.
        rows: the closings.
        again: what goes into an inbox again, by the letter's id.

    Raises:
        OperationError: somebody else closed one of them in the meantime; nothing was done.
    """
    producer = Kafka(settings, OPERATOR).producer(_WRITER)
    await producer.start()
    try:
        closed = await closings(settings)  # only now: whoever was here before us can write nothing any more
        if taken := [row.letter for row in rows if row.letter in closed]:
            raise OperationError(f"expected open dead letters, {len(taken)} were closed meanwhile; nothing was done")
        async with producer.transaction():
            for topic, message in _written(rows, again or {}):
                await producer.send(topic, value=message.value, key=message.key, headers=[*message.headers])
    finally:
        await producer.stop()


def _written(rows: Sequence[Closing], again: Mapping[str, Message]) -> Iterator[tuple[str, Message]]:
    for row in rows:
        if row.letter in again:
            yield inbox(row.partner), again[row.letter]
        yield CLOSINGS, row.message()
