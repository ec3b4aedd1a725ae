"""The answer to a message that was not taken: where, by which rule, and what to do; never a value of the message."""

import hashlib
from typing import Annotated, ClassVar

from contracts.fact import Fact
from contracts.model import Model, Privacy
from contracts.text import Line, PartnerId
from contracts.vocabulary import TermOf


class Sentence(Model, privacy=Privacy.PUBLIC):
    """The same sentence in both languages."""

    english: str
    german: str


class FactRejected(
    Fact,
    type="de.lernende-stadt.fact.rejected.v1",
    stream="rejections",
    subject="letter",
    privacy=Privacy.PUBLIC,
):
    """A dead letter was made of a partner's message: the partner alone is told. The correlation is its message's."""

    by_hub: ClassVar[bool] = True
    parties: ClassVar[tuple[str, ...]] = ("partner",)
    unasked: ClassVar[bool] = True

    letter: Line
    partner: PartnerId
    contract: Line | None = None
    rule: Annotated[str, TermOf("rules")]
    place: Line
    expected: Sentence
    remedy: Sentence


ABOUT = "hub_about"
"""The header that says which message was refused, where that lay in no inbox any more; see `mark_of`."""


def mark_of(identifier: str, payload: bytes | None) -> str:
    """Return what tells a message to who has it, and nothing of it to anybody else: of id and payload the SHA-256."""
    return hashlib.sha256(identifier.encode() + b"\n" + (payload or b"")).hexdigest()
