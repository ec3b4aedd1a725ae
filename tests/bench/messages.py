"""Facts as partners send them: seeded, about 700 bytes each, every one admitted by its contract."""

import json
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from random import Random

from contracts.admission import Message
from contracts.event import EventPublished
from contracts.zoned_time import ZonedTime

TIME = b"2026-11-24T08:00:00Z"
ZONE = "Europe/Berlin"
FIRST_DAY = datetime(2027, 1, 4)  # noqa: DTZ001 - a wall-clock time
DAYS, SLOTS, SESSIONS = 400, (9, 10, 14, 17, 18, 19), (1, 1, 1, 2)
SUBJECTS = ("Deutsch am Abend", "Reparatur-Café", "Einführung in Python", "Digital-Sprechstunde", "Stadtgeschichte")
PLACES = (
    {"name": "Bildungszentrum", "street": "Ebertstraße 19", "postal_code": "45879", "locality": "Gelsenkirchen"},
    {"name": "Lernwerkstatt", "street": "Karl-Meyer-Straße 8", "postal_code": "45884", "locality": "Gelsenkirchen"},
    {"name": "Stadtbibliothek Horst", "postal_code": "45899", "locality": "Gelsenkirchen"},
)
TEXT = (
    "Gemeinsam üben wir, was im Alltag hilft, und reden darüber, wie es weitergeht. Vorkenntnisse braucht niemand. "
    "Wer mag, bringt eigene Geräte, Texte oder Fragen mit; Kaffee und Hilfe gibt es, auch auf Englisch und Türkisch."
)
LENGTHS = (30, 60)  # characters of a description, from and below


def events(partner: str, numbers: Sequence[int], revision: int = 1, seed: int = 1) -> Iterator[Message]:
    """Yield the publication of each event, as it lies in the partner's inbox; the same arguments give the same bytes.

    Args:
        partner: the sender's id; the events are its own.
        numbers: which events, one message each, in this order.
        revision: of all of them; it also varies their texts.
        seed: of everything that varies.
    """
    moments = _Moments()
    for number in numbers:
        chance = Random(f"{seed} {partner} {number} {revision}")  # noqa: S311 - no secret
        subject = f"{partner}:kurs-{number:07}"
        payload = json.dumps(_event(subject, revision, chance, moments), ensure_ascii=False, separators=(",", ":"))
        yield Message(subject.encode(), payload.encode(), _headers(f"{subject}/{revision}"))


def _headers(identifier: str) -> list[tuple[str, bytes]]:
    return [
        ("ce_specversion", b"1.0"),
        ("ce_id", identifier.encode()),
        ("ce_type", EventPublished.type.encode()),
        ("ce_time", TIME),
        ("content-type", b"application/json"),
    ]


def _event(subject: str, revision: int, chance: Random, moments: "_Moments") -> dict[str, object]:
    partner, _, own = subject.partition(":")
    start = chance.randrange(len(TEXT) // 2)
    return {
        "revision": revision,
        "event_id": subject,
        "texts": [
            {
                "language": "de",
                "title": f"{chance.choice(SUBJECTS)} {own[-4:]}",
                "description": TEXT[start : start + chance.randrange(*LENGTHS)].strip(),
            }
        ],
        "organiser": {"name": "Volkshochschule", "contact": f"kurse@{partner}.example"},
        "sessions": moments.sessions(chance),
        "place": chance.choice(PLACES),
        "free_of_charge": chance.choice(("yes", "no", "unknown")),
        "languages": ["de"],
        "licence": "CC-BY-4.0",
        "source_url": f"https://{partner}.example/kurse/{own}",
    }


class _Moments:
    """Dates in both of their spellings. Each is worked out once: the bench makes millions of messages."""

    def __init__(self) -> None:
        self._known: dict[tuple[int, int], dict[str, str]] = {}

    def sessions(self, chance: Random) -> list[dict[str, object]]:
        day, hour = chance.randrange(DAYS), chance.choice(SLOTS)
        return [
            {
                "session_id": f"{week + 1}",
                "start": self._at(day + 7 * week, hour),
                "end": self._at(day + 7 * week, hour + 2),
            }
            for week in range(chance.choice(SESSIONS))
        ]

    def _at(self, day: int, hour: int) -> dict[str, str]:
        if (day, hour) not in self._known:
            moment = ZonedTime.at(FIRST_DAY + timedelta(days=day, hours=hour), ZONE)
            self._known[day, hour] = moment.model_dump(mode="json")
        return self._known[day, hour]
