"""Whether the gateway lives, and whether what it needs answers."""

from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from services.gateway.idempotency import PostgresRequests
from services.gateway.inboxes import KafkaInboxes


@dataclass(frozen=True, slots=True)
class Health:
    """Answers for itself. It is live as long as it answers at all."""

    inboxes: KafkaInboxes
    requests: PostgresRequests

    async def live(self, _: Request) -> Response:
        """Say that the process answers."""
        return JSONResponse({"live": True})

    async def ready(self, _: Request) -> Response:
        """Say whether facts would be taken now, else (503) what is waited for."""
        waiting = {} if await self.inboxes.reachable() else {"kafka": "expected an answer, came none"}
        if not await self.requests.reachable():
            waiting["postgres"] = "expected an answer, came none: requests with Idempotency-Key are refused meanwhile"
        return JSONResponse({"ready": not waiting, "waiting": waiting}, 503 if waiting else 200)
