"""One file to drafts; pure. A file of any name is read as what it is: a workbook, or text."""

from collections.abc import Sequence
from datetime import UTC, datetime

from contracts.admission import admit
from contracts.refusal import Refusal
from flows.connectors.connector import Draft, Item, Refused
from flows.connectors.spreadsheet import delimited, workbook
from flows.connectors.spreadsheet.columns import EVENTS
from flows.connectors.spreadsheet.events import fact
from flows.connectors.spreadsheet.groups import Group, grouped
from flows.connectors.spreadsheet.header import header_of
from flows.connectors.spreadsheet.lines import Found, Line, Page
from flows.connectors.spreadsheet.records import records_of
from flows.connectors.spreadsheet.sheet import Sheet, TableUnreadableError
from flows.connectors.spreadsheet.spans import WrongCellError
from flows.connectors.spreadsheet.terms import Terms
from flows.icalendar.identity import object_id
from flows.icalendar.lines import MAX_BYTES
from flows.known import Change, Known
from flows.outgoing import allocate
from flows.wording import expected

_ARCHIVES = (b"PK", b"\xd0\xcf\x11\xe0")
_WORKBOOKS = (".xlsx", ".xlsm", ".xls", ".ods")
"""Names of workbooks: what is none inside is refused as one, such as a web page that was saved under this name."""


def read(item: Item, terms: Terms, now: datetime) -> Found:
    """Read a file: any number of events, its broken rows refused by sheet, row and field."""
    found = Found()
    try:
        sheets = _sheets(item, terms)
    except TableUnreadableError as error:
        found.refused.append(Refused(item.source_id, error.place, error.reason))
        return found
    for sheet in sheets:
        _take_sheet(found, sheet, item, terms)
    for uid, rows in grouped(found, item.source_id, terms).items():
        _tell(found, uid, rows, (item.source_id, terms, now))
    return found


def _sheets(item: Item, terms: Terms) -> list[Sheet]:
    settings = terms.settings
    if len(item.raw) > MAX_BYTES:
        raise TableUnreadableError("file", expected("file-size", most=MAX_BYTES, size=len(item.raw)))
    if item.raw.startswith(_ARCHIVES) or item.source_id.lower().endswith(_WORKBOOKS):
        sheets = workbook.sheets_of(item.raw, settings.sheets)
    else:
        sheets = [delimited.sheet_of(item.raw, terms.first_day, EVENTS, settings.columns)]
    filled = [sheet for sheet in sheets if any(row.filled for row in sheet.rows)]
    if not filled:
        raise TableUnreadableError("file", expected("header-there"))
    return filled


def _take_sheet(found: Found, sheet: Sheet, item: Item, terms: Terms) -> None:
    try:
        header = header_of(sheet, EVENTS, terms.settings.columns)
    except TableUnreadableError as error:
        found.refused.append(Refused(item.source_id, error.place, error.reason))
        return
    records = records_of(sheet, header, EVENTS)
    found.pages.append(Page(sheet, header, dict(records.passed)))
    found.lines += [Line(record) for record in records.told]


def _tell(found: Found, uid: str, rows: Sequence[Group], how: tuple[str, Terms, datetime]) -> None:
    """Make the fact of one identifier, and let it pass the hub's own door before anybody reads that it was taken."""
    (source_id, terms, now), line = how, rows[0].line
    try:
        made, details = fact([row.dated for row in rows], object_id(terms.agreement.id, uid), terms)
    except WrongCellError as error:
        for row in rows:
            found.refuse(source_id, row.line, error.name, error.reason)
        return
    known = Known(made.subject, source_id, "", 0)
    message = allocate(Change("new", made, known), f"{now.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}")
    judged = admit(message.message(terms.agreement.id), terms.agreement)
    if isinstance(judged, Refusal):
        for row in rows:
            found.refuse(source_id, row.line, "", judged.expected)
        return
    line.notes += details.notes
    flags = tuple(dict.fromkeys(flag for row in rows for flag in row.line.flags))
    found.drafts.append(Draft(made, source_id, flags, place=line.record.place))
