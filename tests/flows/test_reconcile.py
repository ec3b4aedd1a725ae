"""Comparing and repairing, without Kafka and PostgreSQL: what was damaged is found, and after a repair nothing is."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.admission import Message, read
from contracts.agreements import EXAMPLES, load_agreements
from contracts.dataset import DatasetPublished
from contracts.envelope import Envelope, source_of
from contracts.event import EventPublished
from contracts.fact import Fact
from contracts.refusal import Refusal
from contracts.registry import kind_of
from flows.connector import Item, Mapped, Reading
from flows.ledger.known import Known
from flows.ledger.outgoing import fact_id
from flows.pulling.pull import PullParts, pull
from flows.reconciling.reconcile import reconcile
from flows.reconciling.reconciliation import DIFFERENCES, Reconciliation
from flows.reconciling.recorded import STREAMS, KafkaRecorded, Latest, Place
from flows.reconciling.repairing import ReconcileParts
from flows.report import RunReport
from tests.flows.memory import MemoryBurials, MemoryHolds, MemoryInbox, MemoryLedger, MemoryReceipts
from tests.flows.partner import NOW, PARTNER, FakeSource, FakeTarget, event
from tests.flows.people import requested

LONG_AGO = NOW - timedelta(days=1)


@dataclass
class Hub:
    """What is recorded: the newest fact of each object, of those that came into the inbox and of others."""

    inbox: MemoryInbox
    lost: set[int] = field(default_factory=set)  # places in the inbox of facts that never arrived
    others: dict[Place, Latest] = field(default_factory=dict)

    async def latest(self) -> Mapping[Place, Latest]:
        """As `Recorded.latest`."""
        found = dict(self.others)
        for sent in (each for place, each in enumerate(self.inbox.facts) if place not in self.lost):
            fact = fact_of(sent.message(PARTNER))
            if fact.stream not in STREAMS:
                continue
            place = kind_of(fact.type), fact.subject
            before = found.get(place)
            if before is None or fact.revision > before.fact.revision:
                ends = fact.over if fact.begins or before is None else before.ends
                found[place] = Latest(fact, sent.fact_id, PARTNER, ends, LONG_AGO)
        return found

    def lose(self, *ids: str) -> None:
        """Let facts be lost that were told."""
        self.lost |= {place for place, each in enumerate(self.inbox.facts) if each.fact_id in ids}

    def tell(self, fact: Fact, source: str = "uni", name: str = "", at: datetime = LONG_AGO) -> None:
        """Record a fact of somebody."""
        named = name or fact_id(fact.subject, fact.revision)
        self.others[kind_of(fact.type), fact.subject] = Latest(fact, named, source, fact.over, at)


@dataclass
class MemoryMemory:
    """As `Memory`."""

    ledger: MemoryLedger
    inbox: MemoryInbox
    on_the_way: dict[Place, int | None] = field(default_factory=dict)
    forgotten: set[str] = field(default_factory=set)  # ids of facts that were told too long ago

    async def underway(self, _: datetime) -> Mapping[Place, int | None]:
        """As `Memory.underway`."""
        return self.on_the_way

    async def told(self, fact_ids: Collection[str]) -> AbstractSet[Place]:
        """As `Memory.told`."""
        asked = set(fact_ids) - self.forgotten
        return {(kind_of(each.type), each.fact_id) for each in self.inbox.facts if each.fact_id in asked}

    async def correct(self, rows: Sequence[Known]) -> None:
        """As `Memory.correct`."""
        self.ledger.rows |= {row.object_id: row for row in rows}


@dataclass
class Back:
    """Reads a `FakeTarget` back."""

    target: FakeTarget

    async def read(self, _: str | None) -> Reading:
        """All that it holds."""
        return Reading(tuple(Item(f"{name}.ics", b"") for name in self.target.held), complete=True)

    def map(self, item: Item, now: datetime) -> Mapped:
        """One entry, with the object it was written for."""
        name = item.source_id.removesuffix(".ics")
        fact = self.target.held[name]
        assert isinstance(fact, EventPublished)
        return FakeSource({item.source_id: fact}, {item.source_id: name}).map(item, now)


def dataset(object_id: str, revision: int = 1) -> DatasetPublished:
    """A dataset, which no calendar tells."""
    said = {"texts": [{"language": "de", "title": "Daten"}], "creators": [{"name": "A"}], "publisher": {"name": "B"}}
    return DatasetPublished.model_validate({"dataset_id": object_id, "revision": revision, "year": 2026, **said})


def fact_of(message: Message) -> Fact:
    """Read a fact that can be read."""
    admitted = read(message)
    assert not isinstance(admitted, Refusal)
    return admitted.fact


class World:
    """A partner's system that is pulled and pushed to."""

    def __init__(self) -> None:
        """Hold nothing."""
        self.source, self.target, self.ledger = FakeSource(), FakeTarget(), MemoryLedger()
        inbox, self.receipts = MemoryInbox(), MemoryReceipts()
        pulling = PullParts(PARTNER, self.source, self.ledger, MemoryHolds(), self.receipts, inbox, MemoryBurials())
        self.hub, self.memory = Hub(inbox), MemoryMemory(self.ledger, inbox)
        self.parts = ReconcileParts(pulling, True, (), self.target, Back(self.target), self.hub, self.memory)  # noqa: FBT003 - it pulls

    async def pull(self) -> None:
        """Pull once."""
        await pull(self.parts.pulling, RunReport(PARTNER, "pull"), NOW)

    async def written(self, *names: str) -> None:
        """Bring others' events into the target, as pushes did."""
        for name in names:
            fact = event(f"uni:{name}")
            self.hub.tell(fact)
            receipt = await self.target.write(fact, None, fact_id(fact.subject, 1))
            await self.receipts.save(fact.subject, "", 1, receipt)

    async def compare(self, *, repair: bool = False) -> Reconciliation:
        """Compare once."""
        return await reconcile(self.parts, Reconciliation(PARTNER, "reconcile"), NOW, repair=repair)

    async def found(self) -> dict[str, list[str]]:
        """Return what differs: objects by what is the matter."""
        report = await self.compare()
        told = {name: [each.where for each in getattr(report, name)] for name in DIFFERENCES}
        return {name: sorted(each) for name, each in told.items() if each}


