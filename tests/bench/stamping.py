"""A message as intake passes it on, without intake."""

from collections.abc import Callable

from contracts.admission import Message
from contracts.envelope import read_envelope, source_of


def stamped(partner: str) -> Callable[[Message], Message]:
    """Return what puts the partner's source on a message."""

    def stamp(message: Message) -> Message:
        envelope = read_envelope(message.headers)._replace(source=source_of(partner))
        return message._replace(headers=envelope.headers())

    return stamp
