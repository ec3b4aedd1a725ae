"""The picture of a run: ``python -m tests.bench.plot results.json``, in the bench's own environment."""

import json
import sys
from pathlib import Path
from typing import Any

WHAT = "intake.rate"


def bars(document: dict[str, Any]) -> list[tuple[str, list[float]]]:
    """Return each contestant's rates, the fastest first."""
    found: dict[str, list[float]] = {}
    for row in document["samples"]:
        if row["what"] == WHAT:
            found.setdefault(row["who"], []).append(row["value"])
    return sorted(found.items(), key=lambda row: -sorted(row[1])[len(row[1]) // 2])


def draw(document: dict[str, Any], path: Path) -> None:
    """Draw medians as bars, and every repetition as a dot."""
    import matplotlib as mpl  # noqa: PLC0415 - the tests look at the data only, in an environment without it

    mpl.use("svg")
    mpl.rcParams.update({"svg.hashsalt": "bench", "font.size": 10})
    from matplotlib import pyplot as plt  # noqa: PLC0415 - see above

    rows = bars(document)[::-1]
    figure, axes = plt.subplots(figsize=(8, 0.6 * len(rows) + 1))
    for place, (who, rates) in enumerate(rows):
        middle = sorted(rates)[len(rates) // 2]
        axes.barh(place, middle, color="#1f6f8b" if who.startswith("hub") else "#b8c4c9")
        axes.plot(rates, [place] * len(rates), "o", color="black", markersize=3)
        axes.annotate(f" {middle:,.0f}", (max(rates), place), va="center")
    axes.set_yticks(range(len(rows)), [who for who, _ in rows])
    axes.set_xlabel("messages a second, one inbox, one process; dots are repetitions")
    axes.margins(x=0.12)
    axes.spines[["top", "right"]].set_visible(False)
    figure.savefig(path, bbox_inches="tight", metadata={"Date": None})


if __name__ == "__main__":
    source = Path(sys.argv[1])
    draw(json.loads(source.read_text(encoding="utf-8")), source.with_name("intake.svg"))
