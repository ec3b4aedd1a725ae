"""The result as a table to read and as JSON to keep."""

import platform
import statistics
import time
from collections.abc import Sequence
from typing import Any

from tests.faults.run import Result

_HEAD = ("fault", "times", "messages", "lost", "doubled", "reordered", "wrong", "recovery p50", "recovery max")


def table(results: Sequence[Result]) -> str:
    """Return the table as Markdown; recovery in seconds."""
    rows = [[str(cell) for cell in row(result).values()] for result in results]
    widths = [max(map(len, column)) for column in zip(_HEAD, *rows, strict=True)]
    rule = ["-" * widths[0], *("-" * (width - 1) + ":" for width in widths[1:])]
    return "\n".join(_line(cells, widths) for cells in (_HEAD, rule, *rows))


def _line(cells: Sequence[str], widths: Sequence[int]) -> str:
    first, *others = zip(cells, widths, strict=True)
    padded = [first[0].ljust(first[1]), *(cell.rjust(width) for cell, width in others)]
    return f"| {' | '.join(padded)} |"


def row(result: Result) -> dict[str, Any]:
    """Return one result as a row, by the table's head."""
    found, told = result.findings, result.recovery
    counts = [len(found.lost), len(found.doubled), len(found.reordered), len(found.wrong)]
    times = [round(statistics.median(told), 1), round(max(told), 1)] if told else ["", ""]
    return dict(zip(_HEAD, [result.name, result.times, result.messages, *counts, *times], strict=True))


def as_json(results: Sequence[Result], seed: int, session_ms: int, rate: float) -> dict[str, Any]:
    """Return what is kept: the rows, and how they came about."""
    return {
        "date": time.strftime("%Y-%m-%d"),
        "seed": seed,
        "session_ms": session_ms,
        "messages_a_second": rate,
        "machine": f"{platform.system()} {platform.machine()}, Python {platform.python_version()}",
        "faults": [row(result) | {"found": result.findings.told()} for result in results],
    }
