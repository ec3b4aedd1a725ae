"""Participants' lists: who is in them and how, and that a spreadsheet runs nothing of what somebody wrote as a name."""

import csv
import io
import re
from datetime import UTC, datetime

import openpyxl
from hypothesis import given
from hypothesis import strategies as st
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE

from flows.connectors.cells import written
from flows.connectors.spreadsheet.lists import list_name, workbook
from flows.connectors.spreadsheet.participants import listed, table
from flows.ledger.standings import Standing
from services.runtime.vault import Stored

NOW = datetime(2027, 1, 5, tzinfo=UTC)
RUN = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")  # noqa: RUF001 - the wide forms count too
CELL = st.text(max_size=30) | st.builds(lambda sign, text: sign + text, st.sampled_from(RUN), st.text(max_size=10))


def standing(number: int, status: str) -> Standing:
    """One enrolment, of a human who is called by its number."""
    return Standing(f"verein:{number}", "verein:K-1", f"ref-{number}", status, cause="person")


def person(number: int) -> Stored:
    """What the vault holds of them."""
    return Stored(f"ref-{number}", NOW, f"Name {number}", f"mail{number}@beispiel.example", f"0209 {number}")


@given(rows=st.lists(st.lists(CELL, min_size=3, max_size=3), min_size=1, max_size=5))
def test_no_cell_of_a_workbook_is_run(rows: list[list[str]]) -> None:
    """Each cell is text, by type and by format; what a spreadsheet would run has an apostrophe before it (OWASP)."""
    page = openpyxl.load_workbook(io.BytesIO(workbook(("A", "B", "C"), rows))).active
    for number, row in enumerate(rows, 2):
        for place, text in enumerate(row, 1):
            cell = page.cell(number, place)
            assert (cell.data_type in ("s", "inlineStr"), cell.number_format) == (True, "@")
            assert not str(cell.value or "").lstrip(" ").startswith(RUN)
            assert _letters(str(cell.value or "")) == _letters(text)


def _letters(text: str) -> str:
    """What a workbook keeps of a text: an apostrophe may be before it, line ends and controls may be lost."""
    return re.sub(r"[^\w+=@-]", "", ILLEGAL_CHARACTERS_RE.sub("", text))


@given(rows=st.lists(st.lists(CELL.map(lambda text: text.replace("\0", "")), min_size=3, max_size=3), max_size=5))
def test_no_cell_of_a_csv_is_run(rows: list[list[str]]) -> None:
    """The same as CSV."""
    text = written(("A", "B", "C"), rows).decode("utf-8-sig") if _encodable(rows) else ""
    for row in csv.reader(io.StringIO(text, newline=""), delimiter=";"):
        assert not any(cell.lstrip(" ").startswith(RUN) for cell in row)


def _encodable(rows: list[list[str]]) -> bool:
    return not any("\ud800" <= letter <= "\udfff" for row in rows for cell in row for letter in cell)


@given(
    states=st.lists(
        st.sampled_from(["associated", "queued", "requested", "denied", "cancelled", "finished"]), max_size=12
    )
)
def test_who_is_in_a_list(states: list[str]) -> None:
    """Places, then the queue numbered from one in the order of the requests, then who left; nobody who was denied."""
    rows = [standing(number, state) for number, state in enumerate(states)]
    _, told = table(listed(rows), {each.person_ref: person(int(each.person_ref[4:])) for each in rows}, "de")
    assert sorted({row[0] for row in told}) == sorted(
        {{"associated": "Platz", "finished": "Platz", "queued": "Warteliste", "requested": "angefragt",
          "cancelled": "abgemeldet"}[state] for state in states if state != "denied"}
    )  # fmt: skip
    queue = [number for number, state in enumerate(states) if state == "queued"]
    assert [(row[1], row[2]) for row in told if row[1]] == [(str(n), f"Name {each}") for n, each in enumerate(queue, 1)]
    groups = [("Platz", "Warteliste", "angefragt", "abgemeldet").index(row[0]) for row in told]
    assert groups == sorted(groups)
    assert [row for row in told if row[0] == "abgemeldet" and (row[3] or row[4])] == []


def test_who_was_erased_is_gone_and_the_queue_counts_on() -> None:
    """Of whom the vault holds nothing no row is left; the others' places in the queue stay what they are."""
    rows = [standing(1, "associated"), standing(2, "queued"), standing(3, "queued")]
    headings, told = table(listed(rows), {"ref-3": person(3)}, "de")
    assert headings == ["Stand", "Warteliste", "Name", "E-Mail", "Telefon", "Kennung der Anmeldung"]
    assert told == [["Warteliste", "2", "Name 3", "mail3@beispiel.example", "0209 3", "3"]]


@given(own=st.text(min_size=1, max_size=200), other=st.text(min_size=1, max_size=200))
def test_a_list_has_a_safe_name_of_its_own(own: str, other: str) -> None:
    """Letters, digits and hyphens, short enough for every system; two offerings never share one."""
    names = [list_name(f"verein:{each}", "xlsx") for each in (own, other)]
    assert all(re.fullmatch(r"Teilnehmerliste-[A-Za-z0-9-]{0,61}[0-9a-f]{12}\.xlsx", name) for name in names)
    assert (names[0] == names[1]) == (own == other)
