"""How far each partner was told, and when it is called next: a row each in PostgreSQL, whose clock counts."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Protocol

from services.gateway.idempotency import PostgresRequests
from services.gateway.webhooks.answers import Answer, state_after
from services.runtime.webhooks import State

OWNED = timedelta(seconds=90)
"""How long who took a partner, or had a fact accepted, is alone in calling it.

Longer than to wait for a fact and to post it."""

_TAKE = """
insert into gateway.webhook as w (partner, owner, owned_until) values ($1, $2, now() + $3)
on conflict (partner) do update set owner = excluded.owner, owned_until = excluded.owned_until
where w.owner = excluded.owner or w.owned_until < now()
returning next_offset, outbox, state, failures, now() - coalesce(failing_since, now()) as failed_for,
    next_try - now() as rest"""

_ACCEPTED = """
update gateway.webhook set next_offset = $3, failures = 0, failing_since = null,
    state = case when $5 or state <> 'anew' then 'calling' else state end,
    reason = case when $5 or state <> 'anew' then '' else reason end, next_try = now(),
    accepted = case when $5 then now() else accepted end, owned_until = now() + $4
where partner = $1 and owner = $2 and owned_until > now() and next_offset = $6
returning true"""

_FAILED = """
update gateway.webhook set state = $3, reason = $4, failures = failures + 1,
    failing_since = coalesce(failing_since, now()), next_try = now() + $5
where partner = $1 and owner = $2 and next_offset = $6"""

_BEGUN = """
update gateway.webhook set outbox = $3, next_offset = $4, state = $5, reason = $6
where partner = $1 and owner = $2 and outbox = $7 and next_offset = $8"""

_HELD = "update gateway.webhook set state = $3, reason = $4 where partner = $1 and owner = $2"

_ALL = "select partner, state, reason, failures, next_try from gateway.webhook where partner = any($1::text[])"


@dataclass(frozen=True, slots=True)
class Turn:
    """What is known of a partner when its turn begins.

    Attributes:
        next_offset: the first fact that was not accepted; -1: the first one that is kept.
        outbox: the id of the topic that this is a place in; empty where none was noted yet.
        state: how its endpoint is doing.
        failures: in a row.
        failed_for: since the first of them.
        rest: until the next try; negative where that is over.
    """

    next_offset: int
    outbox: str
    state: State
    failures: int
    failed_for: timedelta
    rest: timedelta


class Ledger(Protocol):
    """The rows. Each method raises `PartAwayError` where PostgreSQL does not answer."""

    async def take(self, partner: str) -> Turn | None:
        """Take a partner, alone for a while; None where another instance has it."""
        ...

    async def accepted(self, partner: str, before: int, following: int, *, fact: bool = True) -> bool:
        """Note that everything before an offset is accepted, and stay alone.

        Args:
            partner: whose outbox.
            before: where the partner was until now.
            following: where it is now.
            fact: whether a fact was accepted, or only the marks of transactions were passed.

        Returns:
            False where another instance has the partner now, or an operator moved it.
        """
        ...

    async def failed(self, partner: str, turn: Turn, answer: Answer, rest: timedelta) -> State:
        """Note a failure and when to try again; return what it makes of the partner.

        Nothing is noted where an operator moved the partner meanwhile: another fact is its next one.
        """
        ...

    async def begun(self, partner: str, before: Turn, turn: Turn) -> None:
        """Note which topic a partner is told, from where on and why, if it still is where it was before."""
        ...

    async def held(self, partner: str, state: State, reason: str) -> None:
        """Note why a partner cannot be called at all, or that it can again."""
        ...


@dataclass(frozen=True, slots=True)
class PostgresLedger:
    """Implements `Ledger`. ``owner``: this instance, under the same name when it is started again."""

    database: PostgresRequests
    owner: str = ""

    async def take(self, partner: str) -> Turn | None:
        """See `Ledger`."""
        row = await self.database.ask("fetchrow", _TAKE, partner, self.owner, OWNED)
        return None if row is None else Turn(**row)

    async def accepted(self, partner: str, before: int, following: int, *, fact: bool = True) -> bool:
        """See `Ledger`."""
        given = (partner, self.owner, following, OWNED, fact, before)
        return bool(await self.database.ask("fetchval", _ACCEPTED, *given))

    async def failed(self, partner: str, turn: Turn, answer: Answer, rest: timedelta) -> State:
        """See `Ledger`."""
        state = state_after(answer, turn.failed_for)
        await self.database.ask("execute", _FAILED, partner, self.owner, state, str(answer), rest, turn.next_offset)
        return state

    async def begun(self, partner: str, before: Turn, turn: Turn) -> None:
        """See `Ledger`."""
        now = (turn.outbox, turn.next_offset, turn.state, "another outbox" if turn.state == "anew" else "")
        await self.database.ask("execute", _BEGUN, partner, self.owner, *now, before.outbox, before.next_offset)

    async def held(self, partner: str, state: State, reason: str) -> None:
        """See `Ledger`."""
        await self.database.ask("execute", _HELD, partner, self.owner, state, reason)

    async def all(self, partners: list[str]) -> list[dict[str, Any]]:
        """Return how these partners are doing, for who asks after the gateway's health."""
        return [dict(row) for row in await self.database.ask("fetch", _ALL, partners)]
