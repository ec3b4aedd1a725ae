"""What to write for one entry of a list, or for a file's own id: nobody shall paste away what is right."""

import difflib
from collections.abc import Sequence
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from contracts.text import PartnerId
from contracts.violation import quoted


def of_entry(value: object, options: Sequence[str], whole: str, *, tell: bool) -> str:
    """Say what to write instead of one entry; its neighbours stay as they are.

    Args:
        value: the entry as it came.
        options: all it may be, where that is known.
        whole: the list as in the examples.
        tell: whether the entry may be shown: it is no personal value.
    """
    bad = quoted(value) if tell else "this entry"
    if not options:
        return f"put right {bad} alone, in the manner of {whole}"
    near = difflib.get_close_matches(str(value), options, n=1, cutoff=0.5)
    return f'write "{near[0]}" instead of {bad}' if near else f"write one of {', '.join(options)} instead of {bad}"


def own_id(path: Path) -> str:
    """Return the id that a file's name gives its partner; an ellipsis where that is none."""
    try:
        return TypeAdapter(PartnerId).validate_python(path.stem)
    except ValidationError:
        return "…"
