"""Where in its outbox a partner is: a place counts in the topic that it was noted in, and in no other of that name."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Protocol

import structlog
from aiokafka import ConsumerRecord

from contracts.agreement import Agreement
from contracts.topics import outbox
from services.gateway.inboxes import PartAwayError
from services.gateway.outboxes import FACTS, LONGEST_WAIT_S, Outboxes
from services.gateway.problems import ProblemError
from services.gateway.webhooks.ledger import Ledger, Turn
from services.runtime.engine.kafka_routes import KafkaRoutes, KafkaSilentError
from services.runtime.webhooks import State

MOMENT_S = 3.0
"""After a change of leaders Kafka may show less than before, for less than that."""

Facts = tuple[Sequence[ConsumerRecord], int]
"""Facts behind a place, and the next place."""


class HeldError(Exception):
    """A partner cannot be called until an operator did something; the text says what there is instead."""

    def __init__(self, state: State, reason: str) -> None:
        """Take the state that the partner is in."""
        super().__init__(reason)
        self.state = state


class Reads(Protocol):
    """Where the facts of an outbox come from."""

    async def identity(self, agreement: Agreement) -> str:
        """Return the id of the topic, which is another one each time that a topic is made."""
        ...

    async def read(self, agreement: Agreement, after: int, limit: int, wait: int) -> Facts:
        """See `services.gateway.outboxes.Outboxes`."""
        ...


@dataclass(slots=True)
class KafkaReads:
    """Implements `Reads`; the client that asks for ids is made when it is first needed."""

    outboxes: Outboxes
    _routes: KafkaRoutes | None = None

    async def identity(self, agreement: Agreement) -> str:
        """See `Reads`.

        Raises:
            PartAwayError: Kafka does not answer, or has no such topic.
        """
        self._routes = self._routes or KafkaRoutes(self.outboxes.kafka)
        topic = outbox(agreement.id)
        try:
            found = (await self._routes.look([topic]))[topic]
        except KafkaSilentError:
            raise PartAwayError("Kafka did not say which topic the outbox is") from None
        if not found.id:
            raise PartAwayError("Kafka has no such outbox")
        return found.id

    async def read(self, agreement: Agreement, after: int, limit: int, wait: int) -> Facts:
        """See `Reads`."""
        return await self.outboxes.read(agreement, after, limit, wait)


@dataclass(frozen=True, slots=True)
class Place:
    """The place of one partner. ``moment``: how long what looks lost is waited for, in seconds."""

    agreement: Agreement
    reads: Reads
    ledger: Ledger
    moment: float = MOMENT_S

    async def begun(self, turn: Turn) -> Turn:
        """Return where to go on: at the first fact that is kept, where the outbox is another topic than before."""
        found = await self.reads.identity(self.agreement)
        if found == turn.outbox:
            return turn
        begun = replace(turn, outbox=found)
        if turn.outbox:  # a partner who was called before topics were noted, or never, keeps its place
            begun = replace(begun, next_offset=-1, state="anew")
            structlog.get_logger("gateway").warning("webhook_begins_anew", partner=self.agreement.id)
        await self.ledger.begun(self.agreement.id, turn, begun)
        return begun

    async def facts(self, turn: Turn) -> Facts:
        """Wait for facts behind a place; none where the outbox was made anew meanwhile.

        Raises:
            HeldError: the place is none of this outbox.
        """
        lost = ""
        try:
            found = await self.reads.read(self.agreement, turn.next_offset, FACTS, LONGEST_WAIT_S)
        except ProblemError:
            found, lost = ((), turn.next_offset), await self._lost(turn)
        if await self.reads.identity(self.agreement) != turn.outbox:  # what was read may be of either
            return (), turn.next_offset
        if lost:
            raise HeldError("lost", lost)
        return found

    async def _lost(self, turn: Turn) -> str:
        await asyncio.sleep(self.moment)
        try:
            await self.reads.read(self.agreement, turn.next_offset, 1, 0)
        except ProblemError as error:
            return error.problem.refusal.rule
        return ""
