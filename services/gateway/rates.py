"""How many requests a partner may make: a bucket of tokens for each, which fills evenly. Pure but for its memory."""

import math
from dataclasses import dataclass, field

MINUTE = 60.0
_NOTHING = 1e-6  # of a token, that parts of seconds lose: who waits as long as told is let in


@dataclass(slots=True)
class Rates:
    """The buckets of one gateway. A bucket holds what a partner may ask in one minute, and is full at first."""

    _left: dict[str, tuple[float, float]] = field(default_factory=dict)  # tokens, and when that was

    def wait(self, partner: str, most: int, now: float) -> int:
        """Take a token.

        Args:
            partner: whose.
            most: requests in one minute.
            now: seconds of a clock that never goes back.

        Returns:
            Zero, or after how many whole seconds there will be one.
        """
        left, then = self._left.get(partner, (float(most), now))
        left = min(float(most), left + (now - then) * most / MINUTE)
        if left < 1 - _NOTHING:
            self._left[partner] = left, now
            return max(1, math.ceil((1 - left) * MINUTE / most))
        self._left[partner] = left - 1, now
        return 0
