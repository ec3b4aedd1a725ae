"""How a partner's webhook is doing, and what to do about it. Pure."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

TODO: Mapping[str, tuple[Literal["late", "failing"], str] | None] = {
    "calling": None,
    "retrying": ("late", "it is tried again; if that goes on, tell the partner"),
    "failing": ("failing", "tell the partner; once it answers, hub webhook resume {partner}, or wait a day"),
    "gone": ("failing", "it wants no more: agree with the partner, then hub webhook resume {partner}"),
    "unsigned": ("failing", "hub webhook secret {partner}"),
    "lost": ("failing", "agree with the partner, then hub webhook resume {partner} --from-first"),
    "anew": ("late", "it is told all that the new one holds; tell the partner, as facts come once more"),
}
"""By each `services.runtime.webhooks.State`: how bad that is, and what to do; None where nothing is wrong."""


@dataclass(frozen=True, slots=True)
class Call:
    """What the gateway notes of a partner. ``reason``: what came last, a status or the name of an error."""

    state: str
    reason: str = ""
    failures: int = 0
    next_try: datetime | None = None
    accepted: datetime | None = None

    def complaints(self, partner: str) -> Iterator[tuple[Literal["late", "failing"], str]]:
        """Yield what is wrong, if anything is, with what came last and when the next try is."""
        if self.state not in TODO:
            known = ", ".join(TODO)
            yield "failing", f"its webhook: expected {known}, is {self.state}: install one version here and there"
        if (told := TODO.get(self.state)) is None:
            return
        state, todo = told
        row = f", {self.failures} in a row" if self.failures else ""
        again = f", next try {self.next_try:%Y-%m-%d %H:%M:%S%z}" if self.state in ("retrying", "failing") else ""
        yield state, f"its webhook: {self.reason}{row}{again}: {todo.format(partner=partner)}"
