"""Reading the unified stream."""

import asyncio
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from aiokafka import ConsumerRecord

from contracts.counterparts import found, placed
from contracts.envelope import partner_of, read_envelope
from contracts.refusal import RefusedError
from contracts.topics import UNIFIED
from services.operations import offsets
from services.operations.cluster import Cluster
from services.operations.measuring import OPERATOR
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
            if (self.since is None or self.since <= row["time"])
            and self.partner in (None, row["partner"])
            and (self.contract is None or self.contract in row["type"])
            and (self.about is None or found(self.about, places.get(row["subject"], frozenset())))
        ]


async def facts(settings: Settings, wanted: Wanted) -> list[Row]:
    """Return the facts of the unified stream, oldest first.

    Raises:
        AwayError: Kafka does not answer.
    """
    kafka = Kafka(settings, OPERATOR)
    cluster = Cluster(kafka)
    # What happens now may be about something that was published long before.
    since = None if wanted.about else wanted.since
    starts = await asyncio.to_thread(offsets.starts, cluster, [UNIFIED], since)
    ends = await asyncio.to_thread(offsets.ends, cluster, starts)
    async with reader(kafka) as consumer:
        rows = [row async for record in between(consumer, starts, ends) if (row := fact(record)) is not None]
    return wanted.of(rows)


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
