"""The flows tell objects of every kind: what is gone by its own contract, what changes its kind as two facts."""

from collections.abc import Sequence
from dataclasses import replace

from contracts.dataset import DatasetPublished, DatasetWithdrawn
from contracts.event import EventWithdrawn
from contracts.publication import PublicationPublished
from contracts.study import StudyClosed
from flows.connector import Draft
from flows.ledger.known import Change, Known, Look, content_hash
from flows.ledger.outgoing import Outgoing
from flows.pulling.pull import PullParts, pull
from flows.pulling.snapshot import diff
from flows.report import RunReport
from tests.flows.memory import MemoryBurials, MemoryHolds, MemoryInbox, MemoryLedger, MemoryReceipts
from tests.flows.partner import NOW, FakeSource, event

WORK = {
    "texts": [{"language": "de", "title": "Werk"}],
    "creators": [{"name": "Sommer, Ada"}],
    "publisher": {"name": "Universität"},
    "year": 2026,
    "revision": 1,
}


class OneTransaction(MemoryLedger):
    """As PostgreSQL: a transaction allocates one revision of an object."""

    async def record(self, changes: Sequence[Change]) -> list[Outgoing]:
        """As `Ledger.record`."""
        assert len({change.fact.subject for change in changes}) == len(changes)
        return await super().record(changes)


def dataset(name: str) -> DatasetPublished:
    """A dataset."""
    return DatasetPublished.model_validate({**WORK, "dataset_id": f"stadt:{name}"})


def publication(name: str) -> PublicationPublished:
    """A publication."""
    return PublicationPublished.model_validate({**WORK, "publication_id": f"stadt:{name}", "kind": "Report"})


def known(name: str, kind: str, **more: object) -> dict[str, Known]:
    """What the ledger has of one object."""
    return {f"stadt:{name}": replace(Known(f"stadt:{name}", name, "hash", 3, kind=kind), **more)}


def test_each_kind_is_withdrawn_by_its_own_contract() -> None:
    """The fact that an object is gone follows from the kind that the ledger remembers."""
    rows = {**known("e", "event"), **known("d", "dataset"), **known("s", "study"), **known("x", "event")}
    look = Look((), complete=False, gone=frozenset({"e"}))
    told = [type(change.fact) for change in diff(rows, look, NOW).changes]
    assert told == [EventWithdrawn]
    each = {name: diff(known(name, kind), look_of(name), NOW) for name, kind in (("d", "dataset"), ("s", "study"))}
    assert [type(change.fact) for found in each.values() for change in found.changes] == [DatasetWithdrawn, StudyClosed]


def look_of(name: str) -> Look:
    """A reading in which the source says that one thing is gone."""
    return Look((), complete=False, gone=frozenset({name}))


def test_what_is_present_and_was_not_read_again_is_not_missed() -> None:
    """A whole reading need not bring what has not changed; an object that is in neither is absent."""
    rows = {name: row for number in range(9) for name, row in known(str(number), "dataset").items()}
    look = Look((), complete=True, present=frozenset(str(number) for number in range(8)))
    found = diff(rows, look, NOW)
    assert (found.absent, found.held, found.changes) == (("stadt:8",), (), ())


def test_the_highest_rank_tells() -> None:
    """Among versions the newest tells, whoever told before; the older one is no mistake, an equal one is."""
    old, new = Draft(dataset("1"), "v1", rank=("1",)), Draft(dataset("1"), "v2", rank=("2",))
    before = {"stadt:1": Known("stadt:1", "v1", "hash", 1, kind="dataset")}
    found = diff(before, Look((old, new), complete=True, read=frozenset({"v1", "v2"})), NOW)
    assert [change.after.source_id for change in found.changes] == ["v2"]
    assert found.refused == ()
    twin = Draft(dataset("1"), "v3", rank=("2",))
    found = diff(before, Look((old, new, twin), complete=True, read=frozenset({"v1", "v2", "v3"})), NOW)
    assert [each.source_id for each in found.refused] == ["v3"]


def test_unchanged_kind_is_silent() -> None:
    """The same content under the same kind is no news."""
    fact = dataset("1")
    row = Known("stadt:1", "1", content_hash(fact), 1, kind="dataset")
    found = diff({"stadt:1": row}, Look((Draft(fact, "1"),), complete=True), NOW)
    assert (found.changes, found.unchanged) == ((), 1)


async def test_another_kind_is_a_withdrawal_and_a_beginning() -> None:
    """One pull tells both, with rising revisions, and the next one nothing."""
    source = FakeSource({name: event(f"stadt:{name}") for name in "abcdefgh"})
    ledger, inbox = OneTransaction(), MemoryInbox()
    parts = PullParts("stadt", source, ledger, MemoryHolds(), MemoryReceipts(), inbox, MemoryBurials())
    source.entries["a"] = dataset("a")
    await pull(parts, RunReport("stadt", "pull"), NOW)
    source.entries["a"] = publication("a")
    report = await pull(parts, RunReport("stadt", "pull"), NOW)
    assert (report.withdrawn, report.new, report.unchanged) == (1, 1, 7)
    assert [fact.type.split(".")[2:4] for fact in inbox.facts if fact.object_id == "stadt:a"] == [
        ["dataset", "published"],
        ["dataset", "withdrawn"],
        ["publication", "published"],
    ]
    assert [fact.revision for fact in inbox.facts if fact.object_id == "stadt:a"] == [1, 2, 3]
    assert (await pull(parts, RunReport("stadt", "pull"), NOW)).quiet
