"""Whether the gateway lives, and whether what it needs answers."""

from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from services.gateway.idempotency import PostgresRequests
from services.gateway.inboxes import KafkaInboxes, PartAwayError
from services.gateway.webhooks.ledger import PostgresLedger


@dataclass(frozen=True, slots=True)
class Health:
    """Answers for itself. It is live as long as it answers at all.

    ``called``: the partners with a webhook. One that does not answer leaves the gateway ready.
    """

    inboxes: KafkaInboxes
    requests: PostgresRequests
    called: tuple[str, ...] = ()

    async def live(self, _: Request) -> Response:
        """Say that the process answers."""
        return JSONResponse({"live": True})

    async def ready(self, _: Request) -> Response:
        """Say whether facts would be taken now, else (503) what is waited for; and how the webhooks are doing."""
        waiting = {} if await self.inboxes.reachable() else {"kafka": "expected an answer, came none"}
        if not await self.requests.reachable():
            waiting["postgres"] = "expected an answer, came none: requests with Idempotency-Key are refused meanwhile"
        told = {"ready": not waiting, "waiting": waiting, **await self._webhooks()}
        return JSONResponse(told, 503 if waiting else 200)

    async def _webhooks(self) -> dict[str, object]:
        try:
            rows = await PostgresLedger(self.requests).all([*self.called]) if self.called else []
        except PartAwayError:
            return {}
        return {"webhooks": {row.pop("partner"): {**row, "next_try": row["next_try"].isoformat()} for row in rows}}
