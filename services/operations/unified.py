"""Reading the unified stream."""

import asyncio
import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime

from aiokafka import ConsumerRecord

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


async def facts(
    settings: Settings, since: datetime | None, partner: str | None = None, contract: str | None = None
) -> AsyncIterator[dict[str, object]]:
    """Yield the facts of the unified stream as they are read, oldest first.

    Args:
        settings: where the hub is.
        since: written from then on; None is from the beginning.
        partner: told by this partner only.
        contract: of this type only, or of those whose name holds this text.

    Raises:
        AwayError: Kafka does not answer.
    """
    async for record in records(settings, since):
        row = fact(record)
        if row and partner in (None, row["partner"]) and (contract is None or contract in str(row["type"])):
            yield row


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


def fact(record: ConsumerRecord) -> dict[str, object] | None:
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
