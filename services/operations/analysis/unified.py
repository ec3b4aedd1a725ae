"""Reading the unified stream."""

import asyncio
import json
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from aiokafka import ConsumerRecord

from contracts.counterparts import found, placed
from contracts.envelope import partner_of, read_envelope
from contracts.refusal import RefusedError
from contracts.registry import CONTRACTS
from contracts.speaking import speaks_of_people
from contracts.topics import UNIFIED
from services.operations import offsets
from services.operations.acting import OPERATOR
from services.operations.cluster import Cluster
from services.operations.records import reader
from services.runtime.kafka import Kafka
from services.runtime.reading import between
from services.runtime.settings import Settings

Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which facts somebody asks for; None is without a limit.

    Attributes:
        since: written from then on.
        partner: told by this partner only.
        contract: of this type only, or of those whose name holds this text.
        about: of objects only that belong to this term, or to what stands for the same in another scheme.
    """

    since: datetime | None = None
    partner: str | None = None
    contract: str | None = None
    about: str | None = None

    def of(self, rows: Sequence[Row]) -> list[Row]:
        """Choose among rows; what an object is about says its last publication, for a cancellation, too."""
        places = {row["subject"]: placed(row["data"]) for row in rows if "texts" in row["data"]}
        return [
            row
            for row in rows
            if self.takes(row) and (self.about is None or found(self.about, places.get(row["subject"], frozenset())))
        ]

    def takes(self, row: Row) -> bool:
        """Whether a row is wanted, whatever it is about."""
        return (
            (self.since is None or self.since <= row["time"])
            and self.partner in (None, row["partner"])
            and (self.contract is None or self.contract in row["type"])
        )


async def facts(settings: Settings, wanted: Wanted) -> AsyncIterator[Row]:
    """Yield the facts of the unified stream, oldest first: as they are read, or once it is known what each is about.

    Raises:
        AwayError: Kafka does not answer.
    """
    if wanted.about is None:
        async for record in records(settings, wanted.since):
            row = fact(record)
            if row is not None and wanted.takes(row):
                yield _shown(row)
        return
    # What happens now may be about something that was published long before.
    rows = [row async for record in records(settings, None) if (row := fact(record)) is not None]
    for row in wanted.of(rows):
        yield _shown(row)


def _shown(row: Row) -> Row:
    """Cut the time of what speaks of people, or may do so, to the day."""
    contract = CONTRACTS.get(row["type"])
    if contract is not None and not speaks_of_people(contract):
        return row
    return {**row, "time": row["time"].replace(hour=0, minute=0, second=0, microsecond=0)}


async def records(settings: Settings, since: datetime | None) -> AsyncIterator[ConsumerRecord]:
    """Yield what the unified stream holds now, from the first record written since then.

    Raises:
        AwayError: Kafka does not answer.
    """
    kafka = Kafka(settings, OPERATOR)
    cluster = Cluster(kafka)
    starts = await asyncio.to_thread(offsets.starts, cluster, [UNIFIED], since)
    ends = await asyncio.to_thread(offsets.ends, cluster, starts)
    async with reader(kafka) as consumer:
        async for record in between(consumer, starts, ends):
            yield record


def fact(record: ConsumerRecord) -> Row | None:
    """One record as a row; None for what is no fact."""
    try:
        envelope = read_envelope(record.headers)
        data = json.loads(record.value or b"null")
    except (RefusedError, ValueError):
        return None
    texts = data.get("texts") or [{}]
    return {
        "time": datetime.fromtimestamp(record.timestamp / 1000, UTC),
        "partner": partner_of(envelope.source),
        "type": envelope.type,
        "subject": envelope.subject,
        "revision": envelope.revision,
        "title": texts[0].get("title") or data.get("scientific_name"),
        "id": envelope.id,
        "data": data,
    }
