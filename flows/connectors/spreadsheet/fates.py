"""What became of a request for a place, as the sentences of the answer say it. Pure."""

from collections.abc import Mapping

from contracts.wording import Sentences, Wording
from flows.ledger.standings import Standing

said = Sentences(__package__, "answers")

_STATES: Mapping[str, str] = {
    "requested": "asked",
    "queued": "queued",
    "associated": "associated",
    "denied": "denied",
    "cancelled": "gone",
    "finished": "finished",
}
FATES = (*dict.fromkeys(_STATES.values()), "leaving")
_OVER = ("denied", "cancelled", "finished")


def fate(standing: Standing | None, *, leaving: bool) -> tuple[str, Wording]:
    """Return the sentence for the result, and why it is so.

    Args:
        standing: as the hub told it; None: it has told nothing yet.
        leaving: the row says that somebody does not take part after all.
    """
    status = standing.status if standing else ""
    if leaving and status not in _OVER:
        return "leaving", said("why-leaving")
    if standing is None:
        return "asked", said("why-asked")
    name = _STATES[status]
    reason = f"why-{name}-{standing.cause}" if standing.cause else f"why-{name}"
    if reason == "why-gone-person" and not leaving:
        reason = "why-gone-again"
    return name, said(reason, place=standing.place or "?")
