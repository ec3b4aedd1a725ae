"""What an answer of a partner's endpoint means, and when the next try is. Pure.

Source: Standard Webhooks 1.0.0, "Deliverability and reliability" and "Delivery success and failure".
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

from services.runtime.webhooks import State

SCHEDULE = tuple(
    timedelta(seconds=each)
    for each in (5, 300, 1_800, 7_200, 18_000, 36_000, 50_400, 72_000, 86_400)  # as the specification's example
)
"""How long the next try is waited for after the first, the second … failure in a row; after more of them the last."""

ENDURED = sum(SCHEDULE, timedelta())
"""Who fails for longer is marked as failing, and still called once a day."""

JITTER = 0.2
"""By what part of a wait it is longer, at the most."""

_ACCEPTED = range(200, 300)
_GONE = 410


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back: a status and its ``Retry-After``, or, with status 0, in one word why none came."""

    status: int = 0
    retry_after: str = ""
    why: str = ""

    @property
    def accepted(self) -> bool:
        """Whether the partner has the fact. A redirect is none: a new address belongs into the agreement."""
        return self.status in _ACCEPTED

    @property
    def gone(self) -> bool:
        """Whether the partner does not want to be called any more."""
        return self.status == _GONE

    def __str__(self) -> str:
        """For logs, listings and metrics: nothing that the partner wrote."""
        return f"answered {self.status}" if self.status else self.why


def wait(answer: Answer, failures: int, chance: float, now: datetime) -> timedelta:
    """Return how long to wait for the next try.

    Args:
        answer: what came back, not accepted.
        failures: in a row, this one included.
        chance: from 0 to 1, so that partners who failed at one time are not called at one time.
        now: in UTC.
    """
    asked = retry_after(answer.retry_after, now)
    usual = SCHEDULE[min(failures, len(SCHEDULE)) - 1]
    return (usual if asked is None else asked) * (1 + JITTER * chance)


def retry_after(header: str, now: datetime) -> timedelta | None:
    """Read ``Retry-After`` (RFC 9110, section 10.2.3), from a second to the longest wait; None for anything else."""
    text = header.strip()
    if text.isascii() and text.isdigit():
        seconds = float(text[:9])
    else:
        try:
            moment = parsedate_to_datetime(text)
            seconds = (moment.replace(tzinfo=moment.tzinfo or UTC) - now).total_seconds()
        except (ValueError, OverflowError):  # a zone may be years away, for who writes it so
            return None
    return min(SCHEDULE[-1], timedelta(seconds=max(1.0, seconds)))


def state_after(answer: Answer, failed_for: timedelta) -> State:
    """Return what an answer that is not accepted makes of the partner, who fails since so long."""
    return "gone" if answer.gone else "failing" if failed_for >= ENDURED else "retrying"
