"""What the numbers must reach: a row each. A figure without its numbers says so and is never guessed."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from statistics import median

from tests.bench.samples import Sample, Spread, ratios, spread, values

Worked = Callable[[Sequence[Sample]], Sequence[float]]
HUB = "hub intake"


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


def _floors(samples: Sequence[Sample]) -> list[float]:
    return ratios(samples, "latency.p50", "hub", "floor")


def _grown(samples: Sequence[Sample]) -> list[float]:
    """The base's seconds a fact divide those of the grown hub; they run apart, so medians are compared."""
    base, grown = (list(values(samples, "whole.rate", who).values()) for who in ("hub", "hub, grown"))
    return [median(base) / rate for rate in grown] if base else []


def _drift(samples: Sequence[Sample]) -> list[float]:
    """How much more the last portions take than the first tenth of the life, once it is warm."""
    peaks = [value for _, value in sorted(values(samples, "memory.peak", HUB).items())]
    tenth = max(1, len(peaks) // 10)
    return [median(peaks[-tenth:]) / median(peaks[tenth : 2 * tenth])] if len(peaks) > 2 * tenth else []


FIGURES = (
    Figure("intake / quixstreams exactly-once", "x", _against("intake.rate", HUB, "quixstreams exactly-once"), 1.6, 2.2, digits=2),
    Figure("intake / aiokafka copy", "x", _against("intake.rate", HUB, "aiokafka copy"), 0.8, 1.0, digits=2),
    Figure("intake / FastStream one by one", "x", _against("intake.rate", HUB, "FastStream one by one"), 30, 60, digits=1),
    Figure("stateful service", "facts/s", _of("events.rate", "hub events"), 6_000, 12_000),
    Figure("the whole way", "facts/s", _of("whole.rate", "hub"), 2_500, 5_000),
    Figure("latency p50", "ms", _of("latency.p50", "hub"), 100, 100, more=False),
    Figure("latency p99", "ms", _of("latency.p99", "hub"), 400, 400, more=False),
    Figure("latency p50 / floor", "x", _floors, 1.5, 1.5, more=False, digits=2),
    Figure("memory of intake, at most", "MB", lambda rows: [max(found)] if (found := _of("memory.peak", HUB)(rows)) else [], 150, 150, more=False),
    Figure("memory of intake, last / first", "x", _drift, 1.1, 1.02, more=False, digits=2),
    Figure("two instances / one", "x", _against("instances.rate", "two instances", "one instance"), 1.7, 2.0, digits=2),
    Figure("cost of a fact, grown / base", "x", _grown, 1.2, 1.05, more=False, digits=2),
)  # fmt: skip
