"""``GET /v1/outbox``: what lies in the asker's outbox behind a cursor, at once or as soon as something comes."""

import asyncio
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from aiokafka import ConsumerRecord, TopicPartition
from pydantic_core import to_json
from starlette.requests import Request
from starlette.responses import Response

from contracts.agreement import Agreement
from contracts.envelope import ATTRIBUTES, CONTENT_TYPE
from contracts.topics import http_reader, outbox
from contracts.wording import expected
from services.gateway.doorkeeper import Doorkeeper
from services.gateway.json_format import BATCH
from services.gateway.parameters import LARGEST, number
from services.gateway.problems import problem
from services.gateway.reading import PATIENCE_S, Looker, edges, looking
from services.gateway.turns import Turns
from services.runtime.kafka import Kafka

MOST_FACTS, FACTS = 1_000, 100
MOST_BYTES = 4_000_000
LONGEST_WAIT_S = 30
AT_ONCE = 4
"""Requests of one partner that wait at one time: each holds a connection to Kafka."""
_LOOK_MS = 500
_MOMENT_S = 1.0


@dataclass(frozen=True, slots=True)
class Outboxes:
    """Gives what lies in outboxes. Who reads keeps its cursor itself: to ask again with an old one gives the same.

    ``stopping``: whether the gateway is about to end; a request that waits is answered then.
    """

    doorkeeper: Doorkeeper
    kafka: Kafka
    stopping: Callable[[], bool] = lambda: False
    turns: Turns = field(default_factory=lambda: Turns(AT_ONCE, LONGEST_WAIT_S))

    async def get(self, request: Request) -> Response:
        """Read and answer as a batch of CloudEvents; the next cursor stands in the headers."""
        agreement = self.doorkeeper.let_in(request)
        after = number(request, "after", 0, LARGEST, -1)
        limit = number(request, "limit", 1, MOST_FACTS, FACTS)
        wait = number(request, "wait", 0, LONGEST_WAIT_S, 0)
        with self.turns.of(agreement.id):
            records, cursor = await self.read(agreement, after, limit, wait)
        following = f'</v1/outbox?after={cursor}&limit={limit}&wait={wait}>; rel="next"'
        body = b"[" + b",".join(map(event, records)) + b"]"
        return Response(body, headers={"Hub-Cursor": str(cursor), "Link": following}, media_type=BATCH)

    async def read(
        self, agreement: Agreement, after: int, limit: int, wait: int
    ) -> tuple[Sequence[ConsumerRecord], int]:
        """Return what lies behind a cursor, and the next cursor.

        Raises:
            ProblemError: the cursor is of a time that is not kept any more, or of another outbox.
            PartAwayError: Kafka does not answer.
        """
        place = TopicPartition(outbox(agreement.id), 0)
        until = time.monotonic() + wait
        async with looking(self.kafka, http_reader(agreement.id), wait + PATIENCE_S) as consumer:
            start = await _start(consumer, place, after)
            consumer.assign([place])
            consumer.seek(place, start)
            if after > 0:  # what lies before it was read, as `hub status` wants to know
                await consumer.commit({place: after})
            _, end = await edges(consumer, place)
            found: list[ConsumerRecord] = []
            while not found and (await consumer.position(place) < end or self._may_wait(until)):
                found = (await consumer.getmany(place, timeout_ms=_LOOK_MS, max_records=limit)).get(place, [])
            given = _bounded(found)
            cut = len(given) < len(found)
            return given, given[-1].offset + 1 if cut else await consumer.position(place)

    def _may_wait(self, until: float) -> bool:
        return time.monotonic() < until and not self.stopping()


async def _start(consumer: Looker, place: TopicPartition, after: int) -> int:
    """Return where to begin.

    Raises:
        ProblemError: the cursor is of a time that is not kept any more, or of another outbox.
    """
    first, end = await edges(consumer, place)
    if after > end:  # for a moment after a change of leaders Kafka may show less than before
        await asyncio.sleep(_MOMENT_S)
        first, end = await edges(consumer, place)
    if after != -1 and not first <= after <= end:
        raise problem("cursor-beyond", "parameter after", expected("cursor-kept", ge=first, le=end))
    return max(first, after)


def _bounded(records: Sequence[ConsumerRecord]) -> Sequence[ConsumerRecord]:
    """Return the first of them that fit into an answer, one at least."""
    size = 0
    for index, record in enumerate(records):
        size += len(record.value or b"")
        if index and size > MOST_BYTES:
            return records[:index]
    return records


def event(record: ConsumerRecord) -> bytes:
    """Return a fact as a CloudEvent in JSON; its payload stands there as it came."""
    told = {name.removeprefix("ce_"): raw.decode() for name, raw in record.headers if name.startswith("ce_")}
    attributes: dict[str, object] = {name: told[name] for name in ATTRIBUTES if name in told}
    if "revision" in attributes:
        attributes["revision"] = int(told["revision"])
    head = to_json({**attributes, "datacontenttype": CONTENT_TYPE})
    return head[:-1] + b',"data":' + (record.value or b"null") + b"}"