@pytest.fixture
async def world() -> World:
    """Ten objects of the partner's are recorded, six of others are written there."""
    world = World()
    world.source.tell(*map(str, range(10)))
    await world.pull()
    await world.written(*map(str, range(6)))
    return world


async def test_nothing_differs_after_pull_and_push(world: World) -> None:
    """What was told and written is as it should be."""
    assert await world.found() == {}


async def test_a_comparison_changes_nothing(world: World) -> None:
    """However much differs, without a repair nothing is told, written or noted."""
    world.source.entries.pop("1")
    world.target.held.pop("uni:1")
    before = (dict(world.ledger.rows), len(world.hub.inbox.facts), list(world.target.writes))
    assert (await world.compare()).differences == 2
    assert before == (dict(world.ledger.rows), len(world.hub.inbox.facts), world.target.writes)


async def test_a_forgotten_row_is_found_and_told_to_nobody(world: World) -> None:
    """The ledger gets it back with its revision; the next change has the one that follows."""
    del world.ledger.rows["stadt:0"]
    assert await world.found() == {"misremembered": ["stadt:0"]}
    facts = len(world.hub.inbox.facts)
    await world.compare(repair=True)
    assert (await world.found(), len(world.hub.inbox.facts)) == ({}, facts)
    world.source.tell("0", title="neu")
    await world.pull()
    assert world.hub.inbox.told()[-1] == ("stadt:0", 2, "published")


async def test_a_fact_lost_before_the_door_is_told_again(world: World) -> None:
    """Under a revision that was never given; a pull alone would find all unchanged."""
    world.source.tell("0", title="neu")
    await world.pull()
    world.hub.lose("stadt:0#2", "stadt:1#1")
    assert await world.found() == {"differing": ["stadt:0"], "unrecorded": ["stadt:1"]}
    await world.compare(repair=True)
    assert await world.found() == {}
    assert world.hub.inbox.told()[-2:] == [("stadt:0", 3, "published"), ("stadt:1", 2, "published")]


