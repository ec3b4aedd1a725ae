"""What the hub told of a message that was not taken, and whether an operator sent a copy of it in again.

Read in ``hub.rejections``, which holds no value of a message, and in ``hub.closings``: nobody at a door sees the dead
letters, which hold everybody's messages as they came.
"""

from collections.abc import Collection
from contextlib import aclosing
from dataclasses import dataclass

from aiokafka import ConsumerRecord, TopicPartition

from contracts.admission import Admitted, Message, read
from contracts.agreement import Agreement
from contracts.closing import read_closing
from contracts.refusal import Refusal
from contracts.rejection import ABOUT, FactRejected, mark_of
from contracts.topics import CLOSINGS, REJECTIONS, inbox
from contracts.wording import Wording
from services.gateway.reading import Looker, since
from services.runtime.engine.burial import header

MOST_READ = 20_000
"""Records of a topic that one look goes through."""
_TOGETHER_MS = 30_000  # a copy and the closing that brought it are written in one transaction, which has less


@dataclass(frozen=True, slots=True)
class Rejection:
    """One dead letter as its partner may know it. ``time``: of the burial; ``moment``: by the broker's clock, in ms."""

    letter: str
    time: str
    moment: int
    refusal: Refusal


async def rejection(
    consumer: Looker, record: ConsumerRecord, fact: Admitted | None, closed: Collection[str] = ()
) -> Rejection | None:
    """Return what was told of a message in an inbox, whichever service refused it.

    Args:
        consumer: what looks.
        record: the message.
        fact: what it tells; None where it cannot be read.
        closed: letters that are not looked for any more.
    """
    place = TopicPartition(REJECTIONS, 0)
    async with aclosing(since(consumer, place, record.timestamp, MOST_READ)) as records:  # type: ignore[type-var]
        async for each in records:
            message = Message(each.key, each.value, each.headers)
            told = read(message)
            if not (isinstance(told, Admitted) and isinstance(told.fact, FactRejected)):
                continue
            if told.fact.letter not in closed and about(told.fact, message, record, fact):
                return Rejection(told.fact.letter, told.envelope.time, each.timestamp, _refusal(told.fact))
    return None


def about(told: FactRejected, message: Message, record: ConsumerRecord, fact: Admitted | None) -> bool:
    """Whether a rejection is about the message in an inbox. Pure."""
    if told.letter == f"{record.topic}/{record.partition}/{record.offset}":
        return True
    if fact is None or inbox(told.partner) != record.topic or told.letter.startswith(f"{record.topic}/"):
        return False
    mark, asked = header(message, ABOUT), fact.envelope
    if mark and not fact.fact.stamped:
        return mark == mark_of(asked.id, fact.payload)
    # What the hub stamps it writes anew, and rejections of before had no mark: the correlation is the message's.
    return (told.contract, header(message, "ce_correlationid")) == (asked.type, asked.correlation or asked.id)


async def copy_of(consumer: Looker, found: Rejection, agreement: Agreement) -> ConsumerRecord | None:
    """Return the copy that an operator sent into the inbox in place of a message; None where nobody did."""
    closed = await _redriven(consumer, found)
    if closed is None:
        return None
    for number in range(agreement.inbox.partitions):
        place = TopicPartition(inbox(agreement.id), number)
        moment = closed.timestamp - _TOGETHER_MS
        async with aclosing(since(consumer, place, moment, MOST_READ)) as records:  # type: ignore[type-var]
            async for each in records:
                if header(Message(each.key, each.value, each.headers), "ce_redriveof") == found.letter:
                    return each
    return None


async def _redriven(consumer: Looker, found: Rejection) -> ConsumerRecord | None:
    place = TopicPartition(CLOSINGS, 0)
    async with aclosing(since(consumer, place, found.moment, MOST_READ)) as records:  # type: ignore[type-var]
        async for each in records:
            closing = read_closing(each.value)
            if (closing.letter, closing.how) == (found.letter, "redriven") and closing.covers(found.time):
                return each
    return None


def _refusal(told: FactRejected) -> Refusal:
    return Refusal(told.rule, told.place, Wording(told.expected.english, told.expected.german))
