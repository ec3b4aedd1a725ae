"""What ``hub status`` measures, all parts at the same time; a part that is away becomes a row."""

import asyncio
import urllib.request
from collections import Counter
from collections.abc import Mapping
from datetime import UTC, datetime

from contracts.agreement import Agreement
from contracts.dead_letter import read_dead_letter
from contracts.topics import DEAD_LETTERS
from services.operations import database, offsets
from services.operations.cluster import Cluster
from services.operations.errors import AwayError
from services.operations.health import Health, Measured, Queue, away
from services.operations.offsets import Offsets
from services.operations.queues import Places, places, queues
from services.operations.records import between, reader
from services.runtime.kafka import Kafka
from services.runtime.settings import Settings

OPERATOR = "hub-operator"
PATIENCE = 3  # seconds for a part to answer

Agreements = Mapping[str, Agreement]


async def measure(settings: Settings, agreements: Agreements) -> tuple[Measured | None, list[Health]]:
    """Ask all parts.

    Returns:
        What was found, None where Kafka could not be asked; and a row for each part that does not answer.
    """
    found = await asyncio.gather(
        _kafka(settings, agreements), database.runs(settings), _prefect(settings), return_exceptions=True
    )
    rows = [_row(part, error) for part, error in zip(_PARTS, found, strict=True) if isinstance(error, AwayError)]
    for answer in found:
        if isinstance(answer, BaseException) and not isinstance(answer, AwayError):
            raise answer
    if isinstance(found[0], BaseException):
        return None, rows
    runs = None if isinstance(found[1], BaseException) else found[1]
    return Measured(datetime.now(UTC), *found[0], runs), rows


_PARTS = ("Kafka", "PostgreSQL", "Prefect")


def _row(part: str, error: AwayError) -> Health:
    return away(part, str(error))


async def _prefect(settings: Settings) -> None:
    def ask() -> None:
        with urllib.request.urlopen(f"{settings.prefect}/health", timeout=PATIENCE):  # noqa: S310 - our own setting
            pass

    try:
        await asyncio.to_thread(ask)
    except (OSError, ValueError) as error:
        raise AwayError(
            f"expected an answer at {settings.prefect}, came {type(error).__name__}: "
            "pulls and pushes go on unseen until it runs"
        ) from None


async def _kafka(settings: Settings, agreements: Agreements) -> tuple[dict[str, Queue], Mapping[tuple[str, str], int]]:
    kafka = Kafka(settings, OPERATOR)
    found, starts, ends = await asyncio.to_thread(_offsets, Cluster(kafka, PATIENCE), agreements)
    oldest: dict[tuple[str, int], datetime] = {}
    dead: dict[str, tuple[str, str]] = {}  # by id: what is buried twice is one dead letter
    async with reader(kafka) as consumer:
        async for record in between(consumer, starts, ends, enough=lambda place: tuple(place) in oldest):
            if record.topic == DEAD_LETTERS:
                letter = read_dead_letter(record.value, record.headers)
                dead[letter.id] = (letter.partner, letter.direction)
            else:
                moment = datetime.fromtimestamp(record.timestamp / 1000, UTC)
                oldest.setdefault((record.topic, record.partition), moment)
    return queues(found, oldest), Counter(dead.values())


def _offsets(cluster: Cluster, agreements: Agreements) -> tuple[Places, Offsets, Offsets]:
    """Return where everybody is, and what there is to read: the unread of the queues, the dead letters as a whole."""
    found = places(cluster, agreements)
    dead = offsets.starts(cluster, [DEAD_LETTERS])
    return found, {**found.unread(), **dead}, {**found.ends, **offsets.ends(cluster, dead)}
