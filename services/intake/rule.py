"""The rule of intake: an admitted fact goes on to its stream, stamped and keyed; anything else is refused."""

from collections.abc import Mapping, Sequence

from contracts.admission import Message, admit
from contracts.agreement import Agreement
from contracts.refusal import Refusal
from contracts.topics import partner_of, submitted
from services.runtime.engine.delivery import Output
from services.runtime.engine.stateless import Rule


def intake(agreements: Mapping[str, Agreement]) -> Rule:
    """Make the rule for these agreements."""

    def route(topic: str, message: Message) -> Sequence[Output] | Refusal:
        agreement = agreements[partner_of(topic) or ""]
        admitted = admit(message, agreement)
        if isinstance(admitted, Refusal):
            return admitted
        stamped = Message(admitted.fact.key.encode(), admitted.payload, admitted.envelope.headers())
        return [Output(submitted(admitted.fact.stream), stamped)]

    return route
