"""The sheets of a file and their rows; pure. A file of any name is read as what it is: a workbook, or text."""

from flows.connector import Item, Refused
from flows.connectors.spreadsheet import delimited, workbook
from flows.connectors.spreadsheet.columns import Kind
from flows.connectors.spreadsheet.header import header_of, headless
from flows.connectors.spreadsheet.lines import Found, Line, Page
from flows.connectors.spreadsheet.records import records_of
from flows.connectors.spreadsheet.sheet import Sheet, TableUnreadableError
from flows.connectors.spreadsheet.terms import Terms
from flows.icalendar.lines import MAX_BYTES
from flows.wording import expected

_ARCHIVES = (b"PK", b"\xd0\xcf\x11\xe0")
WORKBOOKS = (".xlsx", ".xlsm", ".xls", ".ods")
"""Names of workbooks: what is none inside is refused as one, such as a web page that was saved under this name."""


def take(found: Found, item: Item, terms: Terms, kind: Kind) -> None:
    """Read the rows of one kind; a file or sheet that is no table of them is refused as a whole."""
    try:
        sheets = _sheets(item, terms, kind)
    except TableUnreadableError as error:
        found.refused.append(Refused(item.source_id, error.place, error.reason))
        return
    for sheet in sheets:
        _take_sheet(found, sheet, item, terms, kind)


def _sheets(item: Item, terms: Terms, kind: Kind) -> list[Sheet]:
    settings = terms.settings
    if len(item.raw) > MAX_BYTES:
        raise TableUnreadableError("file", expected("file-size", most=MAX_BYTES, size=len(item.raw)))
    if item.raw.startswith(_ARCHIVES) or item.source_id.lower().endswith(WORKBOOKS):
        sheets = workbook.sheets_of(item.raw, settings.sheets)
    else:
        sheets = [delimited.sheet_of(item.raw, terms.first_day, kind, terms.own(kind))]
    filled = [sheet for sheet in sheets if any(row.filled for row in sheet.rows)]
    if not filled:
        raise TableUnreadableError("file", headless(kind))
    return filled


def _take_sheet(found: Found, sheet: Sheet, item: Item, terms: Terms, kind: Kind) -> None:
    try:
        header = header_of(sheet, kind, terms.own(kind))
    except TableUnreadableError as error:
        found.refused.append(Refused(item.source_id, error.place, error.reason))
        return
    records = records_of(sheet, header, kind)
    found.pages.append(Page(sheet, header, dict(records.passed)))
    found.lines += [Line(record) for record in records.told]
