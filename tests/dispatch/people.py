"""A contract that speaks of a person in every way a contract can, for the tests of what analysts get."""

import json
from typing import Annotated, Any, Literal

from pydantic import Field, StringConstraints

from contracts import spelling
from contracts.admission import Message
from contracts.envelope import Envelope, source_of
from contracts.fact import Fact
from contracts.model import Model, Privacy
from contracts.parts import MailAddress
from contracts.place import Place
from contracts.registry import CONTRACTS
from contracts.text import Line, ObjectId, Prose, WebAddress
from contracts.zoned_time import Instant
from tests.engine.facts import TIME

Reference = Annotated[str, StringConstraints(pattern=r"^[a-z2-7]{26}$"), Privacy.PSEUDONYM]
Band = Annotated[Literal["0-13", "14-17", "18-26"], Privacy.PSEUDONYM]


class Human(Model, privacy=Privacy.PERSONAL):
    """Who ought to be in the vault."""

    name: Line | None = None
    email: MailAddress | None = None
    birth_year: int | None = None
    needs: Annotated[tuple[Line, ...], Privacy.SENSITIVE] = ()


class Seat(Model, privacy=Privacy.PUBLIC):
    """A part with a reference inside."""

    number: int
    reserved_for: tuple[Reference, ...] = ()
    wishes: Prose = ""


class SeatTaken(
    Fact,
    type="de.lernende-stadt.seat.taken.v1",
    stream="events",
    subject="seat_id",
    key="event_id",
    privacy=Privacy.PUBLIC,
):
    """All kinds of fields there are."""

    seat_id: Annotated[ObjectId, Privacy.PSEUDONYM]
    event_id: ObjectId
    person_ref: Reference | None = None
    age_band: Band | None = None
    age: Annotated[int | None, Privacy.PSEUDONYM] = None
    person: Human | None = None
    people: tuple[Human, ...] = ()
    note: Line | None = None
    page: WebAddress | None = None
    mail: MailAddress | None = None
    office: Annotated[MailAddress | None, Privacy.ROLE] = None
    country: Annotated[str, StringConstraints(pattern=spelling.COUNTRY)] = "DE"
    attendance: Literal["attended", "absent"] = "attended"
    waits_until: Instant | None = None
    seats: tuple[Seat, ...] = Field(default=(), max_length=10)
    lives: Annotated[Place | None, Privacy.PSEUDONYM] = None


def taken(number: int, canary: str, person_ref: str, **more: Any) -> Message:  # noqa: ANN401 - as JSON
    """The fact as it might lie in ``hub.events`` if everything before had failed: ``canary`` wherever text fits."""
    body = {
        "revision": 1,
        "seat_id": f"stadt:{canary}-{number}",
        "event_id": "stadt:kurs-1",
        "person_ref": person_ref,
        "age_band": "14-17",
        "age": 16,
        "person": {"name": canary, "email": f"{canary}@privat.example", "birth_year": 2010, "needs": [canary]},
        "people": [{"name": canary}],
        "note": canary,
        "page": f"https://privat.example/{canary}",
        "mail": f"{canary}@privat.example",
        "office": "kurse@stadt.example",
        "waits_until": "2026-12-01T10:00:00Z",
        "seats": [{"number": 7, "reserved_for": [person_ref], "wishes": canary}],
        "lives": {"name": canary, "postal_code": "45879"},
        canary: canary,
        **more,
    }
    about = Envelope(f"{canary}-id", SeatTaken.type, TIME, source_of("stadt"), body["seat_id"], 1, f"{canary}-c")
    headers = [*about._replace(traceparent=canary, redrive_of=canary).headers(), (canary, canary.encode())]
    return Message(b"stadt:kurs-1", json.dumps(body).encode(), headers)


def registered() -> None:
    """Make the contract one of the hub's, in this process."""
    CONTRACTS[SeatTaken.type] = SeatTaken
