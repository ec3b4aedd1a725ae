"""An operator's editor."""

import json

import click

from services.operations.errors import OperationError


def edited(payload: bytes | None) -> bytes:
    """Let the operator change a payload; the file is for nobody else and goes away.

    Raises:
        OperationError: nothing was changed, or what came back is no JSON.
    """
    try:
        text = json.dumps(json.loads(payload or b""), ensure_ascii=False, indent=2)
        text.encode()
    except (ValueError, RecursionError):  # no JSON, or what no file can hold
        text = (payload or b"").decode(errors="replace")
    written = click.edit(text, extension=".json")
    if written is None or written.strip() == text.strip():
        raise OperationError("nothing was changed")
    try:
        return json.dumps(json.loads(written), ensure_ascii=False, separators=(",", ":")).encode()
    except ValueError:
        raise OperationError("expected JSON from the editor, came something else; nothing was sent") from None
