"""How far a sender's clock may differ from the hub's. Pure: the hub's is passed in."""

from datetime import datetime, timedelta

from contracts.envelope import Envelope
from contracts.refusal import RefusedError
from contracts.wording import expected

MOST_AHEAD = timedelta(hours=24)
"""What is told newest holds, also of a human who was erased since: a date of years to come would shut out the rest."""


def check_not_ahead(envelope: Envelope, now: datetime) -> None:
    """See that a fact is not dated later than the hub's clock, with an offset, allows.

    Raises:
        RefusedError: it is.
    """
    if datetime.fromisoformat(envelope.time) - now > MOST_AHEAD:
        hours = MOST_AHEAD // timedelta(hours=1)
        raise RefusedError("attribute-invalid", "header ce_time", expected("header-not-ahead", most=hours))
