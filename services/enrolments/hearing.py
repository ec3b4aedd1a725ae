"""What the service hears of events and studies goes into its own input: so each offering has one order for everything.

Decided where they lie, an event and a request for it would be decided by two owners, and nothing would order what they
publish, nor what a rebuild folds.
"""

from collections.abc import Sequence

from contracts.admission import Message
from contracts.enrolment import EnrolmentRequested
from contracts.refusal import Refusal
from contracts.topics import submitted
from services.enrolments.judging import RULES
from services.runtime.engine.burial import header
from services.runtime.engine.delivery import Output

INPUT = submitted(EnrolmentRequested.stream)
_KNOWN = frozenset(contract.type for contract in RULES)


def hear(_: str, message: Message) -> Sequence[Output] | Refusal:
    """Hand on what means something here, as it is; of anything else nothing is said."""
    return [Output(INPUT, message)] if header(message, "ce_type") in _KNOWN else ()
