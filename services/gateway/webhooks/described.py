"""The calls as programs read of them. Source: OpenAPI 3.1, "webhooks"."""

from typing import Any

from services.gateway.json_format import STRUCTURED
from services.gateway.schemas import ref
from services.gateway.words import described

_TEXT = {"type": "string"}
_HEADERS = {
    "webhook-id": (_TEXT, "webhook-id"),
    "webhook-timestamp": ({"type": "integer"}, "webhook-timestamp"),
    "webhook-signature": (_TEXT, "webhook-signature"),
}
_ANSWERS = {"2XX": "webhook-accepted", "410": "webhook-gone", "429": "webhook-later", "default": "webhook-failed"}


def webhooks() -> dict[str, Any]:
    """Return the one there is: what the hub posts to a partner, and what the answers mean."""
    parameters = [
        {"name": name, "in": "header", "required": True, "schema": schema, **described(sentence)}
        for name, (schema, sentence) in _HEADERS.items()
    ]
    post = {
        "operationId": "takeFact",
        **described("webhook"),
        "security": [],  # no key: the signature says who calls
        "parameters": parameters,
        "requestBody": {"required": True, "content": {STRUCTURED: {"schema": ref("OutboxEvent")}}},
        "responses": {status: described(sentence) for status, sentence in _ANSWERS.items()},
    }
    return {"fact": {"post": post}}
