"""The rule of intake: an admitted fact goes on to its stream, stamped and keyed; anything else is refused."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime

from contracts.admission import Admitted, Message, admit
from contracts.agreement import Agreement
from contracts.refusal import Refusal
from contracts.topics import partner_of, submitted
from services.intake.persons import CARRIERS, apart
from services.runtime.engine.delivery import Output
from services.runtime.engine.stateless import Rule
from services.runtime.references import References
from services.runtime.vault import Entrusted


def intake(
    agreements: Mapping[str, Agreement], clock: Callable[[], datetime], references: References | None = None
) -> Rule:
    """Make the rule for these agreements; where one of them lets humans in, it needs the references.

    Args:
        agreements: by partner id.
        clock: the hub's, with an offset.
        references: what mints those of humans.
    """

    def route(topic: str, message: Message) -> Sequence[Output] | Refusal:
        agreement = agreements[partner_of(topic) or ""]
        admitted = admit(message, agreement, clock())
        if isinstance(admitted, Refusal):
            return admitted
        first = None
        if type(admitted.fact) in CARRIERS:
            parted = _parted(admitted, references)
            if isinstance(parted, Refusal):
                return parted
            admitted, first = parted
        stamped = Message(admitted.fact.key.encode(), admitted.payload, admitted.envelope.headers())
        return [Output(submitted(admitted.fact.stream), stamped, first)]

    return route


def _parted(admitted: Admitted, references: References | None) -> tuple[Admitted, Entrusted] | Refusal:
    person = getattr(admitted.fact, "person", None)
    if person is None or references is None:
        raise LookupError("expected a human whom a partner tells, and the references to mint one for them")
    return apart(admitted, person, references)
