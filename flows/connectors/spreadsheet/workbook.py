"""XLSX to sheets: the values that were last calculated, dates as dates, merged cells filled downwards."""

import re
import warnings
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import openpyxl
from openpyxl.workbook import Workbook
from openpyxl.worksheet.worksheet import Worksheet

from flows.connectors.spreadsheet.archive import repacked
from flows.connectors.spreadsheet.extent import too_many_cells
from flows.connectors.spreadsheet.sheet import MAX_COLUMNS, MAX_ROWS, Row, Sheet, TableUnreadableError, Value
from flows.wording import expected

_ZEROS = re.compile(r"^0{2,20}$")
"""A number format that shows leading zeros: what people see is a code, no number."""
_ROW = 20
"""As how many cells a row counts at least, so that few columns are no way to very many rows."""


def sheets_of(raw: bytes, wanted: tuple[str, ...] = ()) -> list[Sheet]:
    """Read a workbook.

    Args:
        raw: the file.
        wanted: names of sheets; all that are not hidden where there are none.

    Raises:
        TableUnreadableError: it cannot be read, is too large, or lacks a sheet that is wanted.
    """
    archive = repacked(raw)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of what openpyxl would lose in writing: we only read
            book = openpyxl.load_workbook(archive, data_only=True, keep_links=False)
    except Exception:  # noqa: BLE001 - openpyxl ends in whatever a broken part leads it to
        raise TableUnreadableError("file", expected("workbook-whole")) from None
    missing = [name for name in wanted if name not in book.sheetnames]
    if missing:
        raise TableUnreadableError("file", expected("sheets-there", options=", ".join(missing)))
    return list(_sheets(book, wanted))


def _sheets(book: Workbook, wanted: tuple[str, ...]) -> Iterator[Sheet]:
    left = MAX_ROWS * MAX_COLUMNS
    for number, page in enumerate(book.worksheets, 1):
        if page.title in wanted or (not wanted and page.sheet_state == "visible"):
            last, width = _extent(page, number)
            left -= last * max(width, _ROW)
            if left < 0:
                raise too_many_cells(MAX_ROWS * MAX_COLUMNS)
            yield Sheet(number, page.title, tuple(_rows(page, last, width)), book.epoch.date())


def _extent(page: Worksheet, sheet: int) -> tuple[int, int]:
    """Return the last row and the last column that hold something."""
    held = {place for place, cell in page._cells.items() if cell.value is not None}  # noqa: SLF001 - no other way is quick
    if any(row > MAX_ROWS or column > MAX_COLUMNS for row, column in held):
        raise TableUnreadableError(f"sheet {sheet}", expected("table-size", most=MAX_ROWS, entries=MAX_COLUMNS))
    return max((row for row, _ in held), default=0), max((column for _, column in held), default=0)


def _rows(page: Worksheet, last: int, width: int) -> Iterator[Row]:
    """Read the rows without `iter_rows`, which would make a cell of each place where none is."""
    cells = page._cells | _filled_down(page, last)  # noqa: SLF001 - as above
    for number in range(1, last + 1):
        yield Row(number, tuple(_value(cells.get((number, column))) for column in range(1, width + 1)))


def _filled_down(page: Worksheet, last: int) -> dict[tuple[int, int], Any]:
    """Return which cell speaks for those below it that were merged with it.

    Not for those beside it: a heading across the table would look like a row that is filled.
    """
    return {
        (row, area.min_col): page.cell(area.min_row, area.min_col)
        for area in page.merged_cells.ranges
        for row in range(area.min_row + 1, min(area.max_row, last) + 1)
    }


def _value(cell: Any) -> Value:  # noqa: ANN401 - openpyxl's cells have no common type
    """Return what a cell holds. An error (``#NAME?``) is no value; neither is a formula nobody has calculated."""
    value: Any = getattr(cell, "value", None)
    if value is None or getattr(cell, "data_type", "") == "e":
        return None
    if isinstance(value, timedelta):  # a clock time that is formatted as hours
        return (datetime(2000, 1, 1, tzinfo=UTC) + value).time() if timedelta(0) <= value < timedelta(days=1) else None
    if isinstance(value, bool) or not isinstance(value, int | float):
        return value.replace("_x000D_", "") if isinstance(value, str) else value
    code = str(cell.number_format)
    return f"{int(value):0{len(code)}d}" if _ZEROS.match(code) and value == int(value) else value
