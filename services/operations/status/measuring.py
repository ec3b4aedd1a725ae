"""What ``hub status`` measures, all parts at the same time; a part that is away becomes a row."""

import asyncio
import urllib.request
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from urllib.parse import urlsplit

from aiokafka import ConsumerRecord

from contracts.agreement import Agreement
from contracts.closing import Closing, read_closing
from contracts.dead_letter import read_dead_letter
from contracts.topics import CLOSINGS, DEAD_LETTERS, ROUTES
from services.operations import database, offsets
from services.operations.acting import OPERATOR
from services.operations.cluster import Cluster
from services.operations.database import Run
from services.operations.errors import AwayError
from services.operations.partners.called import Call
from services.operations.partners.calls import calls
from services.operations.records import reader
from services.operations.status.health import Health, Measured, away
from services.operations.status.queues import Places, places, queues
from services.runtime.engine.routes import Note, read_note
from services.runtime.kafka import Kafka
from services.runtime.reading import Offsets, between
from services.runtime.settings import Settings

PATIENCE = 3  # seconds for a part to answer

Agreements = Mapping[str, Agreement]


async def measure(settings: Settings, agreements: Agreements) -> tuple[Measured | None, list[Health]]:
    """Ask all parts.

    Returns:
        What was found, None where Kafka could not be asked; and a row for each part that does not answer.
    """
    found = await asyncio.gather(
        _kafka(settings, agreements), _postgres(settings), _prefect(settings), return_exceptions=True
    )
    rows = [_row(part, error) for part, error in zip(_PARTS, found, strict=True) if isinstance(error, AwayError)]
    if isinstance(found[0], AwayError) and isinstance(found[1], AwayError) and _bundled(settings):
        rows = [replace(row, todo=f"the hub is stopped: start it with 'hub up' ({row.todo})") for row in rows]
    for answer in found:
        if isinstance(answer, BaseException) and not isinstance(answer, AwayError):
            raise answer
    if isinstance(found[0], BaseException):
        return None, rows
    runs, called = (None, {}) if isinstance(found[1], BaseException) else found[1]
    return replace(found[0], runs=runs, calls=called), rows


_PARTS = ("Kafka", "PostgreSQL", "Prefect")


def _bundled(settings: Settings) -> bool:
    """Whether Kafka and PostgreSQL are on this machine, where 'hub up' starts both."""
    local = ("127.0.0.1", "localhost")
    return settings.kafka.rpartition(":")[0] in local and urlsplit(settings.postgres).hostname in local


def _row(part: str, error: AwayError) -> Health:
    return away(part, str(error))


async def _postgres(settings: Settings) -> tuple[Mapping[tuple[str, str], Run], Mapping[str, Call]]:
    return await database.runs(settings), await calls(settings)


async def _prefect(settings: Settings) -> None:
    def ask() -> None:
        with urllib.request.urlopen(f"{settings.prefect}/health", timeout=PATIENCE):  # noqa: S310 - our own setting
            pass

    try:
        await asyncio.to_thread(ask)
    except (OSError, ValueError) as error:
        raise AwayError(
            f"expected an answer at {settings.prefect}, came {type(error).__name__}: "
            "pulls and pushes go on, and are shown there once it runs"
        ) from None


async def _kafka(settings: Settings, agreements: Agreements) -> Measured:
    kafka = Kafka(settings, OPERATOR)
    found, starts, ends = await asyncio.to_thread(_offsets, Cluster(kafka, PATIENCE), agreements)
    read = _Read()
    async with reader(kafka) as consumer:
        async for record in between(consumer, starts, ends, enough=lambda place: tuple(place) in read.oldest):
            read.take(record)
    stopped = frozenset(route for (route, _), note in read.book.items() if note.stopped is not None)
    backfilling = frozenset(route for (route, _), note in read.book.items() if note.backfilling)
    dead = Counter((partner, direction) for (partner, _), (direction, _) in read.open().items())
    return Measured(datetime.now(UTC), queues(found, read.oldest), dead, None, stopped, backfilling)


@dataclass(slots=True)
class _Read:
    """What was read: when each partition's first unread record was written; dead letters and closings; the routes."""

    oldest: dict[tuple[str, int], datetime] = field(default_factory=dict)
    # By partner and id: what is buried twice is one dead letter. Of each its direction and its time.
    dead: dict[tuple[str, str], tuple[str, str]] = field(default_factory=dict)
    closed: dict[tuple[str, str], Closing] = field(default_factory=dict)
    book: dict[tuple[str, str], Note] = field(default_factory=dict)  # by route and input partition

    def take(self, record: ConsumerRecord) -> None:
        if record.topic == DEAD_LETTERS:
            letter = read_dead_letter(record.value, record.headers)
            self.dead[letter.partner, letter.id] = letter.direction, letter.time
        elif record.topic == CLOSINGS:
            closing = read_closing(record.value)
            self.closed[closing.partner, closing.letter] = closing
        elif record.topic == ROUTES:
            note = read_note(record.value)
            self.book[note.route, note.partition] = note
        else:
            moment = datetime.fromtimestamp(record.timestamp / 1000, UTC)
            self.oldest.setdefault((record.topic, record.partition), moment)

    def open(self) -> dict[tuple[str, str], tuple[str, str]]:
        """Return the dead letters that nobody closed."""
        return {place: letter for place, letter in self.dead.items() if not self._covered(place, letter[1])}

    def _covered(self, place: tuple[str, str], buried: str) -> bool:
        return place in self.closed and self.closed[place].covers(buried)


def _offsets(cluster: Cluster, agreements: Agreements) -> tuple[Places, Offsets, Offsets]:
    """Return where everybody is, and what there is to read: the unread of the queues, all of what has no queue."""
    found = places(cluster, agreements)
    whole = offsets.starts(cluster, [DEAD_LETTERS, CLOSINGS, ROUTES])
    return found, {**found.unread(), **whole}, {**found.ends, **offsets.ends(cluster, whole)}
