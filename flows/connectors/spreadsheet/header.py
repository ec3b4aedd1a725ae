"""Where a table begins, and which column is which: found by its headings, not by its place."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import chain

from contracts.wording import Wording
from flows.connectors.spreadsheet.columns import Kind, heading, headings
from flows.connectors.spreadsheet.sheet import Row, Sheet, TableUnreadableError
from flows.wording import expected

_LOOKED_AT = 40
"""Rows in which a heading may stand: a letterhead and a few lines of explanation are often above it."""


@dataclass(frozen=True, slots=True)
class Header:
    """The row of headings. ``columns``: the place of each field; the others are about humans, or strange."""

    place: int  # among the sheet's rows
    row: Row
    columns: Mapping[str, int]
    personal: tuple[str, ...]
    strange: tuple[str, ...]


def header_of(sheet: Sheet, kind: Kind, own: Mapping[str, str]) -> Header:
    """Find the headings of a sheet: the row that names the most fields, the first of equals.

    Args:
        sheet: the sheet.
        kind: what its rows are.
        own: headings by field, as the agreement says.

    Raises:
        TableUnreadableError: no row names what the rows need, or not each column that the agreement names.
    """
    looked = sheet.rows[:_LOOKED_AT]
    found = [fields_of(looked, place, kind, own) for place in range(len(looked))]
    place = max(range(len(found)), key=lambda each: len(found[each]), default=0)
    columns = found[place] if found else {}
    lacking = [group[0] for group in kind.needed if not any(name in columns for name in group)]
    if len(lacking) == len(kind.needed):
        raise TableUnreadableError(f"sheet {sheet.number}", headless(kind))
    lacking += [name for name in own if name not in columns]
    if lacking:
        known = chain.from_iterable([own[name]] if name in own else kind.columns()[name][:1] for name in lacking)
        reason = expected("columns-there", options=", ".join(f"„{each}“" for each in known))
        raise TableUnreadableError(sheet.place(looked[place].number), reason)
    return _header(looked[place], place, columns, kind)


def headless(kind: Kind) -> Wording:
    """Say which headings a table of these rows needs."""
    return expected("header-of-requests" if kind.personal else "header-there")


def _header(row: Row, place: int, columns: Mapping[str, int], kind: Kind) -> Header:
    others = [str(row.cell(column)) for column in row.filled if column not in columns.values()]
    about = tuple(each for each in others if kind.unread() & {*headings(each)})
    return Header(place, row, columns, about, tuple(each for each in others if each not in about))


def fields_of(rows: Sequence[Row], place: int, kind: Kind, own: Mapping[str, str]) -> dict[str, int]:
    """Return which field each column of a row would be, were it the row of headings.

    Of a heading over two rows both count: ``Ort`` above ``Straße``, or the upper one alone where the lower is empty.
    What the agreement calls a field comes first, then what can be one field alone, then the rest in their order.
    """
    row, above = rows[place], rows[place - 1] if place else Row(0, ())
    options = {column: _options(row, above, column, kind, own) for column in _width(row, above)}
    settled: dict[str, int] = {}
    for column in sorted(options, key=lambda each: (len(options[each]), each)):
        for name in options[column]:
            if name not in settled:
                settled[name] = column
                break
    return settled


def _width(row: Row, above: Row) -> range:
    return range(max((*row.filled, *above.filled), default=-1) + 1) if row.filled else range(0)


def _options(row: Row, above: Row, column: int, kind: Kind, own: Mapping[str, str]) -> tuple[str, ...]:
    text, over = row.cell(column), above.cell(column)
    if text is not None and not isinstance(text, str):
        return ()
    if text is None:
        return _fields(over, kind, own) if isinstance(over, str) else ()
    upper = next((above.cell(each) for each in range(column, -1, -1) if above.cell(each) is not None), None)
    both = _fields(f"{upper} {text}", kind, own) if isinstance(upper, str) else ()
    return both or _fields(text, kind, own)


def _fields(text: str, kind: Kind, own: Mapping[str, str]) -> tuple[str, ...]:
    """Return which fields a heading may mean: the agreement's word first, all of it before what is left in brackets."""
    for told in headings(text):
        agreed = tuple(name for name, headed in own.items() if heading(headed) == told)
        usual = tuple(name for name, known in kind.columns().items() if told in known and name not in own)
        if agreed or told in kind.unread() or usual:
            return agreed or (() if told in kind.unread() else usual)
    return ()
