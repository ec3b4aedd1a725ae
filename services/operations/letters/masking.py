"""What a payload looks like without what it says: its structure with every value masked. Pure."""

import json
from typing import Any

_DEPTH = 12
_ENTRIES = 40


def masked(payload: bytes | None, known: frozenset[str]) -> Any:  # noqa: ANN401 - as JSON
    """Return the structure of a payload: keys the contracts know, kinds and sizes of values, never a value.

    Args:
        payload: the bytes.
        known: the field names that may be shown; any other key may itself be a name of a human.
    """
    if payload is None:
        return "nothing"
    try:
        document = json.loads(payload)
    except (ValueError, RecursionError):
        return f"{len(payload)} bytes, no JSON"
    return _mask(document, known, 0)


def _mask(value: Any, known: frozenset[str], depth: int) -> Any:  # noqa: ANN401 - as JSON
    if isinstance(value, dict | list) and depth > _DEPTH:
        return "(deeper)"
    if isinstance(value, dict):
        shown = {_key(key, known, n): _mask(inner, known, depth + 1) for n, (key, inner) in enumerate(value.items())}
        return dict(list(shown.items())[:_ENTRIES])
    if isinstance(value, list):
        return [_mask(inner, known, depth + 1) for inner in value[:_ENTRIES]]
    return _kind(value)


def _key(key: str, known: frozenset[str], number: int) -> str:
    return key if key in known else f"(unknown field {number + 1})"


def _kind(value: object) -> str:
    if isinstance(value, str):
        return f"text of {len(value)}"
    if isinstance(value, bool):
        return "true or false"
    return "null" if value is None else "number"
