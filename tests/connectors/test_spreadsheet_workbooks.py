"""A workbook is an archive of somebody else: limits, no entities, nothing that runs, and values alone."""

import io
import re
import struct
import zipfile
from collections.abc import Mapping
from datetime import time, timedelta

import openpyxl
import pytest
from openpyxl.worksheet.hyperlink import Hyperlink
from openpyxl.worksheet.table import Table

from flows.connectors.spreadsheet.archive import MAX_UNPACKED, repacked
from flows.connectors.spreadsheet.sheet import MAX_COLUMNS, MAX_ROWS, TableUnreadableError
from flows.connectors.spreadsheet.workbook import sheets_of
from tests.connectors.tables import HEADINGS, JUDO, YOGA, events, refusals, saved, workbook

SHEET = "xl/worksheets/sheet1.xml"
PLAIN = workbook(HEADINGS, YOGA)


def changed(raw: bytes, parts: Mapping[str, bytes]) -> bytes:
    """Return a workbook with other or further parts."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(raw)) as before, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as after:
        for name in before.namelist():
            after.writestr(name, parts.get(name, before.read(name)))
        for name in parts.keys() - set(before.namelist()):
            after.writestr(name, parts[name])
    return out.getvalue()


def part(name: str = SHEET) -> bytes:
    """Return one part of the plain workbook."""
    with zipfile.ZipFile(io.BytesIO(PLAIN)) as book:
        return book.read(name)


def test_an_archive_that_swells_is_refused_before_it_does() -> None:
    """25 kB that unpack to 24 MB and more are not unpacked further, and read by nobody."""
    bomb = changed(PLAIN, {SHEET: part() + b" " * MAX_UNPACKED})
    assert len(bomb) < 50_000
    assert "ausgepackt höchstens" in refusals(bomb, "kurse.xlsx")["file"]


def test_a_size_that_the_archive_lies_about_counts_for_nothing() -> None:
    """A part that is said to be small and is large is damaged; the library never sees the large one."""
    raw = changed(PLAIN, {SHEET: part() + b" " * 100_000})
    true, lie = struct.pack("<I", len(part()) + 100_000), struct.pack("<I", 10)
    assert raw.count(true) == 2
    assert "beschädigte" in refusals(raw.replace(true, lie), "kurse.xlsx")["file"]


def test_many_parts_and_only_those_that_hold_cells_go_on() -> None:
    """Macros, links, pictures and whatever else are left behind."""
    others = {"xl/vbaProject.bin": b"MZ", "xl/externalLinks/externalLink1.xml": b"<x/>", "xl/media/1.png": b"png"}
    with zipfile.ZipFile(repacked(changed(PLAIN, others))) as book:
        assert {name for name in book.namelist() if name in others} == set()
        assert SHEET in book.namelist()
    assert events(changed(PLAIN, others), "kurse.xlsm") == events(PLAIN, "kurse.xlsx")
    many = {f"xl/media/{number}.png": b"" for number in range(2_001)}
    assert "ausgepackt" in refusals(changed(PLAIN, many), "kurse.xlsx")["file"]


@pytest.mark.parametrize(
    "doctype",
    [
        b'<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;">]>',
        b'<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]>',
        b'<!DOCTYPE x SYSTEM "http://127.0.0.1/x.dtd">',
    ],
)
def test_entities_are_refused(doctype: bytes) -> None:
    """No part may have a document type: spreadsheets write none."""
    sheet = re.sub(rb"^(<\?xml[^>]*>)?", lambda head: head[0] + doctype, part(), count=1)
    assert "Entitäten" in refusals(changed(PLAIN, {SHEET: sheet}), "kurse.xlsx")["file"]


@pytest.mark.parametrize("cut", [10, 1_000, len(PLAIN) // 2, len(PLAIN) - 30])
def test_a_workbook_that_is_cut_off_or_damaged_is_refused(cut: int) -> None:
    """As one that is still being copied is."""
    assert "beschädigte" in refusals(PLAIN[:cut], "kurse.xlsx")["file"]
    spoilt = PLAIN[:cut] + bytes(200) + PLAIN[cut + 200 :]
    assert set(refusals(spoilt, "kurse.xlsx")) <= {"file"}


def test_a_workbook_that_breaks_the_library_is_refused() -> None:
    """Parts that are XML and no workbook."""
    for name in (SHEET, "xl/workbook.xml", "[Content_Types].xml"):
        assert list(refusals(changed(PLAIN, {name: b"<x/>"}), "kurse.xlsx")) == ["file"], name


def test_a_stray_entry_in_the_last_cell_is_refused() -> None:
    """Its empty neighbours would be seventeen thousand million cells."""
    book = openpyxl.Workbook()
    for cells in (HEADINGS, YOGA):
        book.active.append(cells)
    book.active["XFD1048576"] = "x"
    assert "höchstens 20000 Zeilen" in refusals(saved(book), "kurse.xlsx")["sheet 1"]


def inserted(cells: bytes = b"", after: bytes = b"") -> bytes:
    """Return the plain workbook with more rows in its sheet, and with more behind them."""
    sheet = part().replace(b"</sheetData>", cells + b"</sheetData>" + after)
    return changed(PLAIN, {SHEET: sheet})


def merged(*refs: str) -> bytes:
    """Return the part of a sheet that says which cells are merged."""
    return b"<mergeCells>" + b"".join(f'<mergeCell ref="{ref}"/>'.encode() for ref in refs) + b"</mergeCells>"


def linked(ref: str) -> bytes:
    """Return the part of a sheet that says which cells lead elsewhere, behind one that is left out."""
    return f'<hyperlinks></hyperlinks><hyperlinks><hyperlink ref="{ref}" location="A1"/></hyperlinks>'.encode()


RULED = '<dataValidations><dataValidation sqref="{0}" type="whole"/></dataValidations>'
BOMBS = {
    "merged": inserted(after=merged("A1:XFD1048576")),
    "merged, each small": inserted(after=merged(*(f"A{row}:J{row}" for row in range(10, 40_011)))),
    "merged, of another name space": inserted(
        after=merged("A1:XFD99999").replace(b"<mergeCell ", b'<mergeCell xmlns="" ')
    ),
    "merged, in a form nobody knows": inserted(after=merged("all")),
    "merged, without saying which": inserted(after=b"<mergeCells><mergeCell/></mergeCells>"),
    "merged, some the wrong way": inserted(after=merged("XFD1048576:A1", "A1:T20000")),
    "linked": inserted(after=linked("A1:XFD1048576")),
    "linked, whole columns": inserted(after=linked("A:XFD")),
    "cells": inserted(b'<row r="3">' + b"<c/>" * 400_001 + b"</row>"),
    "cells by another name": inserted(b'<row r="3">' + b"<v/>" * 400_001 + b"</row>"),
    "areas of a rule": inserted(after=RULED.format("A1 " * 400_001).encode()),
}


@pytest.mark.parametrize("bomb", BOMBS)
def test_what_would_become_too_many_cells_is_refused_unread(bomb: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A small file may ask for all cells of a sheet; the library that would make them never sees it."""
    monkeypatch.setattr(openpyxl, "load_workbook", lambda *_, **__: pytest.fail("it was handed on"))
    assert len(BOMBS[bomb]) < 400_000
    assert "höchstens 400000 Zellen" in refusals(BOMBS[bomb], "kurse.xlsx")["file"]


