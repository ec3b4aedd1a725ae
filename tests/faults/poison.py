"""What no door may let through, as rows: how an event is spoilt, and by which rule it must be refused."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from tests.faults.messages import PUBLISHED, Sending

CANARY = "Kanarienvogel-Erika"  # stands for a person's name; it may appear nowhere but in the message itself
Event = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Poison:
    """One way to spoil a published event."""

    name: str
    rule: str
    change: Callable[[Event], Event | bytes] = lambda event: event
    headers: Mapping[str, bytes] = field(default_factory=dict)

    def into(self, event: Event, partner: str, number: int) -> Sending:
        """Spoil an event."""
        changed = self.change(event)
        value = changed if isinstance(changed, bytes) else json.dumps(changed).encode()
        spoilt = tuple(self.headers.items())
        return Sending(number, partner, event["event_id"].encode(), value, PUBLISHED, self.rule, spoilt)


def _naive(event: Event) -> Event:
    session = {"session_id": "1", "start": {"local": "2027-03-01T10:00:00"}, "end": {"local": "2027-03-01T11:00:00"}}
    return {**event, "sessions": [session]}


POISONS = (
    Poison("bytes", "json-invalid", lambda _: b"\xff\xfe\x00"),
    Poison("cut", "json-invalid", lambda event: json.dumps(event).encode()[:-9]),
    Poison("header", "attribute-invalid", headers={"ce_time": b"\xff\xff"}),
    Poison("type", "type-unknown", headers={"ce_type": b"de.lernende-stadt.party.thrown.v1"}),
    Poison("version", "version-unknown", headers={"ce_type": PUBLISHED.replace("v1", "v9").encode()}),
    Poison("source", "source-foreign", headers={"ce_source": b"/partners/somebody-else"}),
    Poison("long", "contract-violated", lambda event: {**event, "keywords": ["x" * 5_000]}),
    Poison("naive", "contract-violated", _naive),
    Poison("person", "contract-violated", lambda event: {**event, CANARY: CANARY}),
    Poison("nul", "contract-violated", lambda event: {**event, "keywords": ["a\x00b"]}),
    Poison("foreign", "object-foreign", lambda event: {**event, "event_id": "somebody-else:1"}),
)