async def test_what_is_gone_at_the_source_is_withdrawn_after_two_readings(world: World) -> None:
    """A repair reads twice, so that it may conclude what pulls may."""
    world.source.entries.pop("1")
    assert await world.found() == {"vanished": ["stadt:1"]}
    reads = len(world.source.cursors)
    await world.compare(repair=True)
    assert (await world.found(), len(world.source.cursors) - reads) == ({}, 4)
    assert world.hub.inbox.told()[-1] == ("stadt:1", 2, "withdrawn")


async def test_requests_for_places_are_not_compared(world: World) -> None:
    """Of a human the streams hold a reference alone: a repair would tell each of them as new."""
    world.source.entries["a-1"] = requested(1)
    await world.pull()
    rows = dict(world.ledger.rows)
    assert await world.found() == {}
    await world.compare(repair=True)
    assert world.ledger.rows == rows


@pytest.mark.parametrize("left", [0, 5])
async def test_too_much_at_once_is_held(world: World, left: int) -> None:
    """A repair withdraws no more than a pull would."""
    world.source.entries = {str(number): world.source.entries[str(number)] for number in range(left)}
    report = await world.compare(repair=True)
    assert len(report.held) == 10 - left
    assert "withdrawn" not in {kind for *_, kind in world.hub.inbox.told()}


async def test_what_the_partner_told_by_another_door_is_left_alone(world: World) -> None:
    """A fact whose id no pull gives is nobody's whom the source lacks."""
    world.hub.tell(event("stadt:by-http"), PARTNER, "0b5c")
    assert await world.found() == {}
    await world.compare(repair=True)
    assert "stadt:by-http" not in world.ledger.rows


async def test_one_id_may_stand_for_two_objects(world: World) -> None:
    """A dataset told by HTTP says nothing of the event in the calendar that has its id."""
    world.hub.tell(dataset("stadt:0", 3), PARTNER)
    rows, facts = dict(world.ledger.rows), len(world.hub.inbox.facts)
    assert await world.found() == {}
    world.ledger.rows["stadt:0"] = replace(rows["stadt:0"], content_hash="restored")
    report = await world.compare(repair=True)
    assert (len(world.hub.inbox.facts), world.ledger.rows["stadt:0"]) == (facts, replace(rows["stadt:0"], revision=3))
    assert ([each.where for each in report.misremembered], report.unclaimed) == (["stadt:0"], [])
    assert await world.found() == {}


@pytest.mark.parametrize("forgotten", [True, False])
async def test_what_another_door_told_is_not_withdrawn_whatever_its_name(world: World, forgotten: bool) -> None:  # noqa: FBT001 - a parameter
    """A partner may name its facts as pulls do; without a proof that a pull told them they are listed and left."""
    for fact in (dataset("stadt:d", 2), event("stadt:e", revision=2)):
        world.hub.tell(fact, PARTNER)
    world.ledger.rows.pop("stadt:1")
    world.source.entries.pop("1")
    world.memory.forgotten = {"stadt:1#1"} if forgotten else set()
    named = ["stadt:d", "stadt:e", *(["stadt:1"] if forgotten else [])]
    assert await world.found() == ({} if forgotten else {"vanished": ["stadt:1"]})
    for _ in range(2):
        report = await world.compare(repair=True)
        assert {each.where for each in report.unclaimed} == set(named)
    assert not {"stadt:d", "stadt:e"} & world.ledger.rows.keys()
    assert [told for told in world.hub.inbox.told() if told[2] == "withdrawn"] == (
        [] if forgotten else [("stadt:1", 2, "withdrawn")]
    )


