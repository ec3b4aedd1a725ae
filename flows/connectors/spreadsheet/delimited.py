"""CSV as offices make it: any of the usual encodings and separators."""

import csv
import io
import re
from datetime import date

from flows.connectors.spreadsheet.columns import Kind
from flows.connectors.spreadsheet.header import fields_of
from flows.connectors.spreadsheet.sheet import MAX_COLUMNS, MAX_ROWS, Row, Sheet, TableUnreadableError
from flows.encodings import BOMS, UNMARKED
from flows.wording import expected

_SEPARATORS = (";", "\t", ",", "|")
_DECLARED = re.compile(r"^\"?sep=([;,\t|])\"?\r?\n")
"""Excel's own first line, which says the separator; Excel shows it to nobody, and counts it as no row."""
_LOOKED_AT = 40  # rows


def sheet_of(raw: bytes, first_day: date, kind: Kind, own: dict[str, str]) -> Sheet:
    """Read a CSV file.

    Args:
        raw: the file.
        first_day: day 0 of dates that stand there as numbers.
        kind: what its rows are: the separator is the one by which most of its columns are found.
        own: headings by field, as the agreement says.

    Raises:
        TableUnreadableError: in no encoding we know, a quotation mark that is never closed, or too large.
    """
    text = decoded(raw)
    declared = _DECLARED.match(text)
    separators = (declared[1],) if declared else _SEPARATORS
    body = text[declared.end() :] if declared else text

    def known(separator: str) -> int:
        try:
            rows = _rows(body, separator, most=_LOOKED_AT)
        except TableUnreadableError:
            return 0
        return max((len(fields_of(rows, place, kind, own)) for place in range(len(rows))), default=0)

    rows = _rows(body, max(separators, key=known), most=MAX_ROWS)
    return Sheet(1, "", tuple(rows), first_day, ragged=True)


def decoded(raw: bytes) -> str:
    """Return the text of a file: as its mark says, else in UTF-8, else in Windows-1252.

    Raises:
        TableUnreadableError: it is none of these.
    """
    for mark, encoding in BOMS:
        if raw.startswith(mark):
            try:
                return _without_nul(raw[len(mark) :].decode(encoding))
            except UnicodeDecodeError:
                raise TableUnreadableError("file", expected("encoding-as-marked", encoding=encoding)) from None
    for encoding in UNMARKED:
        try:
            return _without_nul(raw.decode(encoding))
        except UnicodeDecodeError:
            continue
    raise TableUnreadableError("file", expected("encoding"))


def _without_nul(text: str) -> str:
    if "\0" in text:
        raise TableUnreadableError("file", expected("encoding"))
    return text


def _rows(text: str, separator: str, *, most: int) -> list[Row]:
    """Read rows. A row over several lines is one, with one number, as spreadsheets show it."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    rows: list[Row] = []
    line = 1
    try:
        for number, cells in enumerate(reader, 1):
            if len(rows) >= most or len(cells) > MAX_COLUMNS:
                if most < MAX_ROWS:
                    break
                raise TableUnreadableError("file", expected("table-size", most=MAX_ROWS, entries=MAX_COLUMNS))
            rows.append(Row(number, tuple(cells)))
            line = reader.line_num + 1
    except csv.Error:
        raise TableUnreadableError(f"file, line {line}", expected("quotes-closed")) from None
    return rows
