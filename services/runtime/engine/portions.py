"""How much goes into one transaction: what takes longer than its timeout would come again and again."""

from collections.abc import Iterator, Sequence

from contracts.admission import Message
from services.runtime.engine.delivery import Record

LARGEST_PORTION = 16 * 1024 * 1024
"""Bytes; half a second of writing on a slow machine, where a transaction has ten."""

_ENVELOPE = 600  # bytes of headers and key, about


def weight(message: Message) -> int:
    """Return about how many bytes a message is."""
    return len(message.value or b"") + _ENVELOPE


def portions(records: Sequence[Record], copies: int) -> Iterator[Sequence[Record]]:
    """Cut a batch into runs whose outputs, ``copies`` of each record at the most, fit into one transaction."""
    start, size = 0, 0
    for number, record in enumerate(records):
        more = weight(record.message) * copies
        if number > start and size + more > LARGEST_PORTION:
            yield records[start:number]
            start, size = number, 0
        size += more
    yield records[start:]
