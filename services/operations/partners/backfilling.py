"""What a backfill asks for and how far it is: on record in ``hub.backfills``, carried out by dispatch."""

import asyncio
import uuid
from collections import Counter
from collections.abc import Callable, Collection, Mapping
from datetime import UTC, datetime

from aiokafka.errors import KafkaError

from contracts.admission import Message, read
from contracts.agreement import Agreement
from contracts.backfill import Backfill, read_backfill
from contracts.envelope import partner_of
from contracts.refusal import Refusal
from contracts.topics import BACKFILLS, ROUTES, outbox, recorded
from services.operations import offsets
from services.operations.acting import OPERATOR, operator
from services.operations.cluster import Cluster
from services.operations.errors import AwayError
from services.operations.people import persons
from services.operations.records import reader, whole
from services.runtime.complaints import remedy
from services.runtime.engine.routes import Note, read_note
from services.runtime.kafka import Kafka
from services.runtime.reading import Offsets, between, record_of
from services.runtime.settings import Settings

_PATIENCE = 20.0  # seconds

Count = Callable[[int], None]


async def asked(settings: Settings, agreement: Agreement, since: datetime | None, streams: Collection[str]) -> Backfill:
    """Put a request together; nothing is asked for yet.

    Args:
        settings: where the hub is.
        agreement: whose outbox is to be filled.
        since: from when on; None is from the beginning.
        streams: whose facts.

    Raises:
        AwayError: Kafka or PostgreSQL does not answer.
    """
    cluster = Cluster(Kafka(settings, OPERATOR))
    starts = await asyncio.to_thread(offsets.starts, cluster, sorted(map(recorded, streams)), since)
    erased = await persons.erased(settings)
    places = {f"{topic}/{number}": start for (topic, number), start in starts.items()}
    now = datetime.now(UTC).isoformat()
    return Backfill(uuid.uuid4().hex[:12], agreement.id, places, tuple(erased), operator(), now, "")


async def counted(
    settings: Settings, agreement: Agreement, backfill: Backfill, count: Count
) -> list[dict[str, object]]:
    """Count by stream what would be told, without asking for it: the newest fact of each object.

    Raises:
        AwayError: Kafka does not answer.
    """
    kafka = Kafka(settings, OPERATOR)
    starts: Offsets = {(at.rpartition("/")[0], int(at.rpartition("/")[2])): n for at, n in backfill.starts.items()}
    ends = await asyncio.to_thread(offsets.ends, Cluster(kafka), starts)
    seen, newest = Counter[str](), dict[tuple[bytes | None, str], str]()
    async with reader(kafka) as consumer:
        async for record in between(consumer, starts, ends):
            count(1)
            seen[record.topic] += 1
            if subject := _told(record_of(record).message, agreement, backfill.without):
                newest[record.key, subject] = record.topic
    told = Counter(newest.values())
    topics = sorted({topic for topic, _ in starts})
    return [{"stream": each.partition(".")[2], "recorded": seen[each], "told": told[each]} for each in topics]


def _told(message: Message, agreement: Agreement, without: Collection[str]) -> str:
    """Return whose fact would be told; nothing where it would not."""
    fact = read(message)
    if isinstance(fact, Refusal) or any(each.encode() in fact.payload for each in without):
        return ""
    return fact.envelope.subject if agreement.reads(fact.fact, partner_of(fact.envelope.source)) else ""


async def requests(settings: Settings, partner: str) -> dict[str, Backfill]:
    """Return what was asked for a partner, by the request's id, the last one last.

    Raises:
        AwayError: Kafka does not answer.
    """
    found = [read_backfill(record.value) async for record in whole(settings, BACKFILLS)]
    return {each.id: each for each in found if each.partner == partner}


async def ask(settings: Settings, backfill: Backfill) -> None:
    """Put a request on record; on return Kafka has it for good, and dispatch takes it up within seconds.

    Raises:
        AwayError: Kafka does not take it.
    """
    producer = Kafka(settings, OPERATOR).producer()
    try:
        async with asyncio.timeout(_PATIENCE):
            await producer.start()
            told = backfill.message()
            await producer.send_and_wait(BACKFILLS, value=told.value, key=told.key)
    except (KafkaError, TimeoutError, OSError) as error:
        what = remedy(error) if isinstance(error, KafkaError) else "see that it runs"
        raise AwayError(
            f"expected Kafka to take the request {backfill.id}, came {type(error).__name__}; if it has it, "
            f"'hub backfill {backfill.partner} --request {backfill.id}' waits for it: {what}"
        ) from None
    finally:
        await producer.stop()


async def left(settings: Settings, backfill: Backfill) -> int | None:
    """Return how many records of the streams are still to be looked at for a request; None where all is told.

    Raises:
        AwayError: Kafka does not answer.
    """
    book: dict[str, Note] = {}
    async for record in whole(settings, ROUTES):
        note = read_note(record.value)
        if note.route == outbox(backfill.partner):
            book[note.partition] = note
    if not (open_ := waiting(backfill, book)):
        return None
    starts: Offsets = {(at.rpartition("/")[0], int(at.rpartition("/")[2])): start for at, start in open_.items()}
    ends = await asyncio.to_thread(offsets.ends, Cluster(Kafka(settings, OPERATOR)), starts)
    return sum(ends[place] - start for place, start in starts.items())


def waiting(backfill: Backfill, book: Mapping[str, Note]) -> dict[str, int]:
    """Say from which record on each partition is still to be told."""
    found: dict[str, int] = {}
    for place, start in backfill.starts.items():
        note = book.get(place)
        if note is None or note.asked != backfill.id:
            found[place] = start
        elif note.backfilling and note.stopped is not None:
            found[place] = note.stopped
    return found
