"""The folder: files at rest are read, by the rules of every pull; the answer says what became of each row."""

import asyncio
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from contracts.agreement import Agreement
from flows.connector import SettingsWrongError
from flows.connectors.spreadsheet.answer import said
from flows.connectors.spreadsheet.client import Tables, answer_name
from flows.connectors.spreadsheet.manifest import MANIFEST
from flows.pulling.pull import PullParts, pull
from flows.report import RunReport
from services.runtime.settings import Settings
from tests.connectors.tables import (
    HEADINGS,
    JUDO,
    NOW,
    PARTNER,
    YOGA,
    agreement,
    answer_of,
    delimited,
    drop,
    workbook,
)
from tests.flows.memory import MemoryBurials, MemoryHolds, MemoryInbox, MemoryLedger, MemoryReceipts

FORMULAS = ("=1+1", "+49 209", "-1", "@SUM(A1)", "=HYPERLINK(1)", " =1", "\N{FULLWIDTH EQUALS SIGN}1")


class Club:
    """A partner's folder, and the pulls of it."""

    def __init__(self, root: Path, settings: Settings) -> None:
        """Make an empty folder."""
        self.folder, self._settings = root / "in", settings
        self.folder.mkdir(parents=True)
        self.told: Agreement = agreement(str(root))
        doors = (MemoryLedger(), MemoryHolds(), MemoryReceipts(), MemoryInbox(), MemoryBurials())
        self.parts = PullParts(PARTNER, MANIFEST.open("pull", self.told, settings), *doors)

    async def pull(self, **more: bool) -> RunReport:
        """Pull once, as a new run."""
        source = MANIFEST.open("pull", self.told, self._settings)
        parts = PullParts(
            PARTNER, source, self.parts.ledger, self.parts.holds, self.parts.receipts, self.parts.inbox,
            self.parts.burials,
        )  # fmt: skip
        return await pull(parts, RunReport(PARTNER, "pull"), NOW, **more)

    def drop(self, name: str, *rows: object, age: int = 0) -> None:
        """Put a CSV file of these rows into the folder."""
        drop(self.folder, name, delimited(HEADINGS, *rows), age)

    def results(self, name: str = "kurse.csv") -> dict[tuple[str, str], str]:
        """Return what the answer says of each row: result by number and identifier."""
        return {(row["Zeile"], row["Kennung"]): row["Ergebnis"] for row in answer_of(self.folder, name)}


@pytest.fixture
def club(tmp_path: Path, hub_settings: Settings) -> Club:
    """A folder of its own for each test."""
    return Club(tmp_path / "verein", hub_settings)


def courses(*numbers: int, price: str = "12,50") -> list[tuple[str, ...]]:
    """Rows of this many events."""
    return [(f"K-{number}", f"Kurs {number}", *YOGA[2:7], price) for number in numbers]


async def test_new_unchanged_changed(club: Club) -> None:
    """A table is told once; the same again, touched or saved anew, tells nothing; a changed row is a revision."""
    club.drop("kurse.csv", YOGA, JUDO)
    assert (await club.pull()).new == 2
    club.drop("kurse.csv", YOGA, JUDO, age=-60)
    again = await club.pull()
    drop(club.folder, "kurse.csv", delimited(HEADINGS, YOGA, JUDO, encoding="utf-16"))
    saved = await club.pull()
    assert [(each.new, each.changed, each.unchanged) for each in (again, saved)] == [(0, 0, 2)] * 2
    club.drop("kurse.csv", (*YOGA[:-1], "15,00"), JUDO)
    assert (await club.pull()).changed == 1
    assert club.parts.inbox.told()[-1] == ("verein:K-1", 2, "published")


async def test_a_row_that_disappears(club: Club) -> None:
    """It is withdrawn when the second reading misses it too; the answer says so at each step."""
    club.drop("kurse.csv", *courses(*range(10)))
    await club.pull()
    club.drop("kurse.csv", *courses(*range(9)))
    assert len((await club.pull()).absent) == 1
    assert club.results()["", "K-9"] == "nicht mehr in der Tabelle"
    assert (await club.pull()).withdrawn == 1
    assert "zurückgezogen" in answer_of(club.folder, "kurse.csv")[-1]["Grund oder Hinweis"]
    await club.pull()
    assert ("", "K-9") not in club.results()


