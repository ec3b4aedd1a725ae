"""The rows below the headings: what each says by field, and which say nothing."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from flows.connectors.spreadsheet.columns import Kind, heading
from flows.connectors.spreadsheet.header import Header
from flows.connectors.spreadsheet.sheet import Row, Sheet, Value

_SUM = re.compile(r"^(gesamt|insgesamt|summe|gesamtsumme|zwischensumme|total|anzahl|sum)( |$)")


_USUAL = frozenset("äöüÄÖÜßéèêàáçñÉ€§°\u2013\u2014\u2018\u2019\u201a\u201c\u201d\u201e\u2026\xa0")


@dataclass(frozen=True, slots=True)
class Record:
    """One row by field; a field whose cell is empty is not there. ``torn``: more cells than the headings have."""

    sheet: Sheet
    row: Row
    cells: Mapping[str, Value]
    torn: bool = False
    garbled: bool = False  # its text was put into UTF-8 twice

    @property
    def place(self) -> str:
        """Where it stands."""
        return self.sheet.place(self.row.number)

    def text(self, name: str) -> str:
        """Return a field as text; a whole number without its ``.0``."""
        value = self.cells.get(name)
        whole = isinstance(value, float) and value.is_integer()
        return "" if value is None else str(int(value) if whole and isinstance(value, float) else value)


@dataclass(frozen=True, slots=True)
class Records:
    """A sheet's rows. ``passed``: the numbers of rows that say nothing, and which sentence of the answer says why."""

    told: tuple[Record, ...]
    passed: Mapping[int, str] = field(default_factory=dict)


def records_of(sheet: Sheet, header: Header, kind: Kind) -> Records:
    """Read the rows of a table; those before its headings, sums, headings in between and notes are passed over."""
    told: list[Record] = []
    passed: dict[int, str] = {}
    for row in sheet.rows[header.place + 1 :]:
        if not row.filled:
            continue
        record = _record(sheet, header, row)
        why = _nothing(record, header, kind)
        if why:
            passed[row.number] = why
        else:
            told.append(record)
    return Records(tuple(told), passed)


def _record(sheet: Sheet, header: Header, row: Row) -> Record:
    found = ((name, row.cell(column)) for name, column in header.columns.items())
    cells = {name: value for name, value in found if value is not None}
    torn = sheet.ragged and any(column >= len(header.row.cells) for column in row.filled)
    return Record(sheet, row, cells, torn, any(_twice_encoded(text) for text in _texts(row)))


def _nothing(record: Record, header: Header, kind: Kind) -> str:
    """Return why a row says nothing: the id of a sentence of the answer; empty where it says something."""
    row, first = record.row, next(iter(_texts(record.row)), "")
    if all(heading(row.cell(column)) == heading(header.row.cell(column) or "") for column in row.filled):
        return "passed-heading"
    if _SUM.match(heading(first)) and not {"date", "start"} & record.cells.keys():
        return "passed-sum"
    if len(row.filled) == 1:
        return "passed-note"
    needed = {name for group in kind.needed for name in group} | {"id"}
    return "" if needed & record.cells.keys() else kind.empty


def _texts(row: Row) -> Iterator[str]:
    return (value for column in row.filled if isinstance(value := row.cell(column), str))


def _twice_encoded(text: str) -> bool:
    """Whether a text is UTF-8 that somebody took for Windows-1252: ``GrÃ¼n``, and ``Grün`` once it is put right.

    Only what becomes letters and signs of German texts counts: ``Ä€`` would become another letter, and is meant.
    """
    if text.isascii():
        return False
    try:
        mended = text.encode("cp1252").decode("utf-8")
    except UnicodeError:
        return False
    return _USUAL.issuperset(letter for letter in mended if not letter.isascii())
