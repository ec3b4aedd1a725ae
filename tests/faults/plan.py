"""What the partners of a run send: seeded, so that the same seed tells the same story. Pure.

Facts are published, changed, cancelled, withdrawn and published again; some are told twice, some too late, some
contradict what was told, and some are poison.
"""

import json
import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from tests.faults.messages import CANCELLED, PARTNERS, PUBLISHED, WITHDRAWN, Sending
from tests.faults.poison import POISONS

UNLIKABLE = ":unlikable-"  # a key that PostgreSQL alone refuses: the run puts a constraint on its table
_UNLIKABLE = 0.005
_NEW = 0.3  # of what is no poison
_KINDS = {"changed": 70, "twice": 8, "late": 6, "contradiction": 3, "cancelled": 8, "withdrawn": 5}
_CLOSED = {"universitaet-wuppertal": WITHDRAWN}  # what `agreement` takes out of an inbox


@dataclass(slots=True)
class Plan:
    """An endless story."""

    seed: int
    poison: float = 0.01
    _dice: random.Random = field(init=False)
    _events: dict[str, list[dict[str, Any]]] = field(init=False)
    _numbers: int = 0
    _poisons: int = 0

    def __post_init__(self) -> None:
        """Begin."""
        self._dice = random.Random(self.seed)  # noqa: S311 - a story, no secret
        self._events = {partner: [] for partner in PARTNERS}

    def __iter__(self) -> Iterator[Sending]:
        """Go on."""
        while True:
            yield self._next()

    def _next(self) -> Sending:
        partner, dice = self._dice.choice(PARTNERS), self._dice.random()
        events = self._events[partner]
        if dice < self.poison:
            self._poisons += 1
            poison = POISONS[self._poisons % len(POISONS)]
            return poison.into(self._event(f"{partner}:poison-{self._poisons}"), partner, self._number())
        if dice < self.poison + _UNLIKABLE:
            return self._told(partner, self._event(f"{partner}{UNLIKABLE}{self._numbers}"))
        if not events or self._dice.random() < _NEW:
            events.append(self._event(f"{partner}:{self.seed}-{len(events)}"))
            return self._told(partner, events[-1])
        return self._again(partner, self._dice.choice(events))

    def _again(self, partner: str, event: dict[str, Any]) -> Sending:
        (kind,) = self._dice.choices([*_KINDS], weights=[*_KINDS.values()])
        if kind == "late":
            return self._told(partner, {**event, "revision": max(1, event["revision"] - 1), "keywords": ["spät"]})
        if kind == "contradiction":
            return self._told(partner, {**event, "keywords": ["widersprochen", str(self._numbers)]})
        if kind == "twice":
            return self._told(partner, event)
        event["revision"] += 1
        event["keywords"] = [f"Fassung {event['revision']}"]
        short = {"event_id": event["event_id"], "revision": event["revision"]}
        if kind == "cancelled":
            return self._told(partner, short, CANCELLED)
        if kind == "withdrawn":
            rule = "type-not-allowed" if _CLOSED.get(partner) == WITHDRAWN else ""
            return self._told(partner, {**short, "cause": "deleted-at-source"}, WITHDRAWN, rule)
        return self._told(partner, event)

    def _told(self, partner: str, body: dict[str, Any], kind: str = PUBLISHED, rule: str = "") -> Sending:
        return Sending(self._number(), partner, body["event_id"].encode(), json.dumps(body).encode(), kind, rule)

    def _number(self) -> int:
        self._numbers += 1
        return self._numbers

    def _event(self, name: str) -> dict[str, Any]:
        date, hour = f"2027-03-{self._dice.randint(1, 27):02}", self._dice.randint(8, 19)
        start, end = (
            {"local": f"{date}T{at:02}:00:00", "zone": "Europe/Berlin", "utc": f"{date}T{at - 1:02}:00:00Z"}
            for at in (hour, hour + 1)
        )
        return {
            "event_id": name,
            "revision": 1,
            "texts": [{"language": "de", "title": "Reparaturkurs", "description": "Reparieren statt wegwerfen. " * 8}],
            "organiser": {"name": name.partition(":")[0]},
            "sessions": [{"session_id": "1", "start": start, "end": end}],
            "licence": "CC-BY-4.0",
            "keywords": ["Fassung 1"],
        }


def agreement(text: str, partner: str) -> str:
    """Return an example agreement as a run needs it: something is closed, and one inbox has two partitions."""
    closed = _CLOSED.get(partner)
    if closed is None:
        return text
    inbox, _, rest = text.partition("[outbox]")
    kept = "".join(line for line in inbox.splitlines(keepends=True) if closed not in line)
    return kept.replace("[inbox]", "[inbox]\npartitions = 2") + "[outbox]" + rest
