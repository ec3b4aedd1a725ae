"""Against a real OAI-PMH server in a process of its own: harvested, changed, deleted, disturbed in the middle."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from flows.connector import Reading
from flows.connectors.oaipmh.cursor import Cursor
from flows.connectors.oaipmh.manifest import MANIFEST
from flows.connectors.oaipmh.source import OaiPmhSource
from flows.pulling.pull import PullParts, pull
from flows.report import RunReport
from services.runtime.settings import Settings
from tests.connectors.conftest import agreement
from tests.connectors.repositories import RepositoryServer, datacite, dublin_core, repository
from tests.flows.memory import MemoryBurials, MemoryHolds, MemoryInbox, MemoryLedger, MemoryReceipts

pytestmark = pytest.mark.real
NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
EARLY, LATE, LATER = "2026-01-01T00:00:00Z", "2099-01-01T00:00:00Z", "2099-01-02T00:00:00Z"
CONCEPT, FIRST, SECOND = "10.5072/werk", "10.5072/werk.v1", "10.5072/werk.v2"


@pytest.fixture
def server(tmp_path: Path) -> Iterator[RepositoryServer]:
    """An empty repository."""
    folder = tmp_path / "repository"
    folder.mkdir()
    with repository(folder) as running:
        yield running


class World:
    """One partner's pull over ledger and inbox in memory."""

    def __init__(self, server: RepositoryServer, settings: Settings) -> None:
        """Nothing is known yet."""
        self.server, self.ledger, self.inbox = server, MemoryLedger(), MemoryInbox()
        self.burials, self.holds = MemoryBurials(), MemoryHolds()
        self.source: OaiPmhSource = MANIFEST.open("pull", agreement("oaipmh", url=server.url), settings)
        self.source.patience = 0.01

    async def pull(self) -> list[str]:
        """Pull once; return what was told, as kind, participle, object, revision."""
        before = len(self.inbox.facts)
        receipts = MemoryReceipts()
        parts = PullParts("stadt", self.source, self.ledger, self.holds, receipts, self.inbox, self.burials)
        self.report = await pull(parts, RunReport("stadt", "pull"), NOW)
        told = self.inbox.facts[before:]
        return [f"{' '.join(each.type.split('.')[2:4])} {each.object_id} {each.revision}" for each in told]

    def titles(self) -> dict[str, str]:
        """The last title told of each object."""
        told = [json.loads(fact.payload) for fact in self.inbox.facts if b"texts" in fact.payload]
        return {each.get("dataset_id") or each["publication_id"]: each["texts"][0]["title"] for each in told}

    def tomorrow(self) -> None:
        """Let a day pass: everything is listed anew."""
        cursor = json.loads(self.ledger.saved or "{}")
        self.ledger.saved = json.dumps({**cursor, "day": "2026-01-01"})

    async def look(self) -> Reading:
        """Read only."""
        return await self.source.read(self.ledger.saved)


@pytest.fixture
def world(server: RepositoryServer, hub_settings: Settings) -> World:
    """The pull of that repository."""
    return World(server, hub_settings)


def fill(server: RepositoryServer, number: int, first: int = 0) -> None:
    """Put some datasets, one a day."""
    for each in range(first, first + number):
        server.put(f"oai:{each}", f"2026-02-{each + 1:02}T00:00:00Z", oai_datacite=datacite(f"10.5072/{each:02}"))


async def test_first_harvest_then_only_what_changed(world: World) -> None:
    """The first harvest tells all, page by page; the second nothing; the third the change and the new one alone."""
    world.server.set(limit=2)
    fill(world.server, 5)
    assert len(await world.pull()) == 5
    assert await world.pull() == []
    world.server.put("oai:1", LATE, oai_datacite=datacite("10.5072/01", "Neue Messwerte"))
    world.server.put("oai:9", LATE, oai_datacite=datacite("10.5072/09", "Text", kind="Report"))
    reading = await world.look()
    assert ([item.source_id for item in reading.items], reading.complete) == (["oai:1", "oai:9"], False)
    assert sorted(await world.pull()) == [
        "dataset published stadt:10.5072/01 2",
        "publication published stadt:10.5072/09 1",
    ]


