"""The same doors by Kafka, for programs. Source: AsyncAPI 3.0; CloudEvents Kafka protocol binding (binary mode)."""

from collections.abc import Iterable
from typing import Any

from contracts import topics
from contracts.envelope import CONTENT_TYPE
from contracts.fact import Fact
from contracts.registry import CONTRACTS
from services.gateway.schemas import SENT, components, ref
from services.gateway.words import described, words

_VERSION = "1"
_HEADERS = {
    "type": "object",
    "required": ["ce_specversion", "ce_id", "ce_type", "ce_time"],
    "properties": {
        "ce_specversion": {"const": "1.0"},
        "ce_id": {"type": "string"},
        "ce_type": {"enum": sorted(CONTRACTS)},
        "ce_time": {"type": "string", "format": "date-time"},
        "content-type": {"const": CONTENT_TYPE},
    },
}


def asyncapi() -> dict[str, Any]:
    """Return the description."""
    title = words("title")
    return {
        "asyncapi": "3.0.0",
        "info": {"title": title.en, "x-title-de": title.de, "version": _VERSION, **described("intro")},
        "defaultContentType": CONTENT_TYPE,
        "channels": {
            "inbox": _channel(topics.inbox("{partner}"), "inbox-channel", SENT),
            "outbox": _channel(topics.outbox("{partner}"), "outbox-channel", CONTRACTS.values()),
        },
        "operations": {
            "sendFacts": {"action": "send", "channel": {"$ref": "#/channels/inbox"}},
            "readOutbox": {"action": "receive", "channel": {"$ref": "#/channels/outbox"}},
        },
        "components": {"messages": _messages(), "schemas": components()},
    }


def _channel(address: str, sentence: str, contracts: Iterable[type[Fact]]) -> dict[str, Any]:
    return {
        "address": address,
        **described(sentence),
        "parameters": {"partner": described("partner-id")},
        "messages": {
            contract.__name__: {"$ref": f"#/components/messages/{contract.__name__}"} for contract in contracts
        },
    }


def _messages() -> dict[str, Any]:
    return {
        contract.__name__: {
            "name": contract.type,
            "contentType": CONTENT_TYPE,
            "headers": _HEADERS,
            "payload": ref(contract.__name__),
            "bindings": {"kafka": {"key": {"type": "string", "description": contract.key_field}}},
        }
        for contract in CONTRACTS.values()
    }
