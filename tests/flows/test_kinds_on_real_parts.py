"""What the ledger remembers of kinds, and of entries that were not read again, survives in PostgreSQL."""

import pytest

from contracts.envelope import read_envelope
from flows.connector import Refused
from flows.ledger.ledger import Ledger
from services.runtime.postgres import Pool
from tests.flows.partner import NO_DATE, FakeSource
from tests.flows.real import Doors
from tests.flows.test_kinds import dataset, publication
from tests.flows.test_on_real_parts import pulled

pytestmark = pytest.mark.real


async def test_an_object_that_changes_its_kind(doors: Doors, pool: Pool) -> None:
    """It is withdrawn as what it was and told anew, in one pull, by rising revisions; each process knows its kind."""
    name = f"{doors.partner}:a"
    source = FakeSource({"a": dataset("a").model_copy(update={"dataset_id": name})})
    await pulled(source, doors, pool)
    assert (await Ledger(pool, doors.partner).known())[name].kind == "dataset"
    source.entries["a"] = publication("a").model_copy(update={"publication_id": name})
    report = await pulled(source, doors, pool)
    told = [read_envelope(message.headers) for message in await doors.told()]
    assert [(each.type.split(".")[2:4], each.revision) for each in told] == [
        (["dataset", "published"], 1),
        (["dataset", "withdrawn"], 2),
        (["publication", "published"], 3),
    ]
    assert (report.withdrawn, report.new) == (1, 1)
    assert (await Ledger(pool, doors.partner).known())[name].kind == "publication"


async def test_refusals_of_what_was_not_read_again_stay(doors: Doors, pool: Pool) -> None:
    """A whole reading settles the refusals of what it read and of what is gone, and no other."""
    ledger = Ledger(pool, doors.partner)
    await ledger.note_refusals([Refused(each, "place", NO_DATE) for each in "abc"], list("abc"), complete=True)
    await ledger.note_refusals([], ["a"], complete=True, present=["b"])
    rows = await pool.fetch("select source_id from sync.refusal where partner = $1", doors.partner)
    assert [row["source_id"] for row in rows] == ["b"]
