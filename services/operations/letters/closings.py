"""What operators did with dead letters: read, and written in one transaction with what it brings about."""

import asyncio
from collections.abc import Iterator, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from aiokafka.errors import KafkaError

from contracts.admission import Message
from contracts.closing import Closing, How, read_closing
from contracts.dead_letter import DeadLetter
from contracts.topics import CLOSINGS, inbox
from services.operations.acting import OPERATOR, operator
from services.operations.errors import AwayError, OperationError
from services.operations.letters import burials
from services.operations.records import whole
from services.runtime.complaints import remedy
from services.runtime.kafka import Kafka
from services.runtime.settings import Settings

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from aiokafka import AIOKafkaProducer

_WRITER = "hub.operator.closings"  # one at a time: a second operator's command shuts out the first one's
_AT_ONCE = 500  # letters in one transaction, which has ten seconds
_PATIENCE = 30.0  # seconds for a transaction and all around it

Closings = Mapping[tuple[str, str], Closing]
"""The latest of each dead letter, by partner and id."""


async def closings(settings: Settings) -> Closings:
    """Return how dead letters were closed.

    Raises:
        AwayError: Kafka does not answer.
    """
    found = [read_closing(record.value) async for record in whole(settings, CLOSINGS)]
    return {(closing.partner, closing.letter): closing for closing in found}


def closing_of(letter: DeadLetter, found: Closings) -> Closing | None:
    """Return how a letter was closed; None while it is open."""
    closing = found.get((letter.partner, letter.id))
    return closing if closing is not None and closing.covers(letter.time) else None


async def open_letters(settings: Settings) -> list[DeadLetter]:
    """Return the dead letters that nobody closed, in the order they were buried.

    Raises:
        AwayError: Kafka does not answer.
    """
    closed = await closings(settings)
    return [letter for letter in await burials.letters(settings) if closing_of(letter, closed) is None]


def row(closing: Closing | None) -> dict[str, object]:
    """The cells of a listing; none for a letter that is open."""
    if closing is None:
        return {}
    how = f"{closing.how}, repaired" if closing.repaired else closing.how
    return {"closed": how, "by": closing.by, "at": closing.time, "reason": closing.reason}


def closed_now(letter: DeadLetter, how: How, reason: str, *, repaired: bool = False) -> Closing:
    """Say who closes a letter, now."""
    return Closing(letter.id, letter.partner, how, operator(), datetime.now(UTC).isoformat(), reason, repaired)


async def close(
    settings: Settings, letters: Mapping[str, DeadLetter], rows: Sequence[Closing], again: Mapping[str, Message]
) -> None:
    """Close letters, and put what is to be judged again into its inbox: both or neither, some hundred at a time.

    Args:
        settings: where the hub is.
        letters: the letters, by id.
        rows: the closings.
        again: what goes into an inbox again, by the letter's id.

    Raises:
        OperationError: somebody else closes letters at the same time; the text says how many were closed.
        AwayError: Kafka does not answer, or not to this principal.
    """
    for start in range(0, len(rows), _AT_ONCE):
        async with _writing(settings, start) as producer:
            found = await closings(settings)  # only now: whoever was here before us can write nothing any more
            portion = rows[start : start + _AT_ONCE]
            if any(closing_of(letters[each.letter], found) for each in portion):
                raise OperationError(
                    f"expected open dead letters, some were closed meanwhile; {start} were closed here"
                )
            async with producer.transaction():
                sent = [
                    await producer.send(topic, value=message.value, key=message.key, headers=[*message.headers])
                    for topic, message in _written(portion, again)
                ]
                await asyncio.gather(*sent)  # aiokafka would commit what is left of a batch that was refused


def _written(rows: Sequence[Closing], again: Mapping[str, Message]) -> Iterator[tuple[str, Message]]:
    for each in rows:
        if each.letter in again:
            yield inbox(each.partner), again[each.letter]
        yield CLOSINGS, each.message()


@asynccontextmanager
async def _writing(settings: Settings, done: int) -> "AsyncIterator[AIOKafkaProducer]":
    producer = Kafka(settings, OPERATOR).producer(_WRITER)
    try:
        async with asyncio.timeout(_PATIENCE):
            await producer.start()
            yield producer
    except (KafkaError, TimeoutError, OSError) as error:
        what = remedy(error) if isinstance(error, KafkaError) else "see that it runs"
        told = f"expected Kafka to take what {OPERATOR} writes, came {type(error).__name__}; {done} were closed: {what}"
        raise AwayError(told) from None
    finally:
        await producer.stop()