@pytest.mark.parametrize("says_deleted", [True, False])
async def test_deleted_record_is_withdrawn_by_its_own_contract(world: World, *, says_deleted: bool) -> None:
    """A deleted header, or a record that its own repository no longer has, is a withdrawal of that kind of object."""
    world.server.set(says_deleted=says_deleted)
    fill(world.server, 3)
    world.server.put("oai:p", EARLY, oai_datacite=datacite("10.5072/p", kind="JournalArticle"))
    await world.pull()
    world.server.delete("oai:p", LATE)
    assert await world.pull() == ["publication withdrawn stadt:10.5072/p 2"]
    world.server.put("oai:p", LATER, oai_datacite=datacite("10.5072/p", kind="JournalArticle"))
    assert await world.pull() == ["publication published stadt:10.5072/p 3"]


@pytest.mark.parametrize("promise", ["no", "transient"])
async def test_what_a_repository_does_not_report_is_noticed_by_its_absence(world: World, promise: str) -> None:
    """Where deletions are not kept, two whole lists without a record withdraw it, and an increment never does."""
    world.server.set(deleted_record=promise)
    fill(world.server, 6)
    await world.pull()
    world.server.forget("oai:3")
    assert await world.pull() == []
    told = []
    for _ in range(2):
        world.tomorrow()
        told += await world.pull()
    assert told == ["dataset withdrawn stadt:10.5072/03 2"]


async def test_token_that_expires_loses_and_deletes_nothing(world: World) -> None:
    """A record that changes in the middle of the list makes its tokens invalid: the list begins again, all is told."""
    world.server.set(limit=5)
    fill(world.server, 28)
    world.server.put("oai:0", LATE, oai_datacite=datacite("10.5072/00", "In der Mitte geändert"), later=True)
    assert len(await world.pull()) == 28
    assert world.titles()["stadt:10.5072/00"] == "In der Mitte geändert"
    assert (world.report.refused, world.report.absent, world.report.held) == ([], [], [])


async def test_shifted_pages_hide_nothing(world: World) -> None:
    """Tokens that count records and do not expire skip one when an earlier one moves: it is told all the same."""
    world.server.set(limit=5, tokens_expire=False)
    fill(world.server, 12)
    world.server.put("oai:0", LATE, oai_datacite=datacite("10.5072/00", "Ans Ende gerückt"), later=True)
    assert len(await world.pull()) == 12
    world.tomorrow()
    assert (await world.pull(), world.report.absent) == ([], [])


async def test_one_record_that_breaks_stops_no_other(world: World) -> None:
    """A record that the server fails on is told as soon as it can be read; until then it is neither lost nor gone."""
    fill(world.server, 4)
    world.server.set(broken=["oai:2"])
    assert len(await world.pull()) == 3
    assert len(world.report.refused) == 1
    world.server.set(broken=[])
    assert await world.pull() == ["dataset published stadt:10.5072/02 1"]


async def test_versions_are_one_dataset(world: World) -> None:
    """Concept and versions are told under one id, by the newest; when that is deleted, by the one before."""
    fill(world.server, 5)
    version = "<version>{}</version>"
    world.server.put(
        "oai:c", EARLY, oai_datacite=datacite(CONCEPT, "Werk", ("HasVersion", FIRST), ("HasVersion", SECOND))
    )
    first = datacite(FIRST, "Werk 1", ("IsVersionOf", CONCEPT), more=version.format("1.9"))
    world.server.put("oai:v1", EARLY, oai_datacite=first)
    await world.pull()
    assert world.titles()[f"stadt:{CONCEPT}"] == "Werk 1"
    second = datacite(SECOND, "Werk 2", ("IsVersionOf", CONCEPT), more=version.format("1.10"))
    world.server.put("oai:v2", LATE, oai_datacite=second)
    assert await world.pull() == [f"dataset published stadt:{CONCEPT} 2"]
    assert world.titles()[f"stadt:{CONCEPT}"] == "Werk 2"
    assert (world.report.refused, world.burials.letters) == ([], {})
    world.server.delete("oai:v2", LATER)
    assert await world.pull() == [f"dataset published stadt:{CONCEPT} 3"]
    assert world.titles()[f"stadt:{CONCEPT}"] == "Werk 1"
    assert await world.pull() == []


