"""A table as it was read, whatever file it stood in; and what can be wrong with one, without a word of it."""

from dataclasses import dataclass
from datetime import date, datetime, time

from contracts.wording import Wording

Value = str | int | float | bool | date | datetime | time | None
"""What a cell holds. CSV knows text alone; a date is a date, a clock time a time only where a workbook says so."""

MAX_ROWS, MAX_COLUMNS = 20_000, 200
"""A larger sheet is refused: nobody keeps so many courses in one, but a stray entry in the last cell is soon made."""


@dataclass(frozen=True, slots=True)
class Row:
    """One row, by the number that people see beside it (1 is the first)."""

    number: int
    cells: tuple[Value, ...]

    def cell(self, column: int) -> Value:
        """Return one cell; None where the row is shorter. Text is without blanks around it, empty text is None."""
        value = self.cells[column] if column < len(self.cells) else None
        return (value.strip().strip("\ufeff\u200b") or None) if isinstance(value, str) else value

    @property
    def filled(self) -> tuple[int, ...]:
        """The columns that hold something."""
        return tuple(column for column in range(len(self.cells)) if self.cell(column) is not None)


@dataclass(frozen=True, slots=True)
class Sheet:
    """One sheet; a CSV file is one without a name. ``first_day``: the day 0 of dates that stand there as numbers."""

    number: int
    name: str
    rows: tuple[Row, ...]
    first_day: date
    ragged: bool = False  # a row of it may be torn by a separator inside a text

    def place(self, row: int) -> str:
        """Name a row without a word of the table: ``sheet 1, row 17``."""
        return f"sheet {self.number}, row {row}"


class TableUnreadableError(Exception):
    """A file or sheet cannot be taken.

    Args:
        place: ``file``, or sheet and row; never a value.
        reason: what was expected, what came (by kind), what to do; in both languages.
    """

    def __init__(self, place: str, reason: Wording) -> None:
        """Keep place and reason apart: a refusal shows them in two columns."""
        super().__init__(f"{place}: {reason}")
        self.place = place
        self.reason = reason


class CellUnreadableError(Exception):
    """A cell does not hold what its column is for; the reason is a sentence in both languages, without the value."""

    def __init__(self, reason: Wording) -> None:
        """Keep it in both languages."""
        super().__init__(reason.en)
        self.reason = reason
