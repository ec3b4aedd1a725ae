"""What a pull remembers of a calendar: the sync token, and the ETag of everything it has seen."""

import json
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Cursor:
    """``token`` is None where the server has none; ``etags`` by path, so that a lost token loses no knowledge.

    ``day`` is when everything was read last (``2026-11-24``): a server that left a change out of its answer to a token
    is believed no longer than that, and endless series are told for a window that moves with the month.
    """

    token: str | None = None
    etags: dict[str, str | None] = field(default_factory=dict)
    day: str = ""

    @classmethod
    def parse(cls, written: str | None) -> "Cursor | None":
        """Read a cursor; None, or what is none of ours, begins anew."""
        try:
            state = json.loads(written or "null")
            return cls(state["token"], dict(state["etags"]), state["day"])
        except (ValueError, TypeError, KeyError):
            return None

    def __str__(self) -> str:
        """Write the cursor, the same state always the same."""
        state = {"token": self.token, "etags": self.etags, "day": self.day}
        return json.dumps(state, sort_keys=True, separators=(",", ":"))
