"""Events that the connectors' tests send."""

from datetime import datetime, timedelta

from contracts.event import EventCancelled, EventPublished, EventWithdrawn
from contracts.parts import Organiser, Session, Text
from contracts.place import Place
from contracts.zoned_time import ZonedTime

WORKSHOP = "lernwerkstatt:repair-café/2026;12"


def workshop(
    revision: int = 1, *, event_id: str = WORKSHOP, title: str = "Repair-Café", hour: int = 18
) -> EventPublished:
    """An NGO's workshop on two evenings."""
    starts = [ZonedTime.at(datetime(2026, 12, day, hour), "Europe/Berlin") for day in (12, 19)]  # noqa: DTZ001
    return EventPublished(
        revision=revision,
        event_id=event_id,
        texts=(Text(language="de", title=title, description="Wir reparieren, was kaputt ist; und reden."),),
        organiser=Organiser(name="Lernwerkstatt Süd", partner="lernwerkstatt", contact="info@lernwerkstatt.example"),
        sessions=tuple(
            Session(
                session_id=f"{start.utc:%Y%m%dT%H%M%SZ}",
                start=start,
                end=ZonedTime.of(start.utc + timedelta(hours=2), start.zone),
            )
            for start in starts
        ),
        place=Place(name="Werkstatt", street="Karl-Meyer-Straße 1", postal_code="45884", locality="Gelsenkirchen"),
        keywords=("Technik", "Mitmachen"),
        licence="CC-BY-SA-4.0",
    )


def cancelled(revision: int, event_id: str = WORKSHOP) -> EventCancelled:
    """The workshop will not take place."""
    reason = Text(language="de", title="Die Leitung ist krank.")
    return EventCancelled(revision=revision, event_id=event_id, reason=(reason,))


def withdrawn(revision: int, event_id: str = WORKSHOP) -> EventWithdrawn:
    """The workshop is no longer told."""
    return EventWithdrawn(revision=revision, event_id=event_id, cause="deleted-at-source")
