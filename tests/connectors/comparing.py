"""Comparing a partner's system with the hub, and damaging what the hub knows of it."""

import asyncpg

from flows.once import reconcile_once
from flows.reconciling.reconciliation import Reconciliation
from services.runtime.settings import Settings


async def compared(settings: Settings, partner: str, repair: str = "") -> Reconciliation:
    """Compare; repair in somebody's name where one is given."""
    report = await reconcile_once(settings, partner, repair, lambda _: None)
    assert report.failed == ""
    return report


async def forget(settings: Settings, object_id: str) -> None:
    """Take an object out of the ledger by hand."""
    connection = await asyncpg.connect(settings.postgres, password=settings.secret("postgres"))
    done = await connection.execute("delete from sync.object where object_id = $1", object_id)
    await connection.close()
    assert done == "DELETE 1"
