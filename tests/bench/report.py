"""Results as JSON, which holds every number, and as a page, which tells them."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from tests.bench.figures import FIGURES, Result, results
from tests.bench.plan import Plan
from tests.bench.samples import Sample, spread, values

JSON, PAGE, PLOT = "results.json", "results.md", "intake.svg"
HOW = Path(__file__).with_name("how.md")


def written(folder: Path, plan: Plan, machine: Mapping[str, Any], samples: Sequence[Sample]) -> Path:
    """Write both files; return the JSON."""
    folder.mkdir(parents=True, exist_ok=True)
    document = {"machine": dict(machine), "plan": asdict(plan), "samples": [asdict(one) for one in samples]}
    (folder / JSON).write_text(json.dumps(document, indent=1) + "\n", encoding="utf-8")
    (folder / PAGE).write_text(page(plan, machine, samples), encoding="utf-8")
    return folder / JSON


def read(path: Path) -> list[Sample]:
    """Read the numbers of a run."""
    return [Sample(**row) for row in json.loads(path.read_text(encoding="utf-8"))["samples"]]


def page(plan: Plan, machine: Mapping[str, Any], samples: Sequence[Sample]) -> str:
    """Return the page: figures against their bars, each contestant's numbers, the machine, and how it was measured."""
    about = {**machine, "packages": ", ".join(f"{name} {number}" for name, number in machine["packages"].items())}
    parts = [
        "# Measurements",
        f"Written by `make bench` (the {plan.name} plan, seed {plan.seed}); every number is in [{JSON}]({JSON}).",
        "## Figures",
        _table(("figure", "median", "quartiles", "must", "aim", ""), map(_figure, results(samples))),
        "## Numbers",
        f"![Messages a second from an inbox to its first output]({PLOT})",
        _table(("what", "who", "median", "quartiles", "n"), _rows(samples)),
        "## Machine",
        _table(("", ""), [(name.replace("_", " "), str(value)) for name, value in about.items()]),
        HOW.read_text(encoding="utf-8").strip(),
    ]
    return "\n\n".join(parts) + "\n"


def _figure(result: Result) -> tuple[str, ...]:
    figure, found = result.figure, result.spread
    bar = "≥" if figure.more else "≤"
    told = ("-", "-")
    if found is not None:
        told = _number(found.median, figure.digits), _range(found.low, found.high, figure.digits)
    bars = (f"{bar} {_number(each, figure.digits)}" for each in (figure.must, figure.aim))
    return (f"{figure.name}, {figure.unit}", *told, *bars, result.verdict)


def _rows(samples: Sequence[Sample]) -> Iterable[tuple[str, ...]]:
    for what, who in dict.fromkeys((one.what, one.who) for one in samples):
        found = spread(values(samples, what, who).values())
        assert found is not None
        yield what, who, _number(found.median), _range(found.low, found.high), str(found.number)


def _range(low: float, high: float, digits: int = 0) -> str:
    return f"{_number(low, digits)} to {_number(high, digits)}"


def _number(value: float, digits: int = 0) -> str:
    return f"{value:,.{digits}f}"


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def told(samples: Sequence[Sample]) -> str:
    """Return the figures as lines for a terminal."""
    width = max(len(f"{figure.name}, {figure.unit}") for figure in FIGURES)
    rows = map(_figure, results(samples))
    return "\n".join(f"{row[0]:<{width}} {row[1]:>9} {row[3]:>9} {row[4]:>9}  {row[5]}" for row in rows)
