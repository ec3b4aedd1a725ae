"""What became of a request for a place, as the sentences of the answer say it. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass

from contracts.wording import Sentences, Wording
from flows.ledger.rejections import Rejection
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


@dataclass(frozen=True, slots=True)
class Heard:
    """What the hub told of the request in a row: how it stands, and what it refused; None: nothing yet."""

    standing: Standing | None = None
    rejection: Rejection | None = None

    @property
    def refused(self) -> Rejection | None:
        """The rejection, where no later request counted."""
        asked = self.standing.asked if self.standing else 0
        return self.rejection if self.rejection and self.rejection.revision > asked else None


def fate(heard: Heard, *, leaving: bool) -> tuple[str, Wording]:
    """Return the sentence for the result, and why it is so.

    Args:
        heard: what the hub told.
        leaving: the row says that somebody does not take part after all.
    """
    if heard.refused:
        return "refused", heard.refused.reason
    standing = heard.standing
    status = standing.status if standing else ""
    if leaving and status not in _OVER:
        return "leaving", said("why-leaving")
    if standing is None:
        return "asked", said("why-asked")
    name = _STATES[status]
    reason = f"why-{name}-{standing.cause}" if standing.cause else f"why-{name}"
    if reason == "why-gone-person" and not leaving:
        reason = "why-gone-again"
    return name, _with_reason(said(reason, place=standing.place or "?"), standing.reason)


def _with_reason(why: Wording, reasons: Mapping[str, str]) -> Wording:
    """Add what the organiser said, in the reader's language or the first there is."""
    if not reasons:
        return why
    first = next(iter(reasons.values()))
    return said("why-organiser", why=why, reason=Wording(reasons.get("en", first), reasons.get("de", first)))
