"""How many requests of one kind a partner has under way at one time: each holds a connection to Kafka."""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from contracts.wording import expected
from services.gateway.problems import problem


@dataclass(frozen=True, slots=True)
class Turns:
    """Counts by partner. ``most`` at one time; who comes beyond is told to come again after ``again_s`` seconds."""

    most: int
    again_s: int
    under_way: Counter[str] = field(default_factory=Counter)

    @contextmanager
    def of(self, partner: str) -> Iterator[None]:
        """Count one while it is under way, however it ends.

        Raises:
            ProblemError: so many of this partner are under way already.
        """
        if self.under_way[partner] >= self.most:
            reason = expected("requests-at-once", most=self.most)
            raise problem("too-many-requests", "request", reason, Retry_After=str(self.again_s))
        self.under_way[partner] += 1
        try:
            yield
        finally:
            self.under_way[partner] -= 1
