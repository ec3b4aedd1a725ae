"""A message as intake passes it on, without intake."""

from collections.abc import Callable
from dataclasses import replace

from contracts.admission import Message
from contracts.envelope import read_envelope, source_of


def stamped(partner: str) -> Callable[[Message], Message]:
    """Return what puts the partner's source on a message."""

    def stamp(message: Message) -> Message:
        envelope = replace(read_envelope(message.headers), source=source_of(partner))
        return replace(message, headers=envelope.headers())

    return stamp
