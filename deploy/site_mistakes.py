"""A wrong ``hub.toml``, told so that its author can put it right: file, line, expected, came, what to write. Pure."""

import difflib
import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from contracts.agreements.mistakes import Mistake
from contracts.agreements.places import Places


@dataclass(frozen=True, slots=True)
class Key:
    """What a key holds, and an example of it.

    Attributes:
        expected: in words.
        example: as TOML.
        tell: what came may be shown: it cannot be a secret.
        beside: the key in whose line it is missed.
    """

    expected: str
    example: str
    tell: bool = False
    beside: str = ""


KEYS: Mapping[str, Key] = {
    "agreements": Key("a folder as text", '"/etc/hub/agreements"'),
    "kafka": Key("host:port as text, several comma separated", '"kafka-1.example:9092,kafka-2.example:9092"'),
    "kafka_ca": Key("the CA's file for a Kafka not on this machine", '"/etc/hub/kafka-ca.pem"', beside="kafka"),
    "postgres": Key(
        "an address without password (that is the file secrets/postgres)",
        '"postgresql://hub@database.example:5432/hub"',
    ),
    "wait_hours": Key("hours that a request waits for an event that nobody has published", "24", tell=True),
    "production": Key("true or false", "true", tell=True),
    "ports": Key("a table of ports", "{ prefect = 4201 }"),
}
QUOTE = '"'
_KINDS = {str: "another text", bool: "true or false", int: "a number", float: "a number", list: "a list"}


def of_validation(
    error: ValidationError, path: Path, text: str, ports: Mapping[str, int], variables: Collection[str]
) -> list[Mistake]:
    """Tell what is wrong, in the order of the file's lines, each key once.

    Args:
        error: pydantic's, about the file's content and the variables.
        path: the file.
        text: its content.
        ports: the parts that have a port, each with its usual one.
        variables: keys that came from a variable ``HUB_<KEY>``, for which the file is not to blame.
    """
    places, told = Places(text), dict[tuple[str, ...], Mistake]()
    for violation in error.errors(include_url=False):
        steps = tuple(str(step) for step in violation["loc"] if step != "[key]")
        key = _key(steps, ports)
        expected, write = _known(steps, violation["input"], key) if key else _unknown(steps, ports)
        if key and steps[0] in variables:
            variable = f"HUB_{steps[0].upper()}"
            mistake = Mistake(Path(variable), 0, expected, f"write {variable}={key.example.strip(QUOTE)}, or unset it")
        else:
            missed = key is not None and violation["input"] is None
            mistake = Mistake(path, places.line((key.beside,) if key and missed else steps), expected, write)
        told.setdefault(steps, mistake)
    return sorted(told.values(), key=lambda mistake: mistake.line)


def _key(steps: tuple[str, ...], ports: Mapping[str, int]) -> Key | None:
    if len(steps) == 1:
        return KEYS.get(steps[0])
    usual = ports.get(steps[1])
    return Key("a port from 1 to 65535", str(usual), tell=True) if usual else None


def _known(steps: tuple[str, ...], given: Any, key: Key) -> tuple[str, str]:  # noqa: ANN401 - whatever TOML holds
    kind = "nothing" if given is None else _KINDS.get(type(given), "something else")
    came = json.dumps(given, default=str, ensure_ascii=False) if key.tell else kind
    return f"{'.'.join(steps)} to be {key.expected}, came {came}", f"write {steps[-1]} = {key.example}"


def _unknown(steps: tuple[str, ...], ports: Mapping[str, int]) -> tuple[str, str]:
    what, known = ("a part that has a port", ports) if len(steps) > 1 else ("a key of this file", KEYS)
    near = difflib.get_close_matches(steps[-1], known, n=1)
    return f"{what}, came {steps[-1]!r}", f"write {near[0] if near else 'one of ' + ', '.join(known)}, or leave it out"
