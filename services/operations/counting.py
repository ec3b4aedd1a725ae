"""Counting for the balance: inboxes, what waits, dead letters, and the books of the services."""

import asyncio
from collections import Counter
from collections.abc import Iterable

from aiokafka import ConsumerRecord

from contracts.dead_letter import read_dead_letter
from contracts.envelope import partner_of as partner_of_source
from contracts.registry import STREAMS
from contracts.topics import DEAD_LETTERS, inbox, partner_of, submitted
from services.operations import database, offsets
from services.operations.accounts import Account, Counted, accounts
from services.operations.cluster import Cluster
from services.operations.measuring import OPERATOR
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
    counted = {place for place in starts if partner_of(place[0]) or place[0] == DEAD_LETTERS}
    begin = {p: first if p in counted else max(first, waits.get(p, first)) for p, first in starts.items()}
    ends = await asyncio.to_thread(offsets.ends, cluster, begin)
    accepted, waiting = Counter[str](), Counter[str]()
    dead: dict[str, str] = {}  # by id: what is buried twice is one dead letter
    async with reader(kafka) as consumer:
        async for record in between(consumer, begin, ends):
            if record.topic == DEAD_LETTERS:
                dead |= _accounted(record)
                continue
            partner: str = partner_of(record.topic) or _source(record)
            accepted[partner] += partner_of(record.topic) is not None
            waiting[partner] += record.offset >= waits.get((record.topic, record.partition), 0)
    expired = frozenset(name for (topic, _), first in starts.items() if first and (name := partner_of(topic)))
    return Counted(accepted, waiting, Counter(dead.values()), books.tally, expired)


def _starts(cluster: Cluster, partners: list[str]) -> tuple[Offsets, Offsets]:
    """Return how far intake came in each inbox, and the first kept offset of everything there is to count."""
    starts = offsets.starts(cluster, [*map(inbox, partners), *map(submitted, STREAMS), DEAD_LETTERS])
    cursors = offsets.cursors(cluster, ["hub.intake"])
    return {(cursor.topic, cursor.partition): offset for cursor, offset in cursors.items()}, starts


def _accounted(record: ConsumerRecord) -> dict[str, str]:
    """Return id and partner of a dead letter accepted at an inbox: neither a push nor an entry never pulled."""
    letter = read_dead_letter(record.value, record.headers)
    accepted = letter.direction == "inbound" and letter.service in ("intake", *STREAMS)
    return {letter.id: letter.partner} if accepted else {}


def _source(record: ConsumerRecord) -> str:
    return partner_of_source(next((value.decode() for name, value in record.headers if name == "ce_source"), ""))
