"""What a dead letter would be today: judged as the door judges it, without sending anything. Pure."""

from dataclasses import dataclass

from contracts.admission import Admitted, Message, admit
from contracts.agreement import Agreement
from contracts.dead_letter import DeadLetter
from contracts.refusal import Refusal

_ELSEWHERE = {
    "pull": "put it right in the partner's system: the next pull tells it",
    "push": "the organiser's next revision is written like any other",
}
_AGAIN = "ce_redriveof"


@dataclass(frozen=True, slots=True)
class Judged:
    """A letter, the copy that would be sent, and why it would not do."""

    letter: DeadLetter
    copy: Message
    why_not: str = ""

    def row(self) -> dict[str, object]:
        """The cells of a listing."""
        was = f"{self.letter.refusal.rule} at {self.letter.refusal.place}"
        return {
            "id": self.letter.id,
            "partner": self.letter.partner,
            "was": was,
            "now": self.why_not or "passes the door",
        }


def judged(letter: DeadLetter, agreement: Agreement | None, repaired: bytes | None = None) -> Judged:
    """Judge a copy of a letter.

    Args:
        letter: the letter.
        agreement: the sender's, None where it has none any more.
        repaired: the payload that is to take the place of the original's.
    """
    copy = _copy(letter, repaired)
    if letter.direction in _ELSEWHERE:
        return Judged(letter, copy, _ELSEWHERE[letter.direction])
    if agreement is None:
        return Judged(letter, copy, "its partner has no agreement")
    if copy.value is None:
        return Judged(letter, copy, "its payload was too large to be kept, or there was none")
    return Judged(letter, copy, _told(admit(copy, agreement)))


def _told(verdict: Admitted | Refusal) -> str:
    return str(verdict) if isinstance(verdict, Refusal) else ""


def _copy(letter: DeadLetter, repaired: bytes | None) -> Message:
    """Make the message that goes into the inbox; a repaired one is keyed anew by the hub."""
    original = letter.original
    headers = [(name, value) for name, value in original.headers if name.lower() != _AGAIN]
    again = [*headers, (_AGAIN, letter.id.encode())]
    return Message(original.key, original.value, again) if repaired is None else Message(None, repaired, again)
