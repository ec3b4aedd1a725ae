"""What was measured: one row for each number of each repetition. Everything told is worked out from these rows."""

from collections.abc import Iterable
from dataclasses import dataclass
from statistics import median, quantiles


@dataclass(frozen=True, slots=True)
class Sample:
    """One number. ``what`` names scenario and kind (``intake.rate``), ``who`` the contestant."""

    what: str
    who: str
    repetition: int
    value: float


@dataclass(frozen=True, slots=True)
class Spread:
    """The middle of several numbers, the quartiles around it, and how many there were."""

    median: float
    low: float
    high: float
    number: int


def spread(values: Iterable[float]) -> Spread | None:
    """Return the median with its quartiles (inclusive, of fewer than three the ends); None of nothing."""
    found = sorted(values)
    if not found:
        return None
    low, high = found[0], found[-1]
    if len(found) > 2:
        low, _, high = quantiles(found, n=4, method="inclusive")
    return Spread(median(found), low, high, len(found))


def values(samples: Iterable[Sample], what: str, who: str) -> dict[int, float]:
    """Return one contestant's numbers by repetition."""
    return {one.repetition: one.value for one in samples if (one.what, one.who) == (what, who)}


def ratios(samples: Iterable[Sample], what: str, ours: str, theirs: str) -> list[float]:
    """Divide repetition by repetition: the two ran one after the other, under the same weather."""
    rows = list(samples)
    above, below = values(rows, what, ours), values(rows, what, theirs)
    return [above[each] / below[each] for each in sorted(above.keys() & below.keys())]