async def test_a_table_that_shrinks_is_held(club: Club) -> None:
    """Half of the rows missing at once withdraws nothing until an operator accepts it, however often it is read."""
    club.drop("kurse.csv", *courses(*range(10)))
    await club.pull()
    club.drop("kurse.csv", *courses(*range(5)))
    for _ in range(3):
        report = await club.pull()
        assert (len(report.held), report.withdrawn) == (5, 0)
    assert "bis der Betrieb es bestätigt" in answer_of(club.folder, "kurse.csv")[-1]["Grund oder Hinweis"]
    assert (await club.pull(accept_shrinkage=True)).withdrawn == 5


async def test_an_emptied_or_broken_table_withdraws_nothing(club: Club) -> None:
    """No rows, no headings, no bytes, half a workbook: the only event stays."""
    club.drop("kurse.csv", YOGA)
    await club.pull()
    for raw in (delimited(HEADINGS), b"", b"Guten Tag", workbook(HEADINGS, YOGA)[:2000]):
        drop(club.folder, "kurse.csv", raw)
        assert [(await club.pull()).withdrawn for _ in range(3)] == [0, 0, 0]


async def test_while_a_row_is_refused_nothing_of_its_file_counts_as_deleted(club: Club) -> None:
    """The broken row may be the missing one; repaired, it goes through, and what is really gone is withdrawn."""
    club.drop("kurse.csv", *courses(*range(10)))
    await club.pull()
    broken = ("", "Kurs 8", *YOGA[2:])
    club.drop("kurse.csv", *courses(*range(8)), broken)
    reports = [await club.pull() for _ in range(3)]
    assert [(len(each.absent), each.withdrawn, len(each.refused)) for each in reports] == [(0, 0, 1)] * 3
    assert len(club.parts.burials.letters) == 1
    assert (
        "gilt keine Veranstaltung dieser Datei als gelöscht"
        in answer_of(club.folder, "kurse.csv")[0]["Grund oder Hinweis"]
    )
    club.drop("kurse.csv", *courses(*range(9)))
    assert [(await club.pull()).withdrawn for _ in range(2)] == [0, 1]


async def test_the_answer_says_row_by_row_what_happened(club: Club) -> None:
    """Taken, left out in part, refused with its cell and reason, passed over: in German, in the order of the rows."""
    club.drop(
        "kurse.csv", YOGA, ("K-3", "Tanz", "31.02.2027", *YOGA[3:]), (*JUDO[:6], "viele", "frei"), ("Summe",), YOGA
    )
    await club.pull()
    rows = [row for row in answer_of(club.folder, "kurse.csv") if row["Zeile"]]
    assert [(row["Zeile"], row["Ergebnis"]) for row in rows] == [
        ("2", "übernommen"), ("3", "abgelehnt"), ("4", "übernommen, ohne diese Angabe"), ("5", "übergangen"),
        ("6", "übergangen"),
    ]  # fmt: skip
    assert (rows[1]["Spalte"], rows[1]["dort steht"]) == ("Datum", "31.02.2027")
    assert rows[1]["Grund oder Hinweis"].startswith("erwartet: ein Tag, den es im Kalender gibt")
    assert (rows[2]["Spalte"], rows[2]["dort steht"]) == ("Plätze", "viele")
    first = answer_of(club.folder, "kurse.csv")[0]
    assert first["Grund oder Hinweis"].startswith("2 Zeilen übernommen, 1 abgelehnt, 2 übergangen")


@pytest.mark.parametrize("text", FORMULAS)
async def test_no_cell_of_an_answer_is_a_formula(club: Club, text: str) -> None:
    """Whatever identifier, heading or cell is shown again, a spreadsheet runs nothing of it."""
    rows = [(*HEADINGS, text), (text, *YOGA[1:], "x"), (f"{text}2", "T", text, *YOGA[3:], text)]
    drop(club.folder, "kurse.csv", delimited(*rows))
    await club.pull()
    told = answer_of(club.folder, "kurse.csv")
    cells = [cell for row in told for cell in row.values()]
    assert f"'{text.strip()}" in cells
    assert not any(cell.lstrip(" ").startswith(("=", "+", "-", "@", "\t", "\r", FORMULAS[-1][0])) for cell in cells)


