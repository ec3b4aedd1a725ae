"""Messages and agreements for the tests of the contracts."""

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, get_args

from contracts import publish
from contracts.admission import Message
from contracts.agreement import Agreement
from contracts.agreements import EXAMPLES, load_agreements
from contracts.envelope import Envelope
from contracts.model import Model
from contracts.registry import CONTRACTS

Json = Any  # whatever JSON can hold
FACTS = Path(publish.__file__).with_name("examples")
TIME = "2026-01-05T09:30:00+01:00"


def examples() -> dict[str, dict[str, Any]]:
    """Every committed example, by the name of its file without the ending."""
    return {path.stem: json.loads(path.read_text(encoding="utf-8")) for path in sorted(FACTS.glob("*.json"))}


def type_of(example: str) -> str:
    """The contract of an example: its name without the number."""
    return example.rpartition(".")[0]


def subject_of(payload: dict[str, Any]) -> str:
    """The id of the object that a payload is about."""
    return str(
        next(payload[name] for name in dict.fromkeys(c.subject_field for c in CONTRACTS.values()) if name in payload)
    )


def partner_of(payload: dict[str, Any]) -> str:
    """The partner whose object a payload is about, or who is told of a letter."""
    return str(payload.get("partner") or subject_of(payload).partition(":")[0])


def agreement_of(payload: dict[str, Any]) -> Agreement:
    """The agreement of the partner whose object the payload is about."""
    return load_agreements(EXAMPLES)[partner_of(payload)]


def parts(annotation: object) -> Iterator[type[Model]]:
    """Every contract model that an annotation mentions, and what those mention."""
    if isinstance(annotation, type) and issubclass(annotation, Model):
        yield annotation
        for field in annotation.model_fields.values():
            yield from parts(field.annotation)
    for inner in get_args(annotation):
        yield from parts(inner)


def message(
    contract: str,
    payload: dict[str, Any] | bytes,
    *,
    key: bytes | None = None,
    more: Sequence[tuple[str, bytes]] = (),
    without: Sequence[str] = (),
) -> Message:
    """A message as a partner would send it; ``more`` headers replace those of the same name."""
    value = payload if isinstance(payload, bytes) else json.dumps(payload, ensure_ascii=False).encode()
    dropped = {*without, *(name for name, _ in more)}
    headers = [pair for pair in Envelope("f-1", contract, TIME).headers() if pair[0] not in dropped]
    return Message(key, value, [*headers, *more])


assert set(map(type_of, examples())) == set(CONTRACTS), "each contract has examples"
