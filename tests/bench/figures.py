"""What the numbers must reach: a row each. A figure without its numbers says so and is never guessed."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from statistics import median

from tests.bench.names import COPY, EVENTS, FLOOR, GROWN, HUB, INTAKE, ONE, ONE_BY_ONE, QUIX, TWO
from tests.bench.samples import Sample, Spread, ratios, spread, values

Worked = Callable[[Sequence[Sample]], Sequence[float]]


@dataclass(frozen=True, slots=True)
class Figure:
    """One row: how it is worked out, repetition by repetition, and its bars. ``more``: higher is better."""

    name: str
    unit: str
    worked: Worked
    must: float
    aim: float
    more: bool = True
    digits: int = 0


@dataclass(frozen=True, slots=True)
class Result:
    """A figure with its spread and a verdict: aim, must, missed, or not measured."""

    figure: Figure
    spread: Spread | None

    @property
    def verdict(self) -> str:
        """Which bar the median reaches."""
        if self.spread is None:
            return "not measured"
        sign = 1 if self.figure.more else -1
        bars = (("aim reached", self.figure.aim), ("reached", self.figure.must))
        return next((word for word, bar in bars if sign * self.spread.median >= sign * bar), "missed")


def results(samples: Sequence[Sample]) -> list[Result]:
    """Work out every figure."""
    return [Result(figure, spread(figure.worked(samples))) for figure in FIGURES]


def _of(what: str, who: str) -> Worked:
    return lambda samples: list(values(samples, what, who).values())


def _against(what: str, ours: str, theirs: str) -> Worked:
    return lambda samples: ratios(samples, what, ours, theirs)


def _grown(samples: Sequence[Sample]) -> list[float]:
    """The base's seconds a fact divide those of the grown hub; they run apart, so medians are compared."""
    base, grown = (list(values(samples, "whole.rate", who).values()) for who in (HUB, GROWN))
    return [median(base) / rate for rate in grown] if base else []


def _drift(samples: Sequence[Sample]) -> list[float]:
    """How much more the last portions take than the first tenth of the life, once it is warm."""
    peaks = [value for _, value in sorted(values(samples, "memory.peak", INTAKE).items())]
    tenth = max(1, len(peaks) // 10)
    return [median(peaks[-tenth:]) / median(peaks[tenth : 2 * tenth])] if len(peaks) > 2 * tenth else []


def _most(samples: Sequence[Sample]) -> list[float]:
    return [max(found)] if (found := values(samples, "memory.peak", INTAKE).values()) else []


FIGURES = (
    Figure("intake / quixstreams exactly-once", "x", _against("intake.rate", INTAKE, QUIX), 1.6, 2.2, digits=2),
    Figure("intake / aiokafka copy", "x", _against("intake.rate", INTAKE, COPY), 0.8, 1.0, digits=2),
    Figure("intake / FastStream one by one", "x", _against("intake.rate", INTAKE, ONE_BY_ONE), 30, 60, digits=1),
    Figure("stateful service", "facts/s", _of("events.rate", EVENTS), 6_000, 12_000),
    Figure("the whole way", "facts/s", _of("whole.rate", HUB), 2_500, 5_000),
    Figure("latency p50", "ms", _of("latency.p50", HUB), 100, 100, more=False),
    Figure("latency p99", "ms", _of("latency.p99", HUB), 400, 400, more=False),
    Figure("latency p50 / its floor", "x", _against("latency.p50", HUB, FLOOR), 1.5, 1.5, more=False, digits=2),
    Figure("memory of intake, at most", "MB", _most, 150, 150, more=False),
    Figure("memory of intake, last / first", "x", _drift, 1.1, 1.02, more=False, digits=2),
    Figure("two instances / one", "x", _against("instances.rate", TWO, ONE), 1.7, 2.0, digits=2),
    Figure("cost of a fact, grown / base", "x", _grown, 1.2, 1.05, more=False, digits=2),
)
