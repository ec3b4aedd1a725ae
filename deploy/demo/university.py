"""The university has a Kafka client of its own: it writes its inbox and reads its outbox, as its principal."""

from collections import Counter
from datetime import date, datetime, timedelta
from typing import Any

from contracts.envelope import Envelope, now
from contracts.event import EventPublished
from contracts.topics import inbox, outbox
from contracts.zoned_time import ZonedTime
from deploy.demo.courses import evening
from deploy.demo.operators_editor import PERSONS
from services.runtime.kafka import Kafka
from services.runtime.settings import Settings

PARTNER = "universitaet-wuppertal"
EVENING = f"{PARTNER}:citizen-science-abend"
OFFICE_HOUR = "Sprechstunde Bürgerwissenschaft"


def lecture(today: date) -> EventPublished:
    """Return what the university announces."""
    start = evening(today + timedelta(days=16), 18)
    return EventPublished.model_validate(
        {
            "event_id": EVENING,
            "revision": 1,
            "capacity": {"maximum": 2},
            "texts": [
                {"language": "de", "title": "Citizen-Science-Abend", "description": "Forschen Sie mit."},
                {"language": "de-simple", "title": "Zusammen forschen"},
                {"language": "en", "title": "Citizen science evening"},
            ],
            "organiser": {"name": "Bergische Universität Wuppertal", "partner": PARTNER},
            "sessions": [{"session_id": "single", "start": _berlin(start), "end": _berlin(start + timedelta(hours=2))}],
            "place": {"name": "Wissenschaftspark Gelsenkirchen", "ags": "05513000", "quarter": "Ückendorf"},
            "free_of_charge": "yes",
            "licence": "CC-BY-4.0",
            "reallabore": ["stadtgesellschaft-und-wissenschaft"],
            "sdgs": [{"goal": 4, "target": "4.7", "assigned_by": PARTNER, "method": "human"}],
        }
    )


def _berlin(local: datetime) -> dict[str, Any]:
    return ZonedTime.at(local, "Europe/Berlin").model_dump()


def lecture_with_a_person(today: date) -> EventPublished:
    """Return another announcement, which by mistake names a human's address."""
    whole = lecture(today).model_dump()
    told = {
        "event_id": f"{PARTNER}:sprechstunde",
        "texts": [{"language": "de", "title": OFFICE_HOUR}],
        "organiser": {**whole["organiser"], "contact": PERSONS},
    }
    return EventPublished.model_validate({**whole, **told})


async def announce(settings: Settings, fact: EventPublished) -> None:
    """Write one fact into the university's inbox and wait for Kafka's acknowledgement."""
    envelope = Envelope(id=f"{fact.event_id}/{fact.revision}", type=fact.type, time=now(), subject=fact.event_id)
    async with Kafka(settings, f"partner-{PARTNER}").producer() as producer:
        await producer.send_and_wait(
            inbox(PARTNER), key=fact.key.encode(), value=fact.payload(), headers=envelope.headers()
        )


async def read_outbox(settings: Settings) -> Counter[str]:
    """Read what is new in the university's outbox, as its own group, and note how far it came.

    Returns:
        How many facts of each kind.
    """
    kafka, kinds = Kafka(settings, f"partner-{PARTNER}"), Counter[str]()
    async with kafka.consumer(
        outbox(PARTNER), group=f"partner.{PARTNER}.calendar", auto_offset_reset="earliest"
    ) as mine:
        while batches := await mine.getmany(timeout_ms=2_000):
            messages = [record for batch in batches.values() for record in batch]
            kinds.update(dict(record.headers)["ce_type"].decode().split(".")[-2] for record in messages)
        await mine.commit()
    return kinds
