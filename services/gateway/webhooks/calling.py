"""Each partner who wants to be called is told its outbox, fact by fact, in order; who does not answer holds up nobody.

The place moves after the partner accepted a fact, so one may come twice and none is left out.
"""

import asyncio
import random
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Protocol

import httpx
import structlog
from aiokafka import ConsumerRecord

from contracts.agreement import Agreement
from services.gateway.inboxes import PartAwayError
from services.gateway.metrics import CALLS, FAILURES, NEXT_TRY
from services.gateway.outboxes import FACTS, LONGEST_WAIT_S, event
from services.gateway.problems import ProblemError
from services.gateway.webhooks.answers import Answer, State, wait
from services.gateway.webhooks.ledger import Ledger, Turn
from services.gateway.webhooks.posting import post
from services.gateway.webhooks.signing import headers, webhook_id
from services.runtime.engine.blame import told
from services.runtime.signing_secrets import SecretFile, SecretFileDamagedError

LOOK_S = 3.0
"""How often a row is looked at that has to wait: an operator may have changed it."""
_PAUSE_S = 2.0
_NONE = timedelta()


class Reads(Protocol):
    """Where the facts of an outbox come from; see `services.gateway.outboxes.Outboxes`."""

    async def read(
        self, agreement: Agreement, after: int, limit: int, wait: int
    ) -> tuple[Sequence[ConsumerRecord], int]:
        """Return facts behind a cursor, and the next cursor."""
        ...


class HeldError(Exception):
    """A partner cannot be called until an operator did something; the text says what there is instead."""

    def __init__(self, state: State, reason: str) -> None:
        """Take the state that the partner is in."""
        super().__init__(reason)
        self.state = state


@dataclass(frozen=True, slots=True)
class Calls:
    """The calls of one partner."""

    agreement: Agreement
    url: str
    outbox: Reads
    ledger: Ledger
    secrets: SecretFile
    client: httpx.AsyncClient

    async def run(self) -> None:
        """Call until cancelled, whatever happens."""
        log = structlog.get_logger("gateway").bind(partner=self.agreement.id)
        while True:
            try:
                rest = await self.turn()
            except PartAwayError as error:
                log.warning("waits", reason=told(error))
                rest = _PAUSE_S
            except Exception:  # a bug in one partner's calls must not end them for good
                log.exception("webhook_broke")
                rest = _PAUSE_S
            await asyncio.sleep(rest)

    async def turn(self) -> float:
        """Wait for facts and post them until one is not accepted; return how many seconds to rest."""
        turn = await self.ledger.take(self.agreement.id)
        if turn is None or turn.state == "gone":
            return LOOK_S
        if turn.rest > _NONE:
            return min(LOOK_S, turn.rest.total_seconds())
        try:
            self._signers()
            records, cursor = await self._read(turn.next_offset)
            if turn.state in ("unsigned", "lost"):
                await self.ledger.held(self.agreement.id, "calling", "")
            await self._all(turn, records, cursor)
        except HeldError as held:
            await self.ledger.held(self.agreement.id, held.state, str(held))
            return LOOK_S
        return 0.0

    async def _read(self, after: int) -> tuple[Sequence[ConsumerRecord], int]:
        try:
            return await self.outbox.read(self.agreement, after, FACTS, LONGEST_WAIT_S)
        except ProblemError as error:
            raise HeldError("lost", error.problem.refusal.rule) from None

    def _signers(self) -> list[str]:
        try:
            found = self.secrets.read()
        except (OSError, SecretFileDamagedError) as error:
            raise HeldError("unsigned", type(error).__name__) from None
        if not found:
            raise HeldError("unsigned", "no secret")
        return found

    async def _all(self, turn: Turn, records: Sequence[ConsumerRecord], cursor: int) -> None:
        for record in records:
            answer = await self._post(record)
            if not answer.accepted:
                await self._failed(turn, answer)
                return
            CALLS.labels(self.agreement.id, "accepted").inc()
            following = record.offset + 1
            if not await self.ledger.accepted(self.agreement.id, turn.next_offset, following):
                return
            FAILURES.labels(self.agreement.id).set(0)
            turn = replace(turn, next_offset=following, failures=0, failed_for=_NONE)
        if cursor > turn.next_offset:
            await self.ledger.accepted(self.agreement.id, turn.next_offset, cursor, fact=False)

    async def _post(self, record: ConsumerRecord) -> Answer:
        body = event(record)
        signed = headers(webhook_id(record), body, self._signers(), datetime.now(UTC))
        return await post(self.client, self.url, body, signed)

    async def _failed(self, turn: Turn, answer: Answer) -> None:
        partner, now, failures = self.agreement.id, datetime.now(UTC), turn.failures + 1
        rest = wait(answer, failures, random.random(), now)  # noqa: S311 - it spreads calls and hides nothing
        state = await self.ledger.failed(partner, turn, answer, rest)
        CALLS.labels(partner, "gone" if answer.gone else "failed").inc()
        FAILURES.labels(partner).set(failures)
        NEXT_TRY.labels(partner).set((now + rest).timestamp())
        about = {"partner": partner, "state": state, "failures": failures, "rest_s": round(rest.total_seconds(), 1)}
        structlog.get_logger("gateway").warning("webhook_failed", reason=str(answer), **about)
