"""The description of the HTTP door for programs, made from the contracts. Source: OpenAPI 3.1."""

from collections.abc import Sequence
from typing import Any

from contracts.envelope import CONTENT_TYPE
from services.gateway.json_format import BATCH, STRUCTURED
from services.gateway.outboxes import FACTS, LONGEST_WAIT_S, MOST_FACTS
from services.gateway.problems import MEDIA_TYPE
from services.gateway.schemas import SENT, components, ref
from services.gateway.webhooks.described import webhooks
from services.gateway.words import described, words
from services.runtime.vault import READABLE

VERSION = "1"
_EVERYWHERE = (401, 403, 429, 500, 503)


def openapi() -> dict[str, Any]:
    """Return the description."""
    title = words("title")
    return {
        "openapi": "3.1.0",
        "info": {"title": title.en, "x-title-de": title.de, "version": VERSION, **described("intro")},
        "security": [{"key": []}],
        "paths": {
            "/v1/facts": {"post": _facts()},
            "/v1/receipts/{id}": {"get": _receipt()},
            "/v1/outbox": {"get": _outbox()},
            "/v1/persons/{ref}": {"get": _person()},
        },
        "webhooks": webhooks(),
        "components": {
            "securitySchemes": {"key": {"type": "http", "scheme": "bearer", **described("key")}},
            "schemas": components(),
        },
    }


def _facts() -> dict[str, Any]:
    forms = {
        CONTENT_TYPE: {"anyOf": [ref(contract.__name__) for contract in SENT]},
        STRUCTURED: ref("CloudEvent"),
        BATCH: ref("Batch"),
    }
    attributes = [
        _parameter(f"ce-{name}", "header", {"type": "string"}) for name in ("specversion", "id", "type", "time")
    ]
    return {
        "operationId": "sendFacts",
        **described("facts"),
        "parameters": [
            _parameter("dry_run", "query", {"enum": [0, 1], "default": 0}, "dry-run"),
            _parameter("Idempotency-Key", "header", {"type": "string"}, "idempotency"),
            *attributes,
        ],
        "requestBody": {"required": True, "content": _content(forms)},
        "responses": {
            "202": _answer("facts-taken", {CONTENT_TYPE: ref("Receipts")}),
            "200": _answer("facts-tried", {CONTENT_TYPE: ref("Judged")}),
            **_problems(400, 408, 409, 413, 415, 422),
        },
    }


def _receipt() -> dict[str, Any]:
    return {
        "operationId": "readReceipt",
        **described("receipt"),
        "parameters": [{**_parameter("id", "path", {"type": "string"}, "receipt-id"), "required": True}],
        "responses": {"200": _answer("receipt-found", {CONTENT_TYPE: ref("Receipt")}), **_problems(404)},
    }


def _person() -> dict[str, Any]:
    return {
        "operationId": "readPerson",
        **described("person"),
        "parameters": [
            {**_parameter("ref", "path", {"type": "string"}, "person-ref"), "required": True},
            {**_parameter("purpose", "query", {"enum": [*READABLE]}, "purpose"), "required": True},
        ],
        "responses": {"200": _answer("person-found", {CONTENT_TYPE: ref("StoredPerson")}), **_problems(400, 404)},
    }


def _outbox() -> dict[str, Any]:
    def whole(least: int, most: int | None, default: int | None) -> dict[str, Any]:
        limits = {"minimum": least, "maximum": most, "default": default}
        return {"type": "integer", **{name: value for name, value in limits.items() if value is not None}}

    return {
        "operationId": "readOutbox",
        **described("outbox"),
        "parameters": [
            _parameter("after", "query", whole(0, None, None), "after"),
            _parameter("limit", "query", whole(1, MOST_FACTS, FACTS), "limit"),
            _parameter("wait", "query", whole(0, LONGEST_WAIT_S, 0), "wait"),
        ],
        "responses": {"200": _answer("outbox-given", {BATCH: ref("OutboxBatch")}), **_problems(400, 410)},
    }


def _parameter(name: str, place: str, schema: dict[str, Any], sentence: str = "") -> dict[str, Any]:
    return {"name": name, "in": place, "schema": schema, **(described(sentence) if sentence else {})}


def _content(forms: dict[str, Any]) -> dict[str, Any]:
    return {media_type: {"schema": schema} for media_type, schema in forms.items()}


def _answer(sentence: str, forms: dict[str, Any]) -> dict[str, Any]:
    return {**described(sentence), "content": _content(forms)}


def _problems(*own: int) -> dict[str, Any]:
    statuses: Sequence[int] = sorted({*own, *_EVERYWHERE})
    return {str(status): _answer("problems", {MEDIA_TYPE: ref("Problem")}) for status in statuses}
