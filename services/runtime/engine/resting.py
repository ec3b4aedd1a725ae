"""Routes that were found writable and yet did not take their records: for how long each is left alone."""

from collections.abc import Collection
from dataclasses import dataclass, field

FIRST_REST = 3.0  # seconds: a node that died is back soon
LONGEST_REST = 30.0  # a full disk is not


@dataclass(slots=True)
class Resting:
    """Who fails again soon after a rest gets one twice as long. Times are seconds of a clock that only goes forward."""

    _rests: dict[str, tuple[float, float]] = field(default_factory=dict)  # by topic: until when, and how long

    def begin(self, topics: Collection[str], now: float) -> None:
        """Let routes rest that have just failed."""
        for topic in topics:
            until, before = self._rests.get(topic, (now, 0.0))
            if now < until:
                continue  # the same failure, heard by another partition that took part in the transaction
            rest = min(LONGEST_REST, 2 * before) if before and now < until + LONGEST_REST else FIRST_REST
            self._rests[topic] = now + rest, rest

    def now(self, now: float) -> set[str]:
        """Return the topics that rest."""
        return {topic for topic, (until, _) in self._rests.items() if now < until}
