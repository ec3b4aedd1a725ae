"""``GET /v1/receipts/{id}``: what became of a fact. An id says where it lies in the asker's own inbox, no more.

So nothing has to be kept for receipts, and nobody sees another partner's. Everything is found where the services leave
it anyway: how far intake and dispatch came, the stream since the fact came, rejections, what is held of the object.
"""

import asyncio
import re
from collections.abc import Collection
from contextlib import aclosing
from dataclasses import dataclass, field

from aiokafka import ConsumerRecord, TopicPartition
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from contracts.admission import Admitted, Message, read
from contracts.agreement import Agreement
from contracts.topics import inbox, recorded
from contracts.wording import expected
from services.gateway.books import Books
from services.gateway.doorkeeper import Doorkeeper
from services.gateway.fate import Evidence, Known, status_of
from services.gateway.language import preferred
from services.gateway.problems import problem, told_of
from services.gateway.reading import Looker, looking, partition_of, record_at, since
from services.gateway.rejections import MOST_READ, copy_of, rejection
from services.gateway.turns import Turns
from services.runtime.by_revision import digest
from services.runtime.engine.burial import header
from services.runtime.kafka import Kafka

INTAKE, DISPATCH = "hub.intake", "hub.dispatch"
AT_ONCE = 4
AT_ONCE_OF_ONE = 2
"""Looks of one partner, those that wait included: the others are left some."""
_AGAIN_S = 5
_ID = re.compile(r"([0-9]{1,2})-([0-9]{1,18})")


@dataclass(frozen=True, slots=True)
class Receipts:
    """Tells what became of facts."""

    doorkeeper: Doorkeeper
    kafka: Kafka
    books: Books
    looks: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(AT_ONCE))
    turns: Turns = field(default_factory=lambda: Turns(AT_ONCE_OF_ONE, _AGAIN_S))

    async def get(self, request: Request) -> Response:
        """Find out and tell."""
        agreement = self.doorkeeper.let_in(request)
        language = preferred(request.headers.get("accept-language", ""))
        with self.turns.of(agreement.id):
            told = await self._look(agreement, request.path_params["id"], language)
        return JSONResponse(told, headers={"Content-Language": language, "Vary": "Accept-Language"})

    async def _look(self, agreement: Agreement, identifier: str, language: str) -> dict[str, object]:
        partition, offset = _place(identifier, agreement)
        async with self.looks, looking(self.kafka, INTAKE) as consumer:
            record = await record_at(consumer, inbox(agreement.id), partition, offset)
            if record is None:
                raise problem("receipt-unknown", "address", expected("known-receipt"))
            fact, found = await self._fate(consumer, record, agreement)
        told: dict[str, object] = {"id": identifier, **_told(fact, found)}
        if told["status"] == "rejected" and found.rejection is not None:
            told["problem"] = told_of(found.rejection.refusal, language)
        return told

    async def _fate(
        self, consumer: Looker, record: ConsumerRecord, agreement: Agreement
    ) -> tuple[Admitted | None, Evidence]:
        """Return the fact and what was found of it; where an operator sent a copy in again, of the last copy."""
        closed: set[str] = set()
        while True:
            fact = _read(record)
            found = await self._evidence(consumer, record, fact, closed)
            copy = await copy_of(consumer, found.rejection, agreement) if found.rejection is not None else None
            if copy is None or found.rejection is None:
                return fact, found
            closed.add(found.rejection.letter)
            record = copy

    async def _evidence(
        self, consumer: Looker, record: ConsumerRecord, fact: Admitted | None, closed: Collection[str]
    ) -> Evidence:
        """Look in the order in which a fact moves on backwards: what moves meanwhile is seen late, not missed."""
        place = TopicPartition(record.topic, record.partition)
        passed = bool((await consumer.committed(place) or 0) > record.offset)
        known = Known()
        if fact is not None:
            known = await self.books.known(fact)
        where, whole = await _recorded(consumer, record, fact) if fact is not None else (None, True)
        told = None if where is not None else await rejection(consumer, record, fact, closed)
        served = where is not None and await self._served(where)
        return Evidence(passed, where is not None, served, told, known, whole)

    async def _served(self, where: ConsumerRecord) -> bool:
        async with looking(self.kafka, DISPATCH) as consumer:
            place = TopicPartition(where.topic, where.partition)
            return bool((await consumer.committed(place) or 0) > where.offset)


def _place(identifier: str, agreement: Agreement) -> tuple[int, int]:
    found = _ID.fullmatch(identifier)
    if found is None or int(found[1]) >= agreement.inbox.partitions:
        raise problem("receipt-unknown", "address", expected("known-receipt"))
    return int(found[1]), int(found[2])


def _read(record: ConsumerRecord) -> Admitted | None:
    fact = read(Message(record.key, record.value, record.headers))
    return fact if isinstance(fact, Admitted) else None


def _told(fact: Admitted | None, found: Evidence) -> dict[str, object]:
    if fact is None:
        return {"status": status_of(0, "", found)}
    envelope = {"event": fact.envelope.id, "type": fact.envelope.type}
    about = {"subject": fact.fact.subject, "revision": fact.fact.revision}
    return {"status": status_of(fact.fact.revision, digest(fact), found), **envelope, **about}


async def _recorded(consumer: Looker, record: ConsumerRecord, fact: Admitted) -> tuple[ConsumerRecord | None, bool]:
    """Return the fact in its stream, and whether all of it was looked through that may hold it."""
    key = fact.fact.key.encode()
    place = await partition_of(consumer, recorded(fact.fact.stream), key)
    number = 0
    async with aclosing(since(consumer, place, record.timestamp, MOST_READ)) as records:  # type: ignore[type-var]
        async for each in records:
            number += 1
            if each.key == key and _same(Message(each.key, each.value, each.headers), fact):
                return each, True
    return None, number < MOST_READ


def _same(message: Message, fact: Admitted) -> bool:
    """Whether a recorded message is the fact, or what the hub made of it: what it stamps, it writes anew."""
    told = fact.envelope
    if not fact.fact.stamped:
        return header(message, "ce_id") == told.id and message.value == fact.payload
    correlation, subject = header(message, "ce_correlationid"), header(message, "ce_subject")
    return (correlation, subject) == (told.correlation or told.id, fact.fact.subject)
