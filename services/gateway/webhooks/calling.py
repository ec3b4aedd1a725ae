"""Each partner who wants to be called is told its outbox, fact by fact, in order; who does not answer holds up nobody.

The place moves after the partner accepted a fact, so one may come twice and none is left out.
"""

import asyncio
import random
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

import httpx
import structlog
from aiokafka import ConsumerRecord

from contracts.agreement import Agreement
from services.gateway.inboxes import PartAwayError
from services.gateway.metrics import CALLS, FAILURES, NEXT_TRY
from services.gateway.outboxes import event
from services.gateway.webhooks.answers import SCHEDULE, Answer, wait
from services.gateway.webhooks.ledger import Ledger, Turn
from services.gateway.webhooks.placing import HeldError, Place
from services.gateway.webhooks.posting import post
from services.gateway.webhooks.signing import headers
from services.runtime.engine.blame import told
from services.runtime.partner_files import PartnerFileDamagedError
from services.runtime.signing_secrets import SecretFile
from services.runtime.webhooks import webhook_id

LOOK_S = 3.0
"""How often a row is looked at that has to wait: an operator may have changed it."""
_PAUSE_S = 2.0
_NONE = timedelta()


@dataclass(frozen=True, slots=True)
class Calls:
    """The calls of one partner."""

    agreement: Agreement
    url: str
    place: Place
    ledger: Ledger
    secrets: SecretFile
    client: httpx.AsyncClient

    async def run(self) -> None:
        """Call until cancelled, whatever happens."""
        while True:
            rest = await self.attempt()
            await asyncio.sleep(rest)

    async def attempt(self) -> float:
        """Do as `turn` does; whatever it raises is noted, and waited for."""
        log = structlog.get_logger("gateway").bind(partner=self.agreement.id)
        try:
            return await self.turn()
        except PartAwayError as error:
            log.warning("waits", reason=told(error))
            return _PAUSE_S
        except Exception as error:  # a bug in one partner's calls must not end them for good
            log.exception("webhook_broke")
            return await self._broke(Answer(why=type(error).__name__))

    async def _broke(self, bug: Answer) -> float:
        """Count a bug as a failure of the call: the row says so, and the next try is not every other second."""
        try:
            turn = await self.ledger.take(self.agreement.id)
            if turn is not None:
                await self._failed(turn, bug)
        except PartAwayError:
            return _PAUSE_S
        except Exception:  # noqa: BLE001 - as above
            structlog.get_logger("gateway").exception("webhook_not_noted", partner=self.agreement.id)
            return SCHEDULE[1].total_seconds()
        return LOOK_S

    async def turn(self) -> float:
        """Wait for facts and post them until one is not accepted; return how many seconds to rest."""
        turn = await self.ledger.take(self.agreement.id)
        if turn is None or turn.state in ("gone", "lost"):  # an operator ends both
            return LOOK_S
        if turn.rest > _NONE:
            return min(LOOK_S, turn.rest.total_seconds())
        try:
            self._signers()
            turn = await self.place.begun(turn)
            records, cursor = await self.place.facts(turn)
            if turn.state == "unsigned":
                await self.ledger.held(self.agreement.id, "calling", "")
            await self._all(turn, records, cursor)
        except HeldError as held:
            await self.ledger.held(self.agreement.id, held.state, str(held))
            return LOOK_S
        return 0.0

    def _signers(self) -> list[str]:
        try:
            found = self.secrets.read()
        except (OSError, PartnerFileDamagedError) as error:
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
