"""Requests that may be repeated: the same key and the same facts get the same receipts, and the facts are written once.

Source: draft-ietf-httpapi-idempotency-key-header-07. Its key is a String of RFC 9651; one without quotation marks is
taken too.
"""

import asyncio
import hashlib
import json
import re
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from typing import Any, Protocol

import structlog

from contracts.admission import Message
from contracts.wording import expected
from services.gateway.inboxes import PartAwayError
from services.gateway.problems import problem
from services.runtime.engine.blame import told
from services.runtime.postgres import AWAY, Pool

Receipts = list[dict[str, Any]]
LONGEST = 255
HEADER = "idempotency-key"
_PLACE = f"header {HEADER}"
_VISIBLE = re.compile(rf"[\x21-\x7e]{{1,{LONGEST}}}")
FORGET_EVERY_S = 600.0

# A request that was begun a minute ago and not answered belongs to a gateway that died: whoever repeats it carries on.
_BEGIN = """
insert into gateway.request (partner, key, digest) values ($1, $2, $3)
on conflict (partner, key) do update set begun = now()
where request.digest = excluded.digest and request.answer is null and request.begun < now() - interval '1 minute'
returning true"""
_FOUND = "select digest, answer from gateway.request where partner = $1 and key = $2"
_ANSWER = "update gateway.request set answer = $3 where partner = $1 and key = $2"
_GIVE_UP = "delete from gateway.request where partner = $1 and key = $2 and answer is null"
_FORGET = """
delete from gateway.request where begun < now() - interval '24 hours';
delete from gateway.skip where time < now() - interval '365 days'"""


class Requests(Protocol):
    """Where requests with a key are remembered, for a day."""

    async def once(self, partner: str, key: bytes, digest: bytes, work: Callable[[], Awaitable[Receipts]]) -> Receipts:
        """Carry out a request, or return what it brought the first time.

        Raises:
            ProblemError: another request came under the key, or the first one is not over.
            PartAwayError: PostgreSQL does not answer.
        """
        ...


def read_key(header: str) -> bytes:
    """Return what is kept of a key: its SHA-256.

    Raises:
        ProblemError: it is none.
    """
    key = header.strip()
    quoted = len(key) > 1 and key.startswith('"') and key.endswith('"')
    if not _VISIBLE.fullmatch(key[1:-1] if quoted else key):
        raise problem("parameter-invalid", _PLACE, expected("idempotency-spelled", most=LONGEST))
    return hashlib.sha256((key[1:-1] if quoted else key).encode()).digest()


def digest_of(messages: Iterable[Message]) -> bytes:
    """Return the SHA-256 of what is to be written."""
    rows = [
        [(message.value or b"").hex(), *((name, raw.hex()) for name, raw in message.headers)] for message in messages
    ]
    return hashlib.sha256(json.dumps(rows).encode()).digest()


@dataclass(slots=True)
class PostgresRequests:
    """Implements `Requests`. ``pool`` is None until PostgreSQL was there."""

    pool: "Pool | None" = None

    async def once(self, partner: str, key: bytes, digest: bytes, work: Callable[[], Awaitable[Receipts]]) -> Receipts:
        """See `Requests`. What failed is forgotten, so that it can be repeated under its key."""
        if not await self.ask("fetchval", _BEGIN, partner, key, digest):
            return await self._before(partner, key, digest)
        try:
            receipts = await work()
        except BaseException:
            await asyncio.shield(self.ask("execute", _GIVE_UP, partner, key))
            raise
        await self.ask("execute", _ANSWER, partner, key, json.dumps(receipts))
        return receipts

    async def _before(self, partner: str, key: bytes, digest: bytes) -> Receipts:
        row = await self.ask("fetchrow", _FOUND, partner, key)
        if row is not None and row["digest"] != digest:
            raise problem("idempotency-key-reused", _PLACE, expected("idempotency-same"))
        if row is None or row["answer"] is None:
            raise problem("idempotency-in-progress", _PLACE, expected("idempotency-over"), Retry_After="1")
        found: Receipts = json.loads(row["answer"])
        return found

    async def reachable(self) -> bool:
        """Whether PostgreSQL answers now."""
        try:
            return bool(await self.ask("fetchval", "select true"))
        except PartAwayError:
            return False

    async def forget(self) -> None:
        """Delete requests older than a day and skips older than a year, every ten minutes, until cancelled."""
        while True:
            try:
                await self.ask("execute", _FORGET)
            except PartAwayError as error:
                structlog.get_logger("gateway").warning("waits", reason=told(error))
            await asyncio.sleep(FORGET_EVERY_S)

    async def ask(self, how: str, query: str, *given: object) -> Any:  # noqa: ANN401 - a row, a value or a word
        """Ask the database, by asyncpg's ``how``.

        Raises:
            PartAwayError: it does not answer.
        """
        if self.pool is None:
            raise PartAwayError("PostgreSQL was not there yet")
        try:
            return await getattr(self.pool, how)(query, *given)
        except AWAY as error:
            raise PartAwayError(f"PostgreSQL answered {type(error).__name__}") from None
