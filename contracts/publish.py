"""The JSON Schemas of the contracts, generated: ``python -m contracts.publish`` writes them to ``contracts/schemas``.

The models are the source. A schema is what a writer must keep to; readers ignore fields they do not know.
"""

import json
import sys
from pathlib import Path
from typing import Any

from contracts.fact import Fact
from contracts.model import GERMAN
from contracts.registry import CONTRACTS

COMMAND = "python -m contracts.publish"
SCHEMAS = Path(__file__).with_name("schemas")
DIALECT = "https://json-schema.org/draft/2020-12/schema"


def schema(contract: type[Fact]) -> dict[str, Any]:
    """Return the JSON Schema (2020-12) of one contract, with the privacy class of each field as ``x-privacy``."""
    return {
        "$schema": DIALECT,
        "$id": f"urn:lernende-stadt:{contract.type}",
        **_side_by_side(contract.model_json_schema()),
        "x-type": contract.type,
        "x-stream": contract.stream,
        "x-subject": contract.subject_field,
        "x-key": contract.key_field,
    }


def _side_by_side(node: Any) -> Any:  # noqa: ANN401 - as JSON
    """Put a description's two languages first and together: readers pick the one they know better."""
    if isinstance(node, list):
        return [_side_by_side(each) for each in node]
    if not isinstance(node, dict):
        return node
    first = {name: node[name] for name in ("description", GERMAN) if GERMAN in node}
    return first | {name: _side_by_side(each) for name, each in node.items() if name not in first}


def schemas() -> dict[str, str]:
    """Return every schema as text, by the name of its file."""
    return {
        f"{name}.json": json.dumps(schema(contract), indent=2, ensure_ascii=False) + "\n"
        for name, contract in CONTRACTS.items()
    }


def publish(folder: Path = SCHEMAS) -> list[str]:
    """Write the schemas; files of contracts that are no more go away.

    Returns:
        The names of the files that changed.
    """
    folder.mkdir(exist_ok=True)
    wanted = schemas()
    present = {path.name: path.read_text(encoding="utf-8") for path in folder.glob("*.json")}
    for name in present.keys() - wanted.keys():
        (folder / name).unlink()
    changed = [name for name, text in wanted.items() if present.get(name) != text]
    for name in changed:
        (folder / name).write_text(wanted[name], encoding="utf-8")
    return sorted({*changed, *(present.keys() - wanted.keys())})


if __name__ == "__main__":
    sys.stdout.write("".join(f"{name}\n" for name in publish()))
