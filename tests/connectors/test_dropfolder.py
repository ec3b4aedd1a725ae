"""The folder: what lies in it is read whole, what is put into it is whole, and no name or cell leads astray."""

import csv
import io
import os
from datetime import UTC, datetime
from pathlib import Path

import pytest

from contracts.event import EventPublished
from flows.connector import Receipt, SettingsWrongError
from flows.connectors.dropfolder.manifest import MANIFEST
from flows.connectors.dropfolder.source import DropFolderSource
from flows.connectors.dropfolder.table import COLUMNS, rows, table
from flows.connectors.dropfolder.target import DropFolderTarget
from flows.icalendar.context import Context
from flows.icalendar.reading import read
from flows.ledger.known import content_hash
from services.runtime.settings import Settings
from tests.connectors.calendars import CALENDARS, COURSE, FESTIVAL, resource
from tests.connectors.conftest import agreement
from tests.connectors.events import cancelled, withdrawn, workshop

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
FORMULAS = ["=1+1", "+49 209", "-1", "@SUM(A1)", "\t=1", "\r=1", " =1", "\N{FULLWIDTH EQUALS SIGN}1"]


class Club:
    """A partner's folder and the hub's two hands in it."""

    def __init__(self, root: Path, settings: Settings) -> None:
        """Make an empty folder."""
        self.incoming, self.outgoing = root / "in", root / "out"
        self.incoming.mkdir(parents=True)
        told = agreement("dropfolder", folder=str(root))
        self.source: DropFolderSource = MANIFEST.open("pull", told, settings)
        self.target: DropFolderTarget = MANIFEST.open("push", told, settings)

    def drop(self, name: str, raw: bytes, age: int = 0) -> None:
        """Put a file into the folder, some seconds old."""
        (self.incoming / name).write_bytes(raw)
        os.utime(self.incoming / name, (1_700_000_000 - age, 1_700_000_000 - age))

    async def read(self) -> tuple[list[str], list[str]]:
        """Return the ids read and the refusals."""
        found = [self.source.map(item, NOW) for item in (await self.source.read(None)).items]
        drafts = [draft.fact.subject for one in found for draft in one.drafts]
        return drafts, [f"{each.source_id}: {each.place}: {each.reason}" for one in found for each in one.refused]

    async def write(self, fact: EventPublished, receipt: Receipt | None = None) -> Receipt:
        """Write an event and the catalogue."""
        written = await self.target.write(fact, receipt, "id")
        assert written is not None
        await self.target.close()
        return written

    def catalogue(self) -> list[dict[str, str]]:
        """Read the table as a spreadsheet does."""
        text = (self.outgoing / "catalogue.csv").read_bytes().decode("utf-8-sig")
        return list(csv.DictReader(io.StringIO(text, newline=""), delimiter=";"))


@pytest.fixture
def club(tmp_path: Path, hub_settings: Settings) -> Club:
    """A folder of its own for each test."""
    return Club(tmp_path / "verein", hub_settings)


async def test_all_files_are_read_the_newest_last(club: Club) -> None:
    """Every .ics file is read, whatever the case of its name; of two the newer one comes last."""
    club.drop("neu.ics", resource(FESTIVAL))
    club.drop("ALT.ICS", resource(COURSE), age=60)
    club.drop("notiz.txt", b"kein Kalender")
    club.drop(".versteckt.ics", b"")
    club.drop("~$offen.ics", b"")
    reading = await club.source.read(None)
    assert [item.source_id for item in reading.items] == ["ALT.ICS", "neu.ics"]
    assert reading.complete
    assert await club.read() == (["stadt:kurs-4711@stadt.example", "stadt:fest-der-nachbarschaft@stadt.example"], [])


