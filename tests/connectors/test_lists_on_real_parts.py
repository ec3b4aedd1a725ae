"""Participants' lists with a real vault and the flows' own notes: written when something changed, and only then."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest

from contracts.agreement import Agreement
from contracts.enrolment import EnrolmentAssociated, EnrolmentCancelled, EnrolmentDenied, EnrolmentQueued
from contracts.person import Person
from flows.connectors.spreadsheet.lists import Lists
from flows.connectors.spreadsheet.target import SpreadsheetTarget
from flows.connectors.spreadsheet.terms import Terms
from flows.ledger.standings import Standings, standings
from services.runtime import postgres, vault_rows
from services.runtime.references import References
from services.runtime.settings import Settings
from services.runtime.vault import Entrusted, Vault
from tests.connectors.requests import agreement, list_of

pytestmark = pytest.mark.real
REFERENCES = References(b"a key for tests of lists")


@dataclass
class Club:
    """A club with a course, its list, and the vault."""

    name: str
    folder: Path
    settings: Settings
    kept: Standings
    vault: Vault
    agreement: Agreement

    def reference(self, number: int) -> str:
        """Stands for a human."""
        return REFERENCES.reference(self.name, f"p-{number}")

    async def tell(self, number: int, day: int = 1, **more: str) -> None:
        """Tell the vault of a human."""
        person = Person.model_validate(
            {"person_id": f"p-{number}", "name": f"Kanarie {number}", "needs": ["x"], **more}
        )
        moment = datetime(2027, 1, day, tzinfo=UTC)
        await self.vault.keep([Entrusted(self.reference(number), self.name, (self.name,), moment, person)])

    def fact(self, contract: type, number: int, revision: int = 2, **more: object) -> object:
        """Something that the hub decided."""
        about = {"enrolment_id": f"{self.name}:a-{number}", "offering_id": f"{self.name}:K-1", "revision": revision}
        return contract(**about, person_ref=self.reference(number), **more)

    async def note(self, contract: type, number: int, revision: int = 2, **more: object) -> None:
        """Let the hub tell it."""
        await self.kept.note(self.fact(contract, number, revision, **more))

    async def refresh(self) -> int:
        """Write the lists that are due."""
        return await Lists.of(Terms.of(self.agreement), self.settings).refresh(self.kept, self.settings)

    def shown(self) -> list[tuple[str, ...]]:
        """State, place, name, mail and telephone of each row."""
        return [tuple(row[:5]) for row in list_of(self.folder / "out", "K-1")]


@pytest.fixture
async def club(settings: Settings, tmp_path: Path) -> AsyncIterator[Club]:
    """One that nobody else has."""
    name = f"verein{tmp_path.name.replace('_', '').lower()}"[:50]
    pool = await postgres.connect(settings, size=2)
    await postgres.apply_schema(pool, "flows.ledger")
    told = agreement(str(tmp_path)).model_copy(update={"id": name})
    vault = Vault(settings)
    async with standings(settings, name) as kept:
        yield Club(name, tmp_path, settings, kept, vault, told)
    await vault.close()
    pool.terminate()


async def test_a_list_follows_what_changes(club: Club) -> None:
    """Decisions, corrections, cancellations and erasures rewrite it; where nothing changed it stays as it lies."""
    for number in (1, 2, 3):
        await club.tell(number, email=f"p{number}@beispiel.example")
    await club.note(EnrolmentAssociated, 1)
    await club.note(EnrolmentQueued, 2, place=1)
    await club.note(EnrolmentQueued, 3, place=2)
    await club.note(EnrolmentDenied, 4, cause="organiser")
    assert [await club.refresh() for _ in range(2)] == [1, 0]
    assert club.shown() == [
        ("Platz", "", "Kanarie 1", "p1@beispiel.example", ""),
        ("Warteliste", "1", "Kanarie 2", "p2@beispiel.example", ""),
        ("Warteliste", "2", "Kanarie 3", "p3@beispiel.example", ""),
    ]
    await club.tell(3, day=2, email="p3@beispiel.example", phone="0209 3")
    assert [await club.refresh() for _ in range(2)] == [1, 0]
    assert club.shown()[2][4] == "0209 3"

    await club.note(EnrolmentCancelled, 1, 3, cause="person")
    await club.note(EnrolmentAssociated, 2, 3)
    assert await club.refresh() == 1
    assert [row[:3] for row in club.shown()] == [
        ("Platz", "", "Kanarie 2"), ("Warteliste", "1", "Kanarie 3"), ("abgemeldet", "", "Kanarie 1"),
    ]  # fmt: skip
    async with club.vault.connection() as connection:
        await vault_rows.erase(connection, club.reference(2))
    assert [await club.refresh() for _ in range(2)] == [1, 0]
    assert [row[2] for row in club.shown()] == ["Kanarie 3", "Kanarie 1"]


async def test_each_reading_is_noted_and_no_more_is_read_than_shown(club: Club) -> None:
    """Name and contact of who takes part, the name alone of who left; needs of nobody."""
    for number in (1, 2):
        await club.tell(number, email="p@beispiel.example")
    await club.note(EnrolmentAssociated, 1)
    await club.note(EnrolmentCancelled, 2, cause="person")
    await club.refresh()
    async with club.vault.connection() as connection:
        rows = await connection.fetch(
            "select person_ref, purpose, fields, door from vault.access where reader = $1 order by id", club.name
        )
    assert [tuple(row) for row in rows] == [
        (club.reference(1), "enrolment_processing", ["name", "email"], "list"),
        (club.reference(2), "enrolment_processing", ["name"], "list"),
    ]
    (path,) = (club.folder / "out").iterdir()
    assert path.stat().st_mode & 0o007 == 0
    assert "anarie" not in path.name


async def test_without_the_purpose_nobody_is_shown(club: Club) -> None:
    """An agreement that names none has a list without rows, and it is not written again and again."""
    await club.tell(1)
    await club.note(EnrolmentAssociated, 1)
    club.agreement = club.agreement.model_copy(update={"purposes": ("event_publication",)})
    assert [await club.refresh() for _ in range(2)] == [1, 0]
    assert club.shown() == []


async def test_an_older_fact_changes_nothing(club: Club) -> None:
    """Facts come again after a death: what is noted does not go back, and what others organise has no list here."""
    await club.note(EnrolmentCancelled, 1, 3, cause="person")
    await club.note(EnrolmentAssociated, 1, 2)
    (known,) = (await club.kept.of([f"{club.name}:a-1"])).values()
    assert (known.status, known.cause, known.revision) == ("cancelled", "person", 3)
    about = {"enrolment_id": f"{club.name}:a-9", "offering_id": "stadt:K-1", "revision": 2}
    await club.kept.note(EnrolmentAssociated(**about, person_ref=club.reference(9)))
    assert {*await club.kept.own()} == {f"{club.name}:K-1"}


async def test_the_target_notes_and_lists(club: Club) -> None:
    """As a push calls it: written fact by fact, listed when the batch is closed."""
    await club.tell(1)
    target = SpreadsheetTarget.of(club.agreement, club.settings)
    fact = club.fact(EnrolmentAssociated, 1)
    receipt = await target.write(fact, None, "an id")
    await target.close()
    assert receipt is not None
    assert (receipt.object_id, receipt.revision, club.shown()[0][0]) == (f"{club.name}:a-1", 2, "Platz")
