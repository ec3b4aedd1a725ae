"""The schemas of contracts and answers, as one set of components that refer to each other."""

from collections.abc import Collection
from functools import cache
from typing import Any

from pydantic.json_schema import models_json_schema

from contracts.envelope import CONTENT_TYPE
from contracts.fact import Fact
from contracts.registry import CONTRACTS
from services.runtime.vault import KEPT

SENT = tuple(contract for contract in CONTRACTS.values() if not contract.by_hub)
"""What a partner may send; an outbox tells what the hub says of itself, too."""

COMPONENTS = "#/components/schemas/"
_TEXT, _NUMBER = {"type": "string"}, {"type": "integer"}
_ABOUT = {"event": _TEXT, "type": _TEXT, "subject": _TEXT, "revision": _NUMBER}
_PROBLEM = {"type": _TEXT, "title": _TEXT, "detail": _TEXT, "rule": _TEXT, "place": _TEXT}
_STATES = ["received", "waiting", "applied", "delivered", "duplicate", "superseded", "rejected"]


def ref(name: str) -> dict[str, str]:
    """Refer to a component."""
    return {"$ref": COMPONENTS + name}


def _object(properties: dict[str, Any], *optional: str) -> dict[str, Any]:
    needed = [name for name in properties if name not in optional]
    return {"type": "object", "properties": properties, "required": needed}


def _list(items: dict[str, Any]) -> dict[str, Any]:
    return {"type": "array", "items": items}


def _cloud_event(contracts: Collection[type[Fact]]) -> dict[str, Any]:
    attributes = {
        "specversion": {"const": "1.0"},
        "id": _TEXT,
        "type": {"enum": sorted(contract.type for contract in contracts)},
        "time": {"type": "string", "format": "date-time"},
        "source": _TEXT,
        "subject": _TEXT,
        "revision": _NUMBER,
        "correlationid": _TEXT,
        "traceparent": _TEXT,
        "datacontenttype": {"const": CONTENT_TYPE},
        "data": {"anyOf": [ref(contract.__name__) for contract in contracts]},
    }
    optional = ("source", "subject", "revision", "correlationid", "traceparent", "datacontenttype")
    return _object(attributes, *optional)


_OWN: dict[str, Any] = {
    "Problem": _object(
        {"status": _NUMBER, **_PROBLEM, "errors": _list(_object({"index": _NUMBER, **_PROBLEM}))}, "errors"
    ),
    "Judged": _object({"dry_run": {"type": "boolean"}, "facts": _list(_object(_ABOUT))}),
    "Receipts": _object(
        {"receipts": _list(_object({"id": _TEXT, "status": {"const": "received"}, "href": _TEXT, **_ABOUT}))}
    ),
    "Receipt": _object(
        {"id": _TEXT, "status": {"enum": _STATES}, **_ABOUT, "problem": _object(_PROBLEM)}, "problem", *_ABOUT
    ),
    "CloudEvent": _cloud_event(SENT),
    "Batch": _list(ref("CloudEvent")),
    "OutboxEvent": _cloud_event(CONTRACTS.values()),
    "OutboxBatch": _list(ref("OutboxEvent")),
    "StoredPerson": _object(
        {
            **dict.fromkeys(("person_ref", "told_at", "name", "email", "phone"), _TEXT),
            "birth_year": _NUMBER,
            "needs": _list(_TEXT),
        },
        *KEPT,
    ),
}


@cache
def components() -> dict[str, Any]:
    """Return all of them by name: those of the contracts with their descriptions in both languages."""
    models: Any = [(contract, "validation") for contract in CONTRACTS.values()]
    _, found = models_json_schema(models, ref_template=COMPONENTS + "{model}")
    return {**found["$defs"], **_OWN}
