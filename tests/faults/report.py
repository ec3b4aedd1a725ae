"""The result as a table to read and as JSON to keep."""

import json
import os
import platform
import statistics
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
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


@dataclass(slots=True)
class Kept:
    """The results of a run, written anew after each, so that a run that is broken off keeps what it has."""

    folder: Path
    seed: int
    session_ms: int
    rate: float
    results: list[Result] = field(default_factory=list)
    _unproven: dict[str, str] = field(default_factory=dict)

    def add(self, result: Result) -> None:
        """Keep a result."""
        self.results.append(result)
        self._write()

    def unproven(self, name: str, reason: str) -> None:
        """Keep that a fault could not be shown on this machine, and why."""
        self._unproven[name] = reason
        self._write()

    def _write(self) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        told = json.dumps(self._told(), indent=1, ensure_ascii=False)
        (self.folder / "faults.json").write_text(told + "\n", encoding="utf-8")
        (self.folder / "faults.md").write_text(self._page(), encoding="utf-8")

    def _told(self) -> dict[str, Any]:
        return {
            "date": time.strftime("%Y-%m-%d"),
            "seed": self.seed,
            "session_ms": self.session_ms,
            "messages_a_second": self.rate,
            "machine": _machine(),
            "not_proven": self._unproven,
            "faults": [row(result) | {"found": result.findings.told()} for result in self.results],
        }

    def _page(self) -> str:
        missing = "".join(f"\nNot proven: {name}: {reason}.\n" for name, reason in self._unproven.items())
        return (
            "# What happened when everything was broken\n\n"
            f"`make faults ARGS='--seed {self.seed}'` on {time.strftime('%Y-%m-%d')}: {_machine()}; {self.rate:g} "
            f"messages a second of three partners, three Kafka nodes, sessions of {self.session_ms // 1000} s. Lost, "
            "doubled, reordered and wrong are counted by the checker of `tests/faults/checker/`. Recovery: seconds "
            "from the fault until all that came around it had reached the analysts.\n\n"
            f"{table(self.results)}\n{missing}"
        )


def _machine() -> str:
    cores = os.cpu_count()
    return f"{platform.system()} {platform.machine()}, {cores} cores, Python {platform.python_version()}"