async def test_who_has_no_other_door_told_it_by_a_pull(world: World) -> None:
    """Of the kinds that its connector reads: then the name alone is enough, however long ago it was told."""
    world.parts = replace(world.parts, only_pulled=("event",))
    world.ledger.rows.pop("stadt:1")
    world.source.entries.pop("1")
    world.memory.forgotten = {"stadt:1#1"}
    world.hub.tell(dataset("stadt:d"), PARTNER)
    assert await world.found() == {"vanished": ["stadt:1"]}
    report = await world.compare(repair=True)
    assert [each.where for each in report.unclaimed] == ["stadt:d"]
    assert world.hub.inbox.told()[-1] == ("stadt:1", 2, "withdrawn")


async def test_what_was_told_as_another_kind_gets_no_revision_twice(world: World) -> None:
    """A restored row knows the event of before; what follows has the revision after the dataset's."""
    world.hub.tell(dataset("stadt:0", 4), PARTNER)
    world.hub.lose("stadt:0#1")
    await world.compare(repair=True)
    assert world.hub.inbox.told()[-1] == ("stadt:0", 5, "published")


async def test_what_is_read_of_the_streams_is_kept_by_kind_and_id() -> None:
    """The same id in events and in research is two objects."""
    facts = [event("stadt:7"), dataset("stadt:7", 3)]
    kafka: Any = None  # it asks nobody
    kept: dict[Place, Any] = {}
    partner, agreement = next(iter(load_agreements(EXAMPLES).items()))
    recorded = KafkaRecorded(kafka, agreement)
    for fact in facts:
        named = Envelope(
            fact_id(fact.subject, 1), fact.type, "2026-11-24T12:00:00Z", source_of(partner), fact.subject, fact.revision
        )
        record = SimpleNamespace(key=b"k", value=fact.payload(), headers=named.headers(), timestamp=0)
        recorded._take(record, kept)  # noqa: SLF001 - what it does with a record is the point
    latest = {place: each.latest() for place, each in kept.items()}
    assert {place: each and each.fact for place, each in latest.items()} == {
        ("event", "stadt:7"): facts[0],
        ("dataset", "stadt:7"): facts[1],
    }


async def test_what_a_lost_ledger_told_is_known_by_its_id(world: World) -> None:
    """A pulled object without a row that the source lacks is gone there."""
    world.ledger.rows = {}
    world.source.entries.pop("1")
    assert (await world.found())["vanished"] == ["stadt:1"]
    await world.compare(repair=True)
    assert await world.found() == {}


async def test_what_is_on_its_way_is_no_difference(world: World) -> None:
    """A fact told just now may not be recorded yet; recorded, it hides nothing."""
    world.hub.lose("stadt:0#1")
    world.memory.on_the_way = {("event", "stadt:0"): 1, ("event", "stadt:1"): 1}  # the second has arrived
    world.source.entries.pop("1")
    assert await world.found() == {"vanished": ["stadt:1"]}
    assert (await world.compare()).underway == 1
    world.memory.on_the_way["enrolment", "stadt:a-1"] = None  # no kind that is compared
    assert (await world.compare()).underway == 1
    world.hub.tell(event("uni:new"), at=NOW)
    assert (await world.compare()).underway == 2


async def test_what_was_deleted_or_edited_there_is_written_again(world: World) -> None:
    """By hand, in the partner's system: others' events are their owners' to change."""
    world.target.held.pop("uni:1")
    world.target.held["uni:2"] = event("uni:2", "von Hand")
    assert await world.found() == {"deleted": ["uni:1"], "edited": ["uni:2"]}
    assert "von Hand" not in str((await world.compare()).table())  # Prefect shows it to everybody on the machine
    await world.compare(repair=True)
    assert (await world.found(), world.target.closed) == ({}, 1)


