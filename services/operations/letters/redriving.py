"""What a dead letter would be today: judged as the door judges it, without sending anything. Pure."""

from dataclasses import dataclass
from datetime import datetime

from contracts.admission import Admitted, Message, admit
from contracts.agreement import Agreement
from contracts.dead_letter import DeadLetter
from contracts.enrolment import EnrolmentRequested
from contracts.refusal import Refusal
from contracts.registry import STREAMS

_ELSEWHERE = {
    "pull": "put it right in the partner's system: the next pull tells it",
    "push": "the organiser's next revision is written like any other",
}
_AGAIN = "ce_redriveof"
_OF_THE_ORIGINAL = ("ce_subject", "ce_revision")  # stamped by the hub or a pull: a repaired payload may say otherwise
SAME_AGAIN = frozenset({"revision-conflict", "object-of-another-kind", "rule-failed"})
"""Rules of the services behind the door: they pass it, and are refused once more."""


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
            "now": self.why_not or self._behind_the_door(),
        }

    def _behind_the_door(self) -> str:
        """A service judges by what it knows then, and nobody can say that beforehand."""
        by = "" if self.letter.service == "intake" else f"; {self.letter.service} refused it, and decides anew"
        return f"passes the door{by}"


def judged(
    letter: DeadLetter, agreement: Agreement | None, repaired: bytes | None = None, now: datetime | None = None
) -> Judged:
    """Judge a copy of a letter.

    Args:
        letter: the letter.
        agreement: the sender's, None where it has none any more.
        repaired: the payload that is to take the place of the original's.
        now: the clock, as `contracts.admission.admit` takes it.
    """
    copy = _copy(letter, repaired)
    return Judged(letter, copy, never(letter) or _today(copy, agreement, now))


def never(letter: DeadLetter) -> str:
    """Say why a letter is made good elsewhere, whatever it holds; nothing where it may be sent again."""
    if letter.direction in _ELSEWHERE:
        return _ELSEWHERE[letter.direction]
    if letter.service not in ("intake", *STREAMS):
        return f"{letter.service} had it: it was decided before, and is told again by a cursor (hub cursor --help)"
    if letter.only_heard:
        return "it holds where it belongs: this service only heard of it"
    if letter.service != "intake" and letter.contract == EnrolmentRequested.type:
        return "the human in it was taken out at the door: ask the partner to send the request again"
    return ""


def _today(copy: Message, agreement: Agreement | None, now: datetime | None) -> str:
    if agreement is None:
        return "its partner has no agreement"
    if copy.value is None:
        return "its payload was too large to be kept, or there was none"
    return _told(admit(copy, agreement, now))


def _told(verdict: Admitted | Refusal) -> str:
    return str(verdict) if isinstance(verdict, Refusal) else ""


def _copy(letter: DeadLetter, repaired: bytes | None) -> Message:
    """Make the message that goes into the inbox; a repaired one is keyed anew by the hub."""
    original = letter.original
    headers = [(name, value) for name, value in original.headers if name.lower() != _AGAIN]
    if repaired is None:
        return Message(original.key, original.value, [*headers, (_AGAIN, letter.id.encode())])
    own = [(name, value) for name, value in headers if name.lower() not in _OF_THE_ORIGINAL]
    return Message(None, repaired, [*own, (_AGAIN, letter.id.encode())])
