"""That an operator looked at what a dead letter says, as it lies in ``hub.reveals``. Never a value of the letter."""

from dataclasses import asdict, dataclass

from pydantic import TypeAdapter
from pydantic_core import to_json

from contracts.admission import Message


@dataclass(frozen=True, slots=True)
class Reveal:
    """One look.

    Attributes:
        letter: the dead letter's id.
        partner: whose message it was.
        by: the account of the operator on the machine where the command was given.
        time: RFC 3339, UTC; before anything was shown.
        reason: why, as the operator said.
    """

    letter: str
    partner: str
    by: str
    time: str
    reason: str

    def message(self) -> Message:
        """As a Kafka message; the key is the letter's id."""
        return Message(self.letter.encode(), to_json(asdict(self)), [])


_REVEAL = TypeAdapter(Reveal)


def read_reveal(value: bytes) -> Reveal:
    """Read one back.

    Raises:
        ValidationError: it is none.
    """
    return _REVEAL.validate_json(value)
