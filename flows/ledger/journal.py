"""The runs of every partner in PostgreSQL, for ``hub status``; and the lock that keeps two of a kind apart."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from time import monotonic

from flows.report import RunReport
from services.runtime.postgres import Pool

_BEGIN = "insert into sync.run (partner, direction, asked_by) values ($1, $2, $3) returning number"

_END = """
update sync.run set finished = now(), ok = $2, counts = $3::jsonb, error_kind = $4, error = $5 where number = $1"""

_FORGET = """
delete from sync.run where partner = $1 and direction = $2 and started < now() - interval '30 days'
and number < (select max(number) from sync.run where partner = $1 and direction = $2 and ok)"""


_LOOK_AGAIN = 0.2


class BusyError(Exception):
    """The same partner is being pulled, or pushed to, by another process."""


@asynccontextmanager
async def only_one(pool: Pool, partner: str, direction: str, patience: float = 30) -> AsyncIterator[None]:
    """Hold the lock of one partner and direction. PostgreSQL gives it back if this process dies.

    Should the connection break, the lock is lost unseen: then the ledger's revisions and the outbox's producer, which
    fences its predecessor, still let only one of two runs write.

    Args:
        pool: lends one connection for the whole run.
        partner: whose.
        direction: pull or push.
        patience: seconds to wait for a run that is under way.

    Raises:
        BusyError: somebody else still holds it.
    """
    name, deadline = f"hub.{direction}.{partner}", monotonic() + patience
    async with pool.acquire() as connection:
        while not await connection.fetchval("select pg_try_advisory_lock(hashtextextended($1, 0))", name):
            if monotonic() > deadline:
                raise BusyError(f"expected the running {direction} of {partner} to end, it has not: try again later")
            await asyncio.sleep(_LOOK_AGAIN)
        try:
            yield
        finally:
            await connection.execute("select pg_advisory_unlock(hashtextextended($1, 0))", name)


@asynccontextmanager
async def noted(pool: Pool, report: RunReport) -> AsyncIterator[None]:
    """Note a run when it begins, and how it ended however it ends; forget old ones, never the last good one."""
    number: int = await pool.fetchval(_BEGIN, report.partner, report.direction, report.asked_by)
    try:
        yield
    except BaseException as error:
        report.fail(error)
        raise
    finally:
        counts = json.dumps(report.counts())
        await pool.execute(_END, number, not report.failed, counts, report.error_kind, report.failed)
        await pool.execute(_FORGET, report.partner, report.direction)
