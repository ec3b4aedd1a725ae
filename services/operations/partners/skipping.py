"""Which fact a partner's endpoint does not take, and leaving it out: the place moves and a row tells it, or neither."""

import asyncio
from dataclasses import dataclass
from typing import Any

from aiokafka import ConsumerRecord

from contracts.topics import outbox
from services.operations import database, offsets
from services.operations.acting import OPERATOR, operator
from services.operations.cluster import Cluster
from services.operations.errors import AwayError, OperationError
from services.operations.records import reader
from services.runtime.engine.kafka_routes import KafkaRoutes, KafkaSilentError
from services.runtime.kafka import Kafka
from services.runtime.reading import between
from services.runtime.settings import Settings
from services.runtime.webhooks import webhook_id

_PLACE = "select next_offset, outbox, state, reason from gateway.webhook where partner = $1"

_SKIP = """
with moved as (
    update gateway.webhook set next_offset = $4, state = 'calling', reason = '', failures = 0, failing_since = null,
        next_try = now()
    where partner = $1 and outbox = $2 and next_offset = $3 and state in ('retrying', 'failing')
    returning partner)
insert into gateway.skip (partner, id, place, answer, by, reason) select partner, $5, $6, $7, $8, $9 from moved
returning partner"""

_SKIPPED = """
select time, by, partner, id, place, answer, reason from gateway.skip where $1::text is null or partner = $1
order by time desc"""


@dataclass(frozen=True, slots=True)
class Place:
    """What the gateway notes of a partner; see ``gateway.webhook``."""

    next_offset: int
    outbox: str
    state: str
    reason: str


@dataclass(frozen=True, slots=True)
class Refused:
    """A fact that an endpoint does not take.

    Attributes:
        partner: whose endpoint.
        was: where the partner is.
        offset: of the fact; transactions leave gaps before it.
        id: its ``webhook-id``.
    """

    partner: str
    was: Place
    offset: int
    id: str

    @property
    def place(self) -> str:
        """Where it lies: topic, partition and offset."""
        return f"{outbox(self.partner)}/0/{self.offset}"

    @property
    def answer(self) -> str:
        """What came last: a status, or the name of an error."""
        return self.was.reason


async def place(settings: Settings, partner: str) -> Place | None:
    """Return where a partner is; None where it never was called."""
    rows = await database.ask(settings, _PLACE, partner)
    return Place(**rows[0]) if rows else None


async def refused(settings: Settings, partner: str, was: Place | None) -> Refused:
    """Return the fact that the partner's endpoint does not take.

    Raises:
        OperationError: there is none.
        AwayError: Kafka does not answer.
    """
    if was is None or was.state not in ("retrying", "failing"):
        raise OperationError(
            f"expected a fact that {partner} was called with and did not take, its webhook is "
            f"{was.state if was else 'never called'}: see 'hub webhook list'"
        )
    kafka = Kafka(settings, OPERATOR)
    if was.outbox not in ("", await _identity(kafka, outbox(partner))):
        raise OperationError(
            f"expected {outbox(partner)} as {partner} was told it, it was made anew: the gateway begins at its first "
            f"fact with the next call, and 'hub webhook resume {partner}' makes that now"
        )
    record = await _first(kafka, (outbox(partner), 0), was.next_offset)
    if record is None:
        raise OperationError(f"expected a fact in {outbox(partner)} behind {was.next_offset}, found none")
    return Refused(partner, was, record.offset, webhook_id(record))


async def skip(settings: Settings, fact: Refused, reason: str) -> bool:
    """Leave it out and put that on record; False where the partner is not there any more, and nothing was done."""
    now = (fact.partner, fact.was.outbox, fact.was.next_offset, fact.offset + 1)
    return bool(await database.ask(settings, _SKIP, *now, fact.id, fact.place, fact.answer, operator(), reason))


async def skipped(settings: Settings, partner: str | None) -> list[dict[str, Any]]:
    """Return what was left out, the latest first."""
    return [dict(row) for row in await database.ask(settings, _SKIPPED, partner)]


async def _identity(kafka: Kafka, topic: str) -> str:
    try:
        return (await KafkaRoutes(kafka).look([topic]))[topic].id
    except KafkaSilentError as error:
        raise AwayError(str(error)) from None


async def _first(kafka: Kafka, where: tuple[str, int], offset: int) -> ConsumerRecord | None:
    """Return the first record from an offset on; -1: the first one that is kept. None too where it is kept no more."""
    cluster = Cluster(kafka)
    first = (await asyncio.to_thread(offsets.starts, cluster, [where[0]])).get(where, 0)
    ends = await asyncio.to_thread(offsets.ends, cluster, [where])
    if -1 < offset < first:
        return None
    async with reader(kafka) as consumer:
        async for record in between(consumer, {where: max(first, offset)}, ends):
            return record
    return None