@pytest.mark.parametrize("name", ["xl/styles.xml", "xl/sharedStrings.xml"])
def test_too_many_elements_of_any_part_are_refused_unread(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Formats and texts become objects as cells do."""
    monkeypatch.setattr(openpyxl, "load_workbook", lambda *_, **__: pytest.fail("it was handed on"))
    monkeypatch.setattr("flows.connectors.spreadsheet.extent.MAX_ELEMENTS", 10_000)
    raw = changed(PLAIN, {name: b"<x>" + b"<r/>" * 10_000 + b"</x>"})
    assert "Texte und Formate" in refusals(raw, "kurse.xlsx")["file"]


def test_cells_of_all_sheets_count_together(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two that are taken alone are too many together."""
    monkeypatch.setattr("flows.connectors.spreadsheet.extent.MAX_CELLS", 1_000)
    half = b'<row r="3">' + b"<c/>" * 500 + b"</row></sheetData>"
    sheet = part().replace(b"</sheetData>", half)
    assert repacked(changed(PLAIN, {SHEET: sheet}))
    both = changed(PLAIN, {SHEET: sheet, SHEET.replace("1", "2"): sheet})
    with pytest.raises(TableUnreadableError, match="1000 cells"):
        repacked(both)


def test_few_entries_far_apart_become_no_cells_between() -> None:
    """The last cell that is taken has four million before it: they are empty, and no objects."""
    book = openpyxl.Workbook()
    for sheet in (book.active, book.create_sheet()):
        sheet.cell(MAX_ROWS, MAX_COLUMNS, "x")
    (alone,) = sheets_of(saved(book), ("Sheet",))
    assert (len(alone.rows), alone.rows[-1].filled) == (MAX_ROWS, (MAX_COLUMNS - 1,))
    assert "höchstens 4000000 Zellen" in refusals(saved(book), "kurse.xlsx")["file"]


def test_many_sheets_of_one_far_entry_are_refused() -> None:
    """However few columns, rows add up."""
    book = openpyxl.Workbook()
    for sheet in (book.active, *(book.create_sheet() for _ in range(10))):
        sheet.cell(MAX_ROWS, 1, "x")
    assert "höchstens 4000000 Zellen" in refusals(saved(book), "kurse.xlsx")["file"]


def test_a_merged_heading_and_links_still_read() -> None:
    """A title across the table, a day that speaks for two rows, and a link in a cell are as people make them."""
    book = openpyxl.Workbook()
    page = book.active
    page.append(["Unser Programm"])
    for cells in (HEADINGS, YOGA, JUDO):
        page.append(cells)
    page.merge_cells("A1:H1")
    page.merge_cells("F3:F4")
    page["B3"].hyperlink = Hyperlink(ref="B3", location="Sheet!A1")
    first, second = events(saved(book), "kurse.xlsx")
    assert (first.texts[0].title, second.texts[0].title) == (YOGA[1], JUDO[1])
    assert {each.place.name for each in (first, second) if each.place} == {YOGA[5]}


def test_links_and_tables_are_as_if_they_were_not_there() -> None:
    """A mail address in a cell becomes a link by itself, and rows are often made a table: their parts stay behind."""
    book = openpyxl.Workbook()
    page = book.active
    for cells in (HEADINGS, YOGA, JUDO):
        page.append(cells)
    page.add_table(Table(displayName="Kurse", ref="A1:H3"))
    page["B2"].hyperlink = "mailto:kurse@verein.example"
    assert events(saved(book), "kurse.xlsx") == events(workbook(HEADINGS, YOGA, JUDO), "kurse.xlsx")


def test_what_is_checked_is_what_goes_on() -> None:
    """Leaving out a part lets nothing out of a comment that was not looked at."""
    hidden = b"<hyperlinks><!--</hyperlinks><row>" + b"<c/>" * 400_001 + b"</row>--></hyperlinks>"
    assert "400000 Zellen" in refusals(inserted(after=hidden), "kurse.xlsx")["file"]


def test_of_a_formula_only_its_last_value_counts() -> None:
    """Nothing is calculated; a formula that nobody has calculated is an empty cell, an error is one too."""
    cells = (
        b'<row r="3"><c r="A3" t="str"><f>1+1</f><v>K-2</v></c><c r="B3" t="str"><f>"Ju"</f><v>Judo</v></c>'
        b'<c r="C3"><f>TODAY()</f><v>46419</v></c><c r="D3" t="e"><f>1/0</f><v>#DIV/0!</v></c>'
        b'<c r="G3"><f>SUM(G2)</f></c></row></sheetData>'
    )
    raw = changed(PLAIN, {SHEET: part().replace(b"</sheetData>", cells)})
    _, event = events(raw, "kurse.xlsx")
    assert (event.event_id, event.texts[0].title) == ("verein:K-2", "Judo")
    assert (f"{event.sessions[0].start.local:%Y-%m-%d}", event.sessions[0].all_day) == ("2027-02-01", True)
    assert event.capacity is None


def test_clock_times_that_are_formatted_as_hours() -> None:
    """``[h]:mm`` makes a length of a time; it is meant as a time."""
    book = openpyxl.Workbook()
    book.active.append(["Beginn", timedelta(hours=18, minutes=30)])
    (sheet,) = sheets_of(saved(book))
    assert sheet.rows[0].cells[1] == time(18, 30)


def test_a_year_of_courses_is_far_below_the_limits() -> None:
    """Two thousand rows are taken."""
    raw = workbook(HEADINGS, *([*YOGA] for _ in range(2_000)))
    assert len(repacked(raw).getvalue()) < MAX_UNPACKED / 5