async def test_a_push_that_missed_a_fact_is_made_good(world: World) -> None:
    """A newer fact, a withdrawal, a receipt that is lost, and one never written."""
    world.hub.tell(event("uni:0", "neu", revision=2))
    withdrawn = fact_of(Message(b"uni:1", b'{"event_id":"uni:1","revision":2,"cause":"deleted-at-source"}', HEADERS))
    world.hub.tell(withdrawn)
    del world.receipts.rows["uni:2"]
    world.hub.tell(event("uni:9"))
    assert await world.found() == {"outdated": ["uni:0"], "leftover": ["uni:1"], "misremembered": ["uni:2"]}
    assert [each.where for each in (await world.compare()).unwritten] == ["uni:9"]
    await world.compare(repair=True)
    assert (await world.found(), sorted(world.target.held)) == ({}, [f"uni:{n}" for n in (0, 2, 3, 4, 5, 9)])


HEADERS = [
    ("ce_specversion", b"1.0"),
    ("ce_id", b"uni:1#2"),
    ("ce_source", b"/partners/uni"),
    ("ce_type", b"de.lernende-stadt.event.withdrawn.v1"),
    ("ce_time", b"2026-11-01T00:00:00Z"),
    ("ce_subject", b"uni:1"),
]


async def test_removals_are_held_where_they_are_many(world: World) -> None:
    """More than a fifth of what the hub wrote there is not removed by a repair."""
    for number in range(3):
        body = f'{{"event_id":"uni:{number}","revision":2,"cause":"deleted-at-source"}}'.encode()
        world.hub.tell(fact_of(Message(b"", body, HEADERS)))
    report = await world.compare(repair=True)
    assert ([each.where for each in report.held], len(world.target.held)) == (["uni:0", "uni:1", "uni:2"], 6)


async def test_what_the_target_refuses_is_told(world: World) -> None:
    """And its neighbours are written."""
    world.target.held.clear()
    world.target.refuses = {"uni:1"}
    report = await world.compare(repair=True)
    assert ([each.where for each in report.refused], len(world.target.held)) == (["uni:1"], 5)


async def test_a_target_that_cannot_be_read_is_said_to_be_so(world: World) -> None:
    """Nothing is guessed about it, and the source is compared all the same."""
    world.parts = replace(world.parts, readback=None)
    world.target.held.clear()
    world.source.entries.pop("1")
    report = await world.compare()
    assert (report.deleted, [each.where for each in report.vanished]) == ([], ["stadt:1"])
    assert "no way of reading its target" in str(report.unread[0])


DAMAGES = st.lists(
    st.tuples(
        st.sampled_from(("forget", "lose", "edit", "remove", "add", "delete there", "edit there", "lose receipt")),
        st.integers(0, 9),
    ),
    max_size=8,
)


def damaged(world: World, what: str, number: int) -> None:
    """Damage one thing."""
    own, other = f"stadt:{number}", f"uni:{number % 6}"
    match what:
        case "forget":
            world.ledger.rows.pop(own, None)
        case "lose":
            world.hub.lose(f"{own}#1")
        case "edit":
            world.source.tell(str(number), title="anders")
        case "remove" if {*map(str, range(10))} <= world.source.entries.keys():  # one: more would be held
            world.source.entries.pop(str(number), None)
        case "add":
            world.source.tell(str(number + 10))
        case "delete there":
            world.target.held.pop(other, None)
        case "edit there":
            world.target.held[other] = event(other, "von Hand")
        case "lose receipt":
            world.receipts.rows.pop(other, None)


@given(DAMAGES)
async def test_after_a_repair_nothing_differs(damages: list[tuple[str, int]]) -> None:
    """Whatever was damaged, a second comparison finds both sides as the partner and the owners have them."""
    world = World()
    world.source.tell(*map(str, range(10)))
    await world.pull()
    await world.written(*map(str, range(6)))
    for what, number in damages:
        damaged(world, what, number)
    await world.compare(repair=True)
    assert await world.found() == {}
    held = await world.hub.latest()
    live = [each.fact for each in held.values() if each.source == PARTNER and each.fact.gone is None]
    assert titles(live) == titles(world.source.entries.values())
    assert titles(world.target.held.values()) == titles(event(f"uni:{number}") for number in range(6))


def titles(facts: Iterable[object]) -> dict[str, str]:
    """Return the titles of events by their ids."""
    return {each.subject: each.texts[0].title for each in facts if isinstance(each, EventPublished)}
