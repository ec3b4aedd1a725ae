"""Rows for people and programs: a table on a terminal, plain columns in a pipe, JSON on demand."""

import json
import sys
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Annotated, Any

import typer

from services.operations.spreadsheets import csv_line, in_utf8
from services.operations.terminal import console

Row = Mapping[str, object]


class Output(StrEnum):
    """How to print."""

    TABLE = "table"
    JSON = "json"
    CSV = "csv"


As = Annotated[Output, typer.Option("--output", "-o", help="table (plain in a pipe), json or csv.")]


def show(rows: Sequence[Row], columns: Sequence[str], output: Output, *, empty: str) -> None:
    """Print rows. A row's cells in a table are those of ``columns``; JSON and CSV have them all.

    Args:
        rows: what to print.
        columns: the keys that make a table, in their order.
        output: how.
        empty: what to say where a table would have no row.
    """
    if output is Output.JSON:
        typer.echo(json.dumps([dict(row) for row in rows], default=_plain, ensure_ascii=False, indent=2))
    elif output is Output.CSV:
        names = list(dict.fromkeys([*columns, *(name for row in rows for name in row)]))
        in_utf8()
        typer.echo(csv_line(names), nl=False)
        for row in rows:
            typer.echo(csv_line([_shown(row.get(name)) for name in names]), nl=False)
    elif not rows:
        typer.echo(empty)
    else:
        cells = [[text(row.get(column)) for column in columns] for row in rows]
        (_rich if sys.stdout.isatty() else _columns)(columns, cells)


def tell(about: Row, output: Output) -> None:
    """Print one thing, a line a property; what would steer a terminal is told by number, as texts come from outside."""
    if output is Output.CSV:
        show([about], [*about], output, empty="")
    elif output is Output.JSON:
        typer.echo(visible(json.dumps(dict(about), ensure_ascii=False, indent=2)))
    else:
        for name, value in about.items():
            told = value if isinstance(value, str) else "\n" + json.dumps(value, ensure_ascii=False, indent=2)
            typer.echo(f"{name:<12}{visible(told)}")


def visible(text: str) -> str:
    """Show a sign that steers a terminal, or turns the direction of writing, by its number, as JSON would."""
    return "".join(sign if sign.isprintable() or sign == "\n" else json.dumps(sign)[1:-1] for sign in text)


def json_line(row: Row) -> str:
    """One row as a line of JSON, for streams without an end."""
    return json.dumps(dict(row), default=_plain, ensure_ascii=False)


def text(value: object) -> str:
    """A cell as people read it."""
    if value is None:
        return "-"
    if isinstance(value, timedelta):
        return span(value)
    return value.isoformat(" ", "seconds") if isinstance(value, datetime) else str(value)


def span(duration: timedelta) -> str:
    """``42 s``, ``7 min``, ``5 h``, ``12 d``."""
    seconds = max(0, int(duration.total_seconds()))
    steps = (("d", 86_400), ("h", 3_600), ("min", 60))
    return next((f"{seconds // size} {unit}" for unit, size in steps if seconds >= 2 * size), f"{seconds} s")


def _shown(value: object) -> object:
    """A cell of CSV: spans as seconds, as JSON has them."""
    return value.total_seconds() if isinstance(value, timedelta) else value


def _plain(value: object) -> Any:  # noqa: ANN401 - what JSON can hold
    if isinstance(value, timedelta):
        return value.total_seconds()
    return value.isoformat() if isinstance(value, datetime) else str(value)


def _columns(columns: Sequence[str], cells: Sequence[Sequence[str]]) -> None:
    table = [[column.upper() for column in columns], *cells]
    widths = [max(len(row[n]) for row in table) for n in range(len(columns))]
    for row in table:
        typer.echo("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip())


def _rich(columns: Sequence[str], cells: Sequence[Sequence[str]]) -> None:
    from rich.table import Table  # noqa: PLC0415 - only a terminal needs it
    from rich.text import Text  # noqa: PLC0415

    table = Table(box=None, pad_edge=False)
    for column in columns:
        table.add_column(column.upper(), overflow="fold")  # nothing is cut: an id is there to be typed
    for row in cells:
        table.add_row(*(Text(cell, style=_STYLES.get(cell, "")) for cell in row))
    console().print(table)


_STYLES = {
    "ok": "green",
    "late": "yellow",
    "never": "yellow",
    "dead letters": "yellow",
    "stuck": "red",
    "failing": "red",
    "away": "bold red",
}
