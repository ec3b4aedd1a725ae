"""Counting for the balance: inboxes, what waits, dead letters, and the books of the services."""

import asyncio
from collections.abc import Iterable

from contracts.registry import STREAMS
from contracts.topics import CLOSINGS, DEAD_LETTERS, inbox, partner_of, submitted
from services.operations import database, offsets
from services.operations.acting import OPERATOR
from services.operations.balance.accounts import Account, Counted, accounts
from services.operations.balance.seen import Seen
from services.operations.cluster import Cluster
from services.operations.records import reader
from services.runtime.kafka import Kafka
from services.runtime.reading import Offsets, between
from services.runtime.settings import Settings

_ATTEMPTS = 3
_PAUSE = 1.0  # seconds


async def settled(settings: Settings, partners: Iterable[str]) -> list[Account]:
    """Make up the accounts; where one does not balance, count again: what moves meanwhile is seen twice or never.

    Raises:
        AwayError: Kafka or PostgreSQL does not answer.
    """
    names = list(partners)
    for attempt in range(_ATTEMPTS):
        rows = accounts(names, await _count(settings, names))
        if all(row.balanced for row in rows) or attempt == _ATTEMPTS - 1:
            break
        await asyncio.sleep(_PAUSE)
    return rows


async def _count(settings: Settings, partners: list[str]) -> Counted:
    kafka = Kafka(settings, OPERATOR)
    cluster = Cluster(kafka)
    read, starts = await asyncio.to_thread(_starts, cluster, partners)
    books = await database.books(settings, STREAMS)
    waits = {**read, **books.progress}
    # Inboxes and dead letters are counted as a whole, what was submitted only from where the service came.
    counted = {place for place in starts if partner_of(place[0]) or place[0] in (DEAD_LETTERS, CLOSINGS)}
    begin = {p: first if p in counted else max(first, waits.get(p, first)) for p, first in starts.items()}
    ends = await asyncio.to_thread(offsets.ends, cluster, begin)
    seen = Seen(waits)
    async with reader(kafka) as consumer:
        async for record in between(consumer, begin, ends):
            seen.take(record)
    expired = frozenset(name for (topic, _), first in starts.items() if first and (name := partner_of(topic)))
    return seen.counted(books.tally, expired)


def _starts(cluster: Cluster, partners: list[str]) -> tuple[Offsets, Offsets]:
    """Return how far intake came in each inbox, and the first kept offset of everything there is to count."""
    starts = offsets.starts(cluster, [*map(inbox, partners), *map(submitted, STREAMS), DEAD_LETTERS, CLOSINGS])
    cursors = offsets.cursors(cluster, ["hub.intake"])
    return {(cursor.topic, cursor.partition): offset for cursor, offset in cursors.items()}, starts
