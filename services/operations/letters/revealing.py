"""What a dead letter says, for an operator who must know. Pure."""

import json
from typing import Any

from contracts.dead_letter import DeadLetter


def revealed(letter: DeadLetter) -> dict[str, object]:
    """Return key, headers and payload of the original as they came; what is no UTF-8 by its numbers."""
    original = letter.original
    return {
        "key": "none" if original.key is None else _text(original.key),
        "headers": {name: _text(value or b"") for name, value in original.headers},
        "payload": _document(original.value),
    }


def _document(payload: bytes | None) -> Any:  # noqa: ANN401 - as JSON
    """Return a payload as JSON, or as text where it is none, or where a key stands twice: then one would be lost."""
    if payload is None:
        return "none"
    try:
        return json.loads(payload, object_pairs_hook=_each_once)
    except (ValueError, RecursionError):
        return _text(payload)


def _each_once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError("a key stands twice")
    return found


def _text(raw: bytes) -> str:
    return raw.decode(errors="backslashreplace")
