"""Facts for the engine's tests, made as a partner would make them."""

import json
from typing import Any

from contracts.admission import Message
from contracts.envelope import Envelope, source_of
from contracts.event import EventCancelled, EventPublished, EventWithdrawn

TIME = "2026-10-01T08:00:00Z"


def published(
    number: str = "1",
    revision: int = 1,
    title: str = "Reparatur-Café",
    partner: str = "stadt",
    **more: object,
) -> Message:
    """A published event as it lies in ``hub.events.submitted``; ``more`` are fields of its contract."""
    event = EventPublished.model_validate(
        {
            "event_id": f"{partner}:{number}",
            "revision": revision,
            "texts": [{"language": "de", "title": title}],
            "organiser": {"name": "Stadt Gelsenkirchen"},
            "sessions": [],
            "licence": "CC-BY-4.0",
            **more,
        }
    )
    return enveloped(event.type, event.event_id, revision, event.payload(), partner)


def cancelled(number: str = "1", revision: int = 2, partner: str = "stadt") -> Message:
    """A cancelled event."""
    event = EventCancelled(event_id=f"{partner}:{number}", revision=revision)
    return enveloped(event.type, event.event_id, revision, event.payload(), partner)


def withdrawn(number: str = "1", revision: int = 3, partner: str = "stadt") -> Message:
    """A withdrawn event."""
    event = EventWithdrawn(event_id=f"{partner}:{number}", revision=revision, cause="deleted-at-source")
    return enveloped(event.type, event.event_id, revision, event.payload(), partner)


def enveloped(kind: str, subject: str, revision: int, payload: bytes, partner: str = "stadt") -> Message:
    """Any payload in the hub's envelope."""
    envelope = Envelope(
        id=f"{subject}/{revision}", type=kind, time=TIME, source=source_of(partner), subject=subject, revision=revision
    )
    return Message(subject.encode(), payload, envelope.headers())


def broken() -> Message:
    """A message whose payload is no JSON, in the hub's envelope."""
    return enveloped(EventPublished.type, "stadt:broken", 1, b"\xff not json")


def told(message: Message) -> tuple[str, int]:
    """What a message says, short: its object and revision."""
    content: dict[str, Any] = json.loads(message.value or b"{}")
    return content["event_id"], content["revision"]
