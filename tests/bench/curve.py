"""How many records were visible at which second, and what is worked out from that. Pure."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Point:
    """Seconds on a clock that only goes forward; records visible; seconds of CPU and bytes of memory used by then."""

    at: float
    seen: int
    cpu: float
    memory: int


@dataclass(frozen=True, slots=True)
class Curve:
    """All looks, in order; the first saw nothing."""

    points: tuple[Point, ...]

    @property
    def first(self) -> Point:
        """When something was seen first."""
        return next(point for point in self.points if point.seen)

    @property
    def last(self) -> Point:
        """When the last of it was seen first."""
        return next(point for point in self.points if point.seen == self.points[-1].seen)

    @property
    def rate(self) -> float:
        """Records a second, without the time until the first were visible and without those: no start is measured.

        Where all came at once, the time since the last look that saw nothing counts.
        """
        begin = self.first if self.first != self.last else self.points[self.points.index(self.first) - 1]
        return (self.last.seen - begin.seen) / (self.last.at - begin.at)

    @property
    def work(self) -> float:
        """Microseconds of CPU for each of these records, of the processes looked at."""
        begin = self.first if self.first != self.last else self.points[self.points.index(self.first) - 1]
        return 1e6 * (self.last.cpu - begin.cpu) / (self.last.seen - begin.seen)

    @property
    def memory(self) -> int:
        """The most bytes of memory seen."""
        return max(point.memory for point in self.points)
