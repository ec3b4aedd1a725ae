"""Rows as CSV (RFC 4180): UTF-8, lines as they come, and nothing in a cell that a spreadsheet would run."""

import csv
import io
import json
import sys
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from services.runtime.cells import harmless


def csv_line(cells: Sequence[object]) -> str:
    """One line with its end. Texts are quoted, so that a reader who splits at semicolons splits none of them."""
    out = io.StringIO(newline="")
    csv.writer(out, quoting=csv.QUOTE_NONNUMERIC, lineterminator="\n").writerow([_cell(each) for each in cells])
    return out.getvalue()


def in_utf8() -> None:
    """Write standard output in UTF-8, whatever the locale says: what is piped into a file is read elsewhere."""
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(encoding="utf-8")


def _cell(value: object) -> Any:  # noqa: ANN401 - what csv writes
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, int | float):
        return value
    if isinstance(value, datetime):
        return value.isoformat()
    return harmless(
        json.dumps(value, ensure_ascii=False, default=str) if isinstance(value, dict | list) else str(value)
    )
