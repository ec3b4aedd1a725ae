"""Humans who do not exist, with values that can be found again wherever they should not be."""

import json
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from hypothesis import strategies as st

from contracts.admission import Message
from contracts.agreement import Agreement
from contracts.enrolment import EnrolmentRequested
from contracts.person import Person
from services.runtime.references import References
from services.runtime.vault import Entrusted
from tests.contracts.event_strategies import LINE, MAIL

REFERENCES = References(b"a key for tests")
TELLER, ORGANISER, STRANGER = "verein", "stadt", "hochschule"

PLANTED: dict[str, Any] = {
    "person_id": "Mitglied-0-Kanarien",
    "name": "Erika Kanarien-2",
    "email": "kanarien-3@beispiel.example",
    "phone": "0209 Kanarien-4",
    "birth_year": 1987,
    "needs": [f"Kanarien-{number}" for number in range(5, 11)],
}
STRINGS = [
    *(str(value) for value in PLANTED.values() if isinstance(value, str)),
    *PLANTED["needs"],
]
"""What may be found in the vault and nowhere behind the door."""

PERSONS = st.builds(
    Person,
    person_id=LINE,
    name=st.none() | LINE,
    email=st.none() | MAIL,
    phone=st.none() | LINE,
    birth_year=st.none() | st.integers(1890, 2100),
    needs=st.lists(LINE, max_size=3).map(tuple),
)


def agreement(partner: str, *, purposes: Sequence[str] = ("enrolment_processing",)) -> Agreement:
    """A partner that sends requests and hears all that becomes of them."""
    facts = ["requested", "queued", "associated", "denied", "cancelled", "finished"]
    return Agreement.model_validate(
        {
            "id": partner,
            "status": "signed",
            "name": {"de": partner, "en": partner},
            "owner": {"unit": "Amt", "contact": "info@example.org"},
            "purposes": purposes,
            "inbox": {"contracts": [EnrolmentRequested.type]},
            "outbox": {"contracts": [f"de.lernende-stadt.enrolment.{each}.v1" for each in facts]},
        }
    )


def requested(
    number: object = 1,
    person: dict[str, Any] | None = None,
    *,
    time: str = "2026-01-05T09:30:00+01:00",
    teller: str = TELLER,
    offering: str = f"{ORGANISER}:kurs-1",
) -> Message:
    """A request as a partner sends it."""
    body = {"revision": 1, "enrolment_id": f"{teller}:{number}", "offering_id": offering, "person": person or PLANTED}
    headers = [
        ("ce_specversion", b"1.0"),
        ("ce_id", f"m-{number}".encode()),
        ("ce_type", EnrolmentRequested.type.encode()),
        ("ce_time", time.encode()),
    ]
    return Message(None, json.dumps(body).encode(), headers)


def entrusted(person: dict[str, Any] | Person, day: int = 1, organiser: str = ORGANISER) -> Entrusted:
    """What a request of some day in January tells."""
    known = person if isinstance(person, Person) else Person.model_validate(person)
    reference = REFERENCES.reference(TELLER, known.person_id)
    return Entrusted(reference, TELLER, (TELLER, organiser), datetime(2027, 1, day, tzinfo=UTC), known)
