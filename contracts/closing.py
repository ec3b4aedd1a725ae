"""How a dead letter was closed, as it lies in ``hub.closings``: the letter itself is never changed."""

from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Literal

from pydantic import TypeAdapter
from pydantic_core import to_json

from contracts.admission import Message

How = Literal["redriven", "discarded", "mended"]


@dataclass(frozen=True, slots=True)
class Closing:
    """One closing.

    Attributes:
        letter: the dead letter's id.
        partner: whose message it was.
        how: redriven (a copy went into the inbox again) or discarded (nothing more comes of it) by an operator; mended
            (the partner's system has nothing more that is refused so) by a pull.
        by: the account of the operator on the machine where the command was given; ``pull``.
        time: RFC 3339, UTC.
        reason: what was said of it.
        repaired: whether the copy was other than the original.
    """

    letter: str
    partner: str
    how: How
    by: str
    time: str
    reason: str = ""
    repaired: bool = False

    def covers(self, buried: str) -> bool:
        """Whether it is about the letter of its id that was buried then, and not about one that expired before.

        Args:
            buried: the letter's time.
        """
        return datetime.fromisoformat(buried) <= datetime.fromisoformat(self.time)

    def message(self) -> Message:
        """As a Kafka message; the key is the letter's id."""
        return Message(self.letter.encode(), to_json(asdict(self)), [])


_CLOSING = TypeAdapter(Closing)


def read_closing(value: bytes) -> Closing:
    """Read one back.

    Raises:
        ValidationError: it is none.
    """
    return _CLOSING.validate_json(value)
