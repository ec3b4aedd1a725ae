import csv
import io
import json
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from services.operations.spreadsheets import csv_line
from services.operations.tables import Output, show
from services.runtime.cells import harmless

DANGEROUS = ["=1+1", "+1", "-1", "@SUM(1)", "\t=1", "\r=1", "\n=1", "  =cmd|' /C calc'!A0", "＝1", "＠x"]  # noqa: RUF001


@given(st.lists(st.text(alphabet=st.characters(exclude_categories=["Cs"], exclude_characters="\0")), min_size=1))
@example(DANGEROUS)
def test_no_cell_begins_as_a_formula(texts: list[str]) -> None:
    """Whatever a text is: read back it is the same, or has an apostrophe before what a spreadsheet would run."""
    (cells,) = csv.reader(io.StringIO(csv_line(texts), newline=""))
    assert [cell.lstrip(" ")[:1] for cell in cells if cell.lstrip(" ")[:1] in set("=+-@\t\r\n＝＋－＠")] == []  # noqa: RUF001
    assert [cell if cell == text else cell[1:] for cell, text in zip(cells, texts, strict=True)] == texts


@pytest.mark.parametrize("text", DANGEROUS)
def test_what_a_spreadsheet_runs_is_made_text(text: str) -> None:
    """The beginnings that OWASP lists, behind blanks and in wide letters, too."""
    assert harmless(text) == f"'{text}"
    assert harmless(f"Kurs {text}") == f"Kurs {text}"


def test_numbers_stay_numbers() -> None:
    """A number is no text: a negative one is not made harmless, and a time has its zone."""
    cells = [-1.5, True, None, datetime(2027, 1, 1, tzinfo=UTC), ["=1"], {"a": "Ä"}]
    line = csv_line(cells)
    assert line == '-1.5,"true","","2027-01-01T00:00:00+00:00","[""=1""]","{""a"": ""Ä""}"\n'


def test_a_listing_as_csv_has_a_header_and_all_its_cells(capsys: pytest.CaptureFixture[str]) -> None:
    """The columns of the table first, then what JSON has beside them; without rows the header stays."""
    rows = [{"a": "=1", "b": timedelta(minutes=2), "more": "x"}, {"a": "y"}]
    show(rows, ["b", "a"], Output.CSV, empty="nothing")
    told = list(csv.DictReader(io.StringIO(capsys.readouterr().out)))
    assert told == [{"b": "120.0", "a": "'=1", "more": "x"}, {"b": "", "a": "y", "more": ""}]
    show([], ["b", "a"], Output.CSV, empty="nothing")
    assert capsys.readouterr().out == '"b","a"\n'
    show(rows, ["a"], Output.JSON, empty="nothing")
    assert json.loads(capsys.readouterr().out)[0]["b"] == 120
