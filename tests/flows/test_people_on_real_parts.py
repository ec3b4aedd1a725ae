"""The ledger's rows of humans in PostgreSQL."""

import pytest

from flows.connector import Draft
from flows.ledger.known import Look
from flows.ledger.ledger import Ledger
from flows.pulling.snapshot import diff
from services.runtime.postgres import Pool
from tests.flows.partner import NOW
from tests.flows.people import NAME, requested
from tests.flows.real import Doors

pytestmark = pytest.mark.real


async def test_nothing_of_a_human_is_written_down(doors: Doors, pool: Pool) -> None:
    """Not while the fact is on its way either; where nobody knows whether it arrived, its object counts as untold."""
    ledger = Ledger(pool, doors.partner)
    draft = Draft(requested(1, partner=doors.partner), "a file", fingerprint="keyed")
    (fact,) = await ledger.record(diff({}, Look((draft,), complete=True), NOW).changes)
    assert NAME.encode() in fact.payload
    rows = [
        row
        for table in ("object", "fact")
        for row in await pool.fetch(f"select * from sync.{table} where partner = $1", doors.partner)  # noqa: S608 - our own names
    ]
    assert len(rows) == 2
    assert NAME not in repr(rows)
    assert await ledger.pending() == []
    await ledger.forget_unsent()
    (known,) = (await ledger.known()).values()
    assert (known.content_hash, known.revision) == ("", 1)
    (again,) = await ledger.record(diff({known.object_id: known}, Look((draft,), complete=True), NOW).changes)
    await ledger.sent([again])
    await ledger.forget_unsent()
    (known,) = (await ledger.known()).values()
    assert (known.content_hash, known.revision) == ("keyed", 2)