async def test_file_still_being_written_is_refused(club: Club) -> None:
    """A file without its end is refused with its reason, so that what it held before is not absent."""
    whole = resource("".join(CALENDARS.values()))
    club.drop("kurse.ics", whole)
    assert len((await club.read())[0]) == 3
    for cut in (len(whole) // 2, len(whole) - 10, 40):
        club.drop("kurse.ics", whole[:cut])
        drafts, (refusal,) = await club.read()
        assert drafts == []
        assert "kurse.ics" in refusal
        assert "cut off" in refusal


async def test_bad_neighbours(club: Club) -> None:
    """Links, folders and files of another kind stop nobody."""
    club.drop("kurse.ics", resource(COURSE))
    club.drop("leer.ics", b"")
    (club.incoming / "ordner.ics").mkdir()
    (club.incoming / "link.ics").symlink_to("/etc/passwd")
    (club.incoming / os.fsdecode(b"umlaut-\xfc.ics")).write_bytes(resource(FESTIVAL))
    drafts, refused = await club.read()
    assert len(drafts) == 2
    assert len(refused) == 1
    assert refused[0].startswith("leer.ics: file: ")


async def test_missing_folder(club: Club) -> None:
    """A folder that is not there is an error of the world, not an empty one."""
    club.incoming.rmdir()
    with pytest.raises(OSError, match="in"):
        await club.source.read(None)


async def test_event_and_catalogue(club: Club) -> None:
    """An event lies in a file of its own, in the calendar of all and in the table."""
    receipt = await club.write(workshop())
    assert sorted(path.name for path in club.outgoing.iterdir()) == [
        "catalogue.csv",
        "catalogue.ics",
        receipt.target_id,
    ]
    context = Context("stadt", "Stadt am Fluss", licence="CC-BY-4.0")
    for name in ("catalogue.ics", receipt.target_id):
        (draft,) = read((club.outgoing / name).read_bytes(), name, context, NOW).drafts
        assert content_hash(draft.fact) == receipt.content_hash
        assert draft.origin == receipt.object_id
    first, second = club.catalogue()
    assert first["Titel / Title"] == "Repair-Café"
    assert (first["Beginn / Start"], first["Ende / End"]) == ("2026-12-12 18:00", "2026-12-12 20:00")
    assert first["Ort / Place"] == "Werkstatt, Karl-Meyer-Straße 1, 45884 Gelsenkirchen"
    assert second["Beginn / Start"] == "2026-12-19 18:00"


async def test_table_is_what_a_german_spreadsheet_expects(club: Club) -> None:
    """Byte order mark, semicolons, a header in both languages."""
    await club.write(workshop())
    raw = (club.outgoing / "catalogue.csv").read_bytes()
    assert raw.startswith(b"\xef\xbb\xbf")
    assert raw.decode("utf-8-sig").startswith("Titel / Title;Beginn / Start;")
    assert len(club.catalogue()[0]) == len(COLUMNS)


async def test_changed_cancelled_withdrawn(club: Club) -> None:
    """A change replaces the file, a cancelled event stays visible as such, a withdrawn one is gone."""
    receipt = await club.write(workshop())
    changed = await club.write(workshop(2, title="Repair-Café im Advent"), receipt)
    assert changed.target_id == receipt.target_id
    assert club.catalogue()[0]["Titel / Title"] == "Repair-Café im Advent"
    assert await club.write(workshop(2), changed) == changed

    off = await club.target.write(cancelled(3), changed, "3")
    await club.target.close()
    assert off is not None
    assert {row["Stand / Status"] for row in club.catalogue()} == {"fällt aus / cancelled"}
    assert b"STATUS:CANCELLED" in (club.outgoing / "catalogue.ics").read_bytes()

    assert await club.target.write(withdrawn(4), off, "4") is None
    await club.target.close()
    assert club.catalogue() == []
    assert sorted(path.name for path in club.outgoing.iterdir()) == ["catalogue.csv", "catalogue.ics"]


async def test_cancelled_before_it_was_told(club: Club) -> None:
    """An event nobody was told of cannot be cancelled for them."""
    assert await club.target.write(cancelled(1), None, "1") is None


async def test_catalogue_is_made_from_what_lies_there(club: Club, hub_settings: Settings) -> None:
    """After a restart, or a crash between two files, the catalogue has everything; what somebody broke is left out."""
    await club.target.write(workshop(), None, "1")
    (club.outgoing / "kaputt.ics").write_bytes(b"BEGIN:VCALENDAR\r\nBEGIN:VEV")
    (club.outgoing / ".halb.ics.part").write_bytes(b"BEGIN")
    fresh = MANIFEST.open("push", agreement("dropfolder", folder=str(club.outgoing.parent)), hub_settings)
    await fresh.write(workshop(event_id="lernwerkstatt:2", hour=9), None, "2")
    await fresh.close()
    assert [row["Kennung / Identifier"] for row in club.catalogue()].count("lernwerkstatt:2") == 2
    assert len(club.catalogue()) == 4


async def test_event_without_dates_is_told_in_the_table(club: Club) -> None:
    """Dates to follow are told in words; the calendar others subscribe to leaves the event out."""
    await club.write(workshop().model_copy(update={"sessions": ()}))
    (row,) = club.catalogue()
    assert row["Stand / Status"] == "Termin folgt / date to follow"
    assert b"BEGIN:VEVENT" not in (club.outgoing / "catalogue.ics").read_bytes()


@pytest.mark.parametrize(
    ("licence", "shown"),
    [
        ("all-rights-reserved", "alle Rechte vorbehalten / all rights reserved"),
        ("CC-BY-SA-4.0", "CC BY-SA 4.0"),
    ],
)
async def test_a_licence_is_told_in_words(club: Club, licence: str, shown: str) -> None:
    """Who opens the table reads a licence by its name in both languages, once where they agree, not its identifier."""
    await club.write(workshop().model_copy(update={"licence": licence}))
    assert {row["Lizenz / Licence"] for row in club.catalogue()} == {shown}


async def test_names_lead_nowhere_else(club: Club) -> None:
    """Whatever an id holds, its file lies in the folder."""
    for number, own in enumerate(("../../x", "/etc/passwd", "a\\b", "..", "con", "ü" * 200)):
        receipt = await club.write(workshop(event_id=f"lernwerkstatt:{own}"))
        assert (club.outgoing / receipt.target_id).is_file()
        assert len(list(club.outgoing.glob("lernwerkstatt*.ics"))) == number + 1
    assert {path.name for path in club.outgoing.parent.iterdir()} == {"in", "out"}


@pytest.mark.parametrize("title", FORMULAS)
def test_no_cell_is_a_formula(title: str) -> None:
    """A title that a spreadsheet would run is text."""
    text = workshop().texts[0].model_copy(update={"title": title})
    raw = table(rows(workshop().model_copy(update={"texts": (text,)}), cancelled=False))
    cells = [
        cell for row in csv.reader(io.StringIO(raw.decode("utf-8-sig"), newline=""), delimiter=";") for cell in row
    ]
    assert f"'{title}" in cells
    assert not any(cell.lstrip(" ").startswith(("=", "+", "-", "@", "\t", "\r")) for cell in cells)


async def test_folder_beside_the_agreements(hub_settings: Settings) -> None:
    """A folder that is not absolute lies in the folder of the agreements; none opens nothing."""
    (hub_settings.agreements / "verein" / "in").mkdir(parents=True)
    source = MANIFEST.open("pull", agreement("dropfolder", folder="verein"), hub_settings)
    assert (await source.read(None)).items == ()
    with pytest.raises(SettingsWrongError, match=r"connector\.settings"):
        MANIFEST.open("pull", agreement("dropfolder"), hub_settings)
