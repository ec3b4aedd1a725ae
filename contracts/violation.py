"""What violates a model, in our own sentences: pydantic's speak English alone, and of Python to people who write JSON.

The sentences are those of ``vocabulary/expectations.toml``, under pydantic's name of the violation or our own.
"""

import json
import re
from collections.abc import Mapping, Sized

from pydantic_core import ErrorDetails, PydanticCustomError

from contracts.spelling import SENTENCES
from contracts.wording import Wording, expected

_OPTIONS = re.compile(r"'([^']*)'")
_UNKNOWN = "value_error"
_QUOTED = 100  # characters: what is longer is told by its size


def unmet(sentence: str, **gaps: str | int) -> PydanticCustomError:
    """Return the error that a validator raises: one of our sentences, found again by its id."""
    # The English text is what an exception shows; its own braces would be taken for gaps once more.
    text = expected(sentence, came="another", **gaps).en.replace("{", "(").replace("}", ")")
    return PydanticCustomError(sentence, text, {**gaps})


def told(violation: ErrorDetails, *, quote: bool = False) -> Wording:
    """Say a violation; of what came only kind and size, unless ``quote`` says that it is about nobody."""
    value, context = violation["input"], violation.get("ctx", {})
    sentence = SENTENCES.get(context.get("pattern", ""), violation["type"])
    gaps = {name: f"{gap:g}" if isinstance(gap, float) else gap for name, gap in context.items()}
    size = len(value) if isinstance(value, Sized) else 0
    listed = ", ".join(_OPTIONS.findall(str(context.get("expected", context.get("expected_schemes", "")))))
    known = sentence if sentence in expected.ids() else _UNKNOWN
    return expected(known, **{"options": listed, "size": size, **gaps, "came": quoted(value) if quote else came(value)})


def quoted(value: object) -> Wording:
    """Show a text or a number itself, as TOML and JSON write it; of all else kind and size."""
    if isinstance(value, bool) or not isinstance(value, str | int | float) or len(str(value)) > _QUOTED:
        return came(value)
    text = json.dumps(value, ensure_ascii=not str(value).isprintable())
    return Wording(text, text)


def came(value: object) -> Wording:
    """Say what kind of value came, and how long it is."""
    if value is None:
        return expected("came-nothing")
    if isinstance(value, bool):
        return expected("came-truth")
    if isinstance(value, int | float):
        return expected("came-number")
    if isinstance(value, str):
        return expected("came-text", characters=len(value))
    if isinstance(value, list | tuple):
        return expected("came-list", entries=len(value))
    return expected("came-object" if isinstance(value, Mapping) else "came-other")
