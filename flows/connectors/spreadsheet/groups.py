"""The rows of a file by identifier: those of one are dates of one event. A row that cannot be one is refused."""

from dataclasses import dataclass

from contracts.text import words
from flows.connectors.spreadsheet.columns import EVENTS
from flows.connectors.spreadsheet.events import Dated, dated, title_of
from flows.connectors.spreadsheet.lines import Found, Line
from flows.connectors.spreadsheet.records import Record
from flows.connectors.spreadsheet.sheet import CellUnreadableError
from flows.connectors.spreadsheet.spans import WrongCellError
from flows.connectors.spreadsheet.terms import Terms
from flows.connectors.spreadsheet.values import yes_or_no
from flows.wording import expected


@dataclass(frozen=True, slots=True)
class Group:
    """One row among those of its identifier."""

    line: Line
    dated: Dated


def grouped(found: Found, source_id: str, terms: Terms) -> dict[str, list[Group]]:
    """Sort a file's rows; what is refused goes to ``found``, and so does each row's identifier."""
    groups: dict[str, list[Group]] = {}
    for line in found.lines:
        try:
            _take(groups, line, found, terms)
        except WrongCellError as error:
            found.refuse(source_id, line, error.name, error.reason, not_public=isinstance(error, _NotPublicError))
    return groups


class _NotPublicError(WrongCellError):
    """The row says that it is not to be published."""


def _take(groups: dict[str, list[Group]], line: Line, found: Found, terms: Terms) -> None:
    record = line.record
    _check(record)
    row = dated(record, terms)
    line.flags = row.when.flags if row.when else ()
    line.uid = _uid(row, with_column=any("id" in page.header.columns for page in found.pages))
    group = groups.setdefault(line.uid, [])
    line.same = any(each.line.record.cells == record.cells for each in group)
    differing = _differing(group[0].line.record, record) if group else ""
    if differing:
        raise WrongCellError(differing, CellUnreadableError(expected("row-agrees")))
    if not line.same:
        group.append(Group(line, row))


def _check(record: Record) -> None:
    """Refuse what cannot be a row of this table, whatever it says.

    Raises:
        WrongCellError: it is torn, garbled, without a title or not to be published.
    """
    if record.torn:
        raise WrongCellError("", CellUnreadableError(expected("row-whole")))
    if record.garbled:
        raise WrongCellError("", CellUnreadableError(expected("umlauts-whole")))
    try:
        hidden = "public" in record.cells and yes_or_no(record.cells["public"]) == "no"
    except CellUnreadableError as error:
        raise WrongCellError("public", error) from None
    if hidden:
        raise _NotPublicError("public", CellUnreadableError(expected("row-public")))
    if not title_of(record):
        raise WrongCellError("title", CellUnreadableError(expected("title")))


def _uid(row: Dated, *, with_column: bool) -> str:
    """Return a row's identifier: its own, or title and day where the file has no column for one.

    Raises:
        WrongCellError: the file has a column for it, and nothing stands there.
    """
    own = " ".join(row.record.text("id").split())
    if own:
        return own
    if with_column:
        raise WrongCellError("id", CellUnreadableError(expected("row-id")))
    day = f"{row.when.start.local:%Y-%m-%d}" if row.when else "open"
    return f"{'-'.join(words(title_of(row.record)))[:150]}/{day}"


def _differing(first: Record, other: Record) -> str:
    """Return a field in which rows of one event may not differ, and do; a cell that is empty differs from nothing."""
    for name in first.cells.keys() & other.cells.keys() - EVENTS.own:
        if first.text(name) != other.text(name):
            return name
    return ""
