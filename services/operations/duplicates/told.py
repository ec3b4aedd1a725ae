"""Events as the catalogue holds them, as far as operators need them to compare two."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from services.operations.terminal import shown


@dataclass(frozen=True, slots=True)
class Told:
    """What one partner tells of an event; ``start`` is the first date's wall-clock time."""

    event: str
    status: str
    titles: Sequence[str]
    start: datetime | None = None


def read_told(event: str, body: bytes) -> Told | None:
    """Read an entry of ``engine.state``; None where it tells nothing any more, because it was withdrawn meanwhile."""
    entry = json.loads(body)
    told: dict[str, Any] | None = entry.get("published")
    if told is None:
        return None
    titles = [shown(text["title"]) for text in told["texts"]]
    return Told(event, entry["status"], titles, _start(told["sessions"]))


def teller(event: str) -> str:
    """Return the partner of an event: its id begins with it."""
    return event.partition(":")[0]


def _start(sessions: Sequence[dict[str, Any]]) -> datetime | None:
    held = [each for each in sessions if each.get("status") != "cancelled"] or sessions
    first = min(held, key=lambda each: str(each["start"]["utc"]), default=None)
    return datetime.fromisoformat(first["start"]["local"]) if first else None
