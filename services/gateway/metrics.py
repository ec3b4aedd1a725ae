"""What the gateway counts: requests by partner and answer, facts by what became of them at the door, calls."""

from prometheus_client import Counter, Gauge
from starlette.types import ASGIApp, Message, Receive, Scope, Send

REQUESTS = Counter("hub_gateway_requests_total", "Requests answered", ("partner", "route", "status"))
FACTS = Counter("hub_gateway_facts_total", "Facts judged at the HTTP door", ("partner", "contract", "outcome"))
CALLS = Counter("hub_gateway_webhook_calls_total", "Facts posted to a partner's webhook", ("partner", "outcome"))
FAILURES = Gauge("hub_gateway_webhook_failures", "Calls of a partner's webhook that failed in a row", ("partner",))
NEXT_TRY = Gauge("hub_gateway_webhook_next_try_seconds", "When a webhook that failed is tried again", ("partner",))
NOBODY = "unknown"


class Counting:
    """Counts each answer under the pattern of its address, never under the address itself."""

    def __init__(self, app: ASGIApp) -> None:
        """Wrap an application."""
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on and see which status it gets."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def heard(message: Message) -> None:
            if message["type"] == "http.response.start":
                partner = scope.get("state", {}).get("partner", NOBODY)
                REQUESTS.labels(partner, _route(scope), str(message["status"])).inc()
            await send(message)

        await self._app(scope, receive, heard)


def _route(scope: Scope) -> str:
    """Return the name of the handler; an unknown address may hold anything."""
    endpoint = scope.get("endpoint")
    owner = type(getattr(endpoint, "__self__", None)).__name__.lower()
    return NOBODY if endpoint is None else owner if owner != "nonetype" else str(getattr(endpoint, "__name__", NOBODY))