async def test_an_answer_that_says_the_same_is_not_written_again(club: Club) -> None:
    """Somebody may have it open; and it is no table itself."""
    club.drop("kurse.csv", YOGA)
    await club.pull()
    before = (club.folder / "kurse.csv.antwort.csv").stat()
    report = await club.pull()
    assert report.read == 1
    assert (club.folder / "kurse.csv.antwort.csv").stat() == before
    assert {path.name for path in club.folder.iterdir()} == {"kurse.csv", "kurse.csv.antwort.csv"}


async def test_the_same_table_twice(club: Club) -> None:
    """A copy under another name tells nothing; each row of its answer says that another file has the identifier."""
    club.drop("kurse.csv", YOGA, ("K-1", YOGA[1], "08.02.2027", *YOGA[3:]), JUDO, age=60)
    await club.pull()
    club.drop("kurse - Kopie.csv", YOGA, ("K-1", YOGA[1], "08.02.2027", *YOGA[3:]), JUDO)
    report = await club.pull()
    assert (report.new, report.changed, report.unchanged, len(report.refused)) == (0, 0, 2, 2)
    copy = club.results("kurse - Kopie.csv")
    assert [copy[number, uid] for number, uid in (("2", "K-1"), ("3", "K-1"), ("4", "K-2"))] == ["abgelehnt"] * 3
    assert club.results()["2", "K-1"] == "übernommen"


async def test_a_file_that_moves_to_another_name_or_form(club: Club) -> None:
    """Renamed, or saved as a workbook: the same events, not a new one."""
    club.drop("kurse.csv", YOGA, JUDO)
    await club.pull()
    (club.folder / "kurse.csv").unlink()
    drop(club.folder, "Kurse 2027.xlsx", workbook(HEADINGS, YOGA, JUDO))
    report = await club.pull()
    assert (report.new, report.changed, report.unchanged, len(report.absent)) == (0, 0, 2, 0)


async def test_a_file_that_is_still_written_waits(tmp_path: Path) -> None:
    """What grew, came or went while it was watched is not read; at rest it is, and is not waited for again."""
    tables = Tables(tmp_path, rest=0.2)
    whole = delimited(HEADINGS, YOGA, JUDO)
    drop(tmp_path, "kurse.csv", whole[:100], age=9)
    reading = asyncio.create_task(tables.read(None))
    await asyncio.sleep(0.05)
    drop(tmp_path, "kurse.csv", whole, age=9)
    drop(tmp_path, "neu.csv", whole, age=9)
    first = await reading
    assert (first.items, sorted(first.unreadable), first.complete) == ((), ["kurse.csv", "neu.csv"], True)
    second = await tables.read(first.cursor)
    assert [item.source_id for item in second.items] == ["kurse.csv", "neu.csv"]
    third = await Tables(tmp_path, rest=3600).read(second.cursor)
    assert third.items == second.items


async def test_other_files_and_a_missing_folder(club: Club, tmp_path: Path) -> None:
    """Hidden files, links, folders and other kinds are passed over; without the folder nothing is concluded."""
    club.drop("KURSE.CSV", YOGA)
    for name in ("~$kurse.xlsx", ".kurse.csv", "brief.pdf"):
        drop(club.folder, name, b"x")
    (club.folder / "ordner.csv").mkdir()
    (club.folder / "link.csv").symlink_to("/etc/passwd")
    report = await club.pull()
    assert (report.read, report.new, len(report.refused)) == (1, 1, 0)
    with pytest.raises(FileNotFoundError, match="make it"):
        await Tables(tmp_path / "nicht-da", rest=0).read(None)