async def test_concept_that_comes_later_takes_its_versions_over(world: World) -> None:
    """Versions that do not name their concept are gathered under it when its record says so."""
    fill(world.server, 5)
    world.server.put("oai:v1", EARLY, oai_datacite=datacite(FIRST, "Werk 1"))
    await world.pull()
    world.server.put("oai:c", LATE, oai_datacite=datacite(CONCEPT, "Werk", ("HasVersion", FIRST)))
    told = await world.pull()
    assert sorted(told) == [f"dataset published stadt:{CONCEPT} 1", f"dataset withdrawn stadt:{FIRST} 2"]
    assert world.titles()[f"stadt:{CONCEPT}"] == "Werk 1"


async def test_corrected_type_is_another_kind_of_object(world: World) -> None:
    """A dataset that turns out to be a report is withdrawn as the one and told as the other."""
    fill(world.server, 3)
    await world.pull()
    world.server.put("oai:1", LATE, oai_datacite=datacite("10.5072/01", kind="Report"))
    assert await world.pull() == ["dataset withdrawn stadt:10.5072/01 2", "publication published stadt:10.5072/01 3"]


async def test_what_is_left_over_is_read_by_the_next_pull(world: World) -> None:
    """A pull that has no time left loses nothing that it read, and the next ones read only the rest."""
    fill(world.server, 4)
    world.source.longest = 0
    told = [len(await world.pull()) for _ in range(5)]
    assert told == [1, 1, 1, 1, 0]


async def test_every_datestamp_moves_and_nothing_is_told(world: World) -> None:
    """After a migration all records are read again, in portions, and none of them is news."""
    fill(world.server, 25)
    await world.pull()
    for each in range(25):
        world.server.put(f"oai:{each}", LATE, oai_datacite=datacite(f"10.5072/{each:02}"))
    assert (await world.pull(), world.report.unchanged) == ([], 25)


async def test_days_for_datestamps_and_dublin_core(world: World) -> None:
    """A repository that only knows days and oai_dc: what changed later on the same day is not missed."""
    world.server.set(granularity="YYYY-MM-DD")
    today = f"{datetime.now(UTC):%Y-%m-%d}"
    world.server.put("oai:a", "2026-01-01", oai_dc=dublin_core())
    assert await world.pull() == ["publication published stadt:oai:a 1"]
    world.server.put("oai:b", today, oai_dc=dublin_core("Zweiter Aufsatz"))
    assert await world.pull() == ["publication published stadt:oai:b 1"]
    assert len(Cursor.parse(world.ledger.saved, world_scope(world)).since) == len("2026-01-01")


async def test_another_format_begins_anew(world: World) -> None:
    """A cursor of another repository, format or set is worth nothing; the best format is taken where none is named."""
    for each in ("a", "b"):
        world.server.put(f"oai:{each}", EARLY, oai_datacite=datacite(f"10.5072/{each}"), oai_dc=dublin_core())
    await world.pull()
    assert (await world.look()).items == ()
    world.source.settings = world.source.settings.model_copy(update={"format": "oai_dc"})
    reading = await world.look()
    assert (len(reading.items), reading.complete) == (2, True)
    assert all(b"oai_dc" in item.raw for item in reading.items)


def world_scope(world: World) -> str:
    """What that world's cursor is of."""
    return str(json.loads(world.ledger.saved or "{}")["scope"])
