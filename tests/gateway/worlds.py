"""The gateway without Kafka and PostgreSQL: what it writes and remembers lies in memory."""

import json
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
from starlette.routing import Route

from contracts.admission import Message
from contracts.agreements import EXAMPLES, load_agreements
from contracts.wording import expected
from services.gateway.app import application
from services.gateway.doorkeeper import Doorkeeper
from services.gateway.facts import Facts
from services.gateway.idempotency import Receipts
from services.gateway.inboxes import PartAwayError, Place
from services.gateway.problems import problem
from services.runtime.api_keys import KeyFile, new_key
from tests.contracts.worlds import TIME, examples, subject_of, type_of

UNIVERSITY, CITY, NGO = "universitaet-wuppertal", "stadt-gelsenkirchen", "lernwerkstatt-rotthausen"
TYPE, BODY = next((type_of(name), body) for name, body in examples().items() if subject_of(body).startswith(UNIVERSITY))


@dataclass
class MemoryInboxes:
    """Implements `Inboxes`."""

    written: list[tuple[str, Message]] = field(default_factory=list)
    away: bool = False

    async def put(self, partner: str, messages: Sequence[Message]) -> list[Place]:
        """Keep all."""
        if self.away:
            raise PartAwayError("away")
        places = [Place(0, len(self.written) + number) for number, _ in enumerate(messages)]
        self.written += [(partner, message) for message in messages]
        return places


@dataclass
class MemoryRequests:
    """Implements `Requests`."""

    kept: dict[tuple[str, bytes], tuple[bytes, Receipts | None]] = field(default_factory=dict)

    async def once(self, partner: str, key: bytes, digest: bytes, work: Callable[[], Awaitable[Receipts]]) -> Receipts:
        """Remember what a request brought."""
        before, answer = self.kept.get((partner, key), (digest, None))
        if before != digest:
            raise problem("idempotency-key-reused", "header idempotency-key", expected("idempotency-same"))
        if answer is None:
            answer = await work()
            self.kept[partner, key] = digest, answer
        return answer


class World:
    """A gateway in memory, and a partner that may use it."""

    def __init__(self, secrets: Path, now: Callable[[], float] = lambda: 0.0) -> None:
        """Give the university a key, and the NGO one, whose agreement opens no HTTP door."""
        self.secrets, self.keys = secrets, {}
        for partner in (UNIVERSITY, NGO):
            self.keys[partner], kept = new_key(partner)
            KeyFile(secrets, partner).write([kept])
        self.inboxes, self.requests = MemoryInboxes(), MemoryRequests()
        agreements = load_agreements(EXAMPLES)
        facts = Facts(Doorkeeper(agreements, secrets, now), self.inboxes, self.requests)
        self.app = application([Route("/v1/facts", facts.post, methods=["POST"])])

    def client(self, key: str | None = None, **headers: str) -> httpx.AsyncClient:
        """A client with the university's key, or another; it never raises what the application did."""
        own = {"authorization": f"Bearer {key or self.keys[UNIVERSITY]}", **headers}
        transport = httpx.ASGITransport(self.app, raise_app_exceptions=False)
        return httpx.AsyncClient(transport=transport, base_url="http://gateway", headers=own)


def binary(number: int = 1, contract: str = TYPE, **more: str) -> dict[str, str]:
    """The headers of a fact in binary mode."""
    own = {"ce-specversion": "1.0", "ce-id": f"m-{number}", "ce-type": contract, "ce-time": TIME}
    return {**own, "content-type": "application/json", **more}


def fact(name: str, revision: int = 1, **more: Any) -> dict[str, Any]:  # noqa: ANN401 - JSON
    """A payload of the university's."""
    field_ = next(each for each, value in BODY.items() if value == subject_of(BODY))
    return {**BODY, field_: f"{UNIVERSITY}:{name}", "revision": revision, **more}


def written(payload: dict[str, Any]) -> bytes:
    """A payload as bytes."""
    return json.dumps(payload, ensure_ascii=False).encode()


def structured(number: int, payload: dict[str, Any], contract: str = TYPE, **more: object) -> dict[str, Any]:
    """The same fact as one JSON object."""
    own = {"specversion": "1.0", "id": f"m-{number}", "type": contract, "time": TIME}
    return {**own, "datacontenttype": "application/json", "data": payload, **more}
