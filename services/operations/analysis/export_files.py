"""Rows into files: Parquet for programs, and the same as CSV for spreadsheets. Needs the extra ``analysis``."""

import csv
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
from pydantic_core import to_json

from services.operations.analysis.columns import Column, Kind
from services.operations.analysis.datapackage import DIALECT
from services.runtime.cells import harmless

_AT_ONCE = 5_000  # rows of a row group: some ten megabytes in memory
_TYPES: Mapping[str, Any] = {
    "string": pa.string(),
    "integer": pa.int64(),
    "number": pa.float64(),
    "boolean": pa.bool_(),
    "amount": pa.decimal128(9, 2),
    "moment": pa.timestamp("us", tz="UTC"),
    "wall": pa.timestamp("us"),
    "day": pa.date32(),
}


@dataclass(slots=True)
class Sheet:
    """One table in two files; ``rows`` counts."""

    columns: Sequence[Column]
    parquet: Any
    spreadsheet: Any
    rows: int = 0
    _waiting: list[list[Any]] = field(default_factory=list)

    def put(self, row: Mapping[str, Any]) -> None:
        """Take one row, as JSON has it."""
        values = [column.value(row) for column in self.columns]
        self.spreadsheet.writerow([_cell(each) for each in values])
        self._waiting.append(values)
        self.rows += 1
        if len(self._waiting) == _AT_ONCE:
            self.flush()

    def flush(self) -> None:
        """Write the rows that wait."""
        arrays = [pa.array(cells, type=arrow(c.kind)) for c, cells in zip(self.columns, self._turned(), strict=True)]
        self.parquet.write_table(pa.Table.from_arrays(arrays, schema=self.parquet.schema))
        self._waiting.clear()

    def _turned(self) -> Iterator[list[Any]]:
        return ([row[number] for row in self._waiting] for number in range(len(self.columns)))


@contextmanager
def sheet(stem: Path, columns: Sequence[Column]) -> Iterator[Sheet]:
    """Open ``<stem>.parquet`` and ``<stem>.csv`` for writing; both are whole at the end."""
    stem.parent.mkdir(parents=True, exist_ok=True)
    schema = pa.schema([_described(column) for column in columns])
    with (
        pq.ParquetWriter(f"{stem}.parquet", schema, compression="zstd") as parquet,
        Path(f"{stem}.csv").open("w", encoding="utf-8-sig", newline="") as file,
    ):
        spreadsheet = csv.writer(
            file, delimiter=str(DIALECT["delimiter"]), lineterminator=str(DIALECT["lineTerminator"])
        )
        spreadsheet.writerow([column.name for column in columns])
        open_ = Sheet(columns, parquet, spreadsheet)
        yield open_
        open_.flush()


def arrow(kind: Kind) -> Any:  # noqa: ANN401 - pyarrow ships no types
    """Return the Arrow type of a kind."""
    if kind.word == "list":
        return pa.list_(arrow(kind.of[0].kind))
    if kind.word == "part":
        return pa.struct([_described(column) for column in kind.of])
    return _TYPES[kind.word]


def _described(column: Column) -> Any:  # noqa: ANN401 - pyarrow ships no types
    return pa.field(column.name, arrow(column.kind), metadata={"description": column.en, "description-de": column.de})


def _cell(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, float | Decimal):
        return str(value).replace(".", ",")
    if isinstance(value, datetime | date):
        return value.isoformat().replace("+00:00", "Z")
    return str(value) if isinstance(value, int) else harmless(_text(value))


def _text(value: object) -> str:
    return value if isinstance(value, str) else to_json(value).decode()