async def test_a_folder_that_takes_no_answer_fails_the_run(club: Club, monkeypatch: pytest.MonkeyPatch) -> None:
    """The events are told; the run says that the answer could not be, and the next one tries again."""
    club.drop("kurse.csv", YOGA)

    def full(*_: object) -> None:
        raise OSError("expected to use the folder, came: no room")

    monkeypatch.setattr("flows.connectors.spreadsheet.client.put", full)
    with pytest.raises(OSError, match="no room"):
        await club.pull()
    monkeypatch.undo()
    await club.pull()
    assert club.results()["2", "K-1"] == "übernommen"
    assert club.parts.inbox.told() == [("verein:K-1", 1, "published")]


async def test_answers_in_english(tmp_path: Path, hub_settings: Settings) -> None:
    """Where the agreement's language is another, the answer is in English."""
    club = Club(tmp_path / "club", hub_settings)
    club.told = agreement(str(tmp_path / "club"), language="en")
    club.drop("courses.csv", YOGA)
    await club.pull()
    rows = answer_of(club.folder, "courses.csv")
    assert [row["Result"] for row in rows] == ["Summary", "taken"]


def test_both_languages_have_the_same_gaps() -> None:
    """Each sentence of an answer is told in English and German."""
    for name in said.ids():
        gaps = dict.fromkeys(("taken", "refused", "passed", "columns", "place", "why", "reason"), "7")
        told = said(name, **gaps)
        assert told.en != told.de
        assert told.en.count("7") == told.de.count("7")


def test_names_of_answers() -> None:
    """However long a name is, that of its answer fits."""
    assert answer_name("kurse.csv") == "kurse.csv.antwort.csv"
    assert len(answer_name("ü" * 127 + ".csv").encode()) <= 255


def test_an_agreement_without_a_folder(hub_settings: Settings) -> None:
    """Opens nothing."""
    told = agreement()
    assert told.connector is not None
    bare = told.model_copy(update={"connector": told.connector.model_copy(update={"settings": {}})})
    with pytest.raises(SettingsWrongError, match=r"connector\.settings"):
        MANIFEST.open("pull", bare, hub_settings)


@pytest.mark.parametrize("name", [".kurse.csv.antwort.csv.part", "kurse.csv.antwort.csv"])
async def test_a_link_in_the_place_of_an_answer_leads_nowhere(club: Club, tmp_path: Path, name: str) -> None:
    """The partner writes the folder too: what its link names is neither written nor taken for the answer."""
    ours = tmp_path / "ours"
    ours.write_text("unser")
    (club.folder / name).symlink_to(ours)
    club.drop("kurse.csv", YOGA)
    await club.pull()
    assert ours.read_text() == "unser"
    assert not (club.folder / "kurse.csv.antwort.csv").is_symlink()
    assert club.results()["2", "K-1"] == "übernommen"
    assert {path.name for path in club.folder.iterdir()} == {"kurse.csv", "kurse.csv.antwort.csv"}


async def test_a_link_to_the_same_answer_is_replaced(club: Club, tmp_path: Path) -> None:
    """A link is never read, so it is no answer even where it leads to one."""
    club.drop("kurse.csv", YOGA)
    await club.pull()
    path = club.folder / "kurse.csv.antwort.csv"
    path.rename(tmp_path / "moved.csv")
    path.symlink_to(tmp_path / "moved.csv")
    await club.pull()
    assert not path.is_symlink()


@pytest.mark.parametrize("name", [".kurse.csv.antwort.csv.part", "kurse.csv.antwort.csv"])
async def test_a_pipe_in_the_place_of_an_answer_keeps_nobody(club: Club, name: str) -> None:
    """Nobody writes into it, or reads from it: the run goes on, and the answer takes its place."""
    os.mkfifo(club.folder / name)
    club.drop("kurse.csv", YOGA)
    with _woken(club.folder / name):
        await club.pull()
    assert (club.folder / "kurse.csv.antwort.csv").is_file()
    assert club.results()["2", "K-1"] == "übernommen"


@contextmanager
def _woken(pipe: Path) -> Iterator[None]:
    """Open a pipe from its other side after a while, so that who waits for it fails instead of hanging."""
    woken: list[str] = []

    def wake() -> None:
        woken.append(pipe.name)
        os.close(os.open(pipe, os.O_RDWR | os.O_NONBLOCK))

    timer = threading.Timer(20, wake)
    timer.start()
    yield
    timer.cancel()
    assert woken == []
