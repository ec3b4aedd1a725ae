"""The connector of an agreement, judged by the kind of partner system it names."""

import difflib
import json
from collections.abc import Mapping
from functools import partial
from typing import Any, get_args

from pydantic import ValidationError
from pydantic.fields import FieldInfo

from contracts.agreement import Direction, Part
from contracts.agreements.kinds import Kind, KindError, Kinds
from contracts.agreements.mistakes import Form, Mistake, Source, of_validation
from contracts.registry import CONTRACTS, kind_of

_KIND, _DIRECTIONS, _SETTINGS = ("connector", "kind"), ("connector", "directions"), ("connector", "settings")
_OPENED, _HTTP = ("outbox", "contracts"), ("http",)


def of_connector(source: Source, kinds: Kinds) -> list[Mistake]:
    """Tell what is wrong with kind, directions and settings; what has the wrong form altogether is told elsewhere."""
    name, settings = source.value(_KIND), source.value(_SETTINGS)
    if not isinstance(name, str) or not name:
        return []
    try:
        kind = kinds.load(name)
    except KindError as error:
        return [source.mistake(_KIND, str(error).removeprefix("expected "), _other_kind(name, kinds))]
    mistakes = [*_of_directions(source, name, kind), *_of_contracts(source, name, kind)]
    if settings is None or isinstance(settings, Mapping):
        mistakes += _of_settings(source, name, kind, kinds)
    return mistakes


def _other_kind(name: str, kinds: Kinds) -> str:
    if name in kinds.names:
        return "install the package that brings it anew, with all that it needs"
    near = difflib.get_close_matches(name, kinds.names, n=1, cutoff=0.5)
    return f'write kind = "{near[0]}"' if near else "write one of these, or install the package that brings this kind"


def _of_directions(source: Source, name: str, kind: Kind) -> list[Mistake]:
    asked = source.value(_DIRECTIONS)
    expected = f"connector.directions that {name} can do, {' and '.join(kind.directions)}"
    remedy = f"write directions = {json.dumps(list(kind.directions))}"
    if asked == ["push"] and not kind.push_alone:
        return [source.mistake(_DIRECTIONS, f"pull beside push, which {name} cannot do alone; found push", remedy)]
    return [
        source.mistake((*_DIRECTIONS, place), f"{expected}; found {each!r}", remedy)
        for place, each in enumerate(asked if isinstance(asked, list) else ())
        if each in get_args(Direction) and each not in kind.directions
    ]


def _of_contracts(source: Source, name: str, kind: Kind) -> list[Mistake]:
    """Tell what the outbox opens, a push cannot write and no HTTP door lets out: nobody would ever read it."""
    opened, directions = source.value(_OPENED), source.value(_DIRECTIONS)
    pushes = isinstance(directions, list) and "push" in directions
    if not isinstance(opened, list) or not pushes or source.value(_HTTP) is not None:
        return []
    expected = f"contracts that {name} can write, those about an {' and '.join(kind.objects)}"
    remedy = "take it out, or let the partner read it by HTTP: a table [http]"
    return [
        source.mistake((*_OPENED, place), f"{expected}; found {each!r}", remedy)
        for place, each in enumerate(opened)
        if isinstance(each, str) and each in CONTRACTS and kind_of(each) not in kind.objects
    ]


def _of_settings(source: Source, name: str, kind: Kind, kinds: Kinds) -> list[Mistake]:
    settings: Any = source.value(_SETTINGS) or {}
    try:
        kind.settings.model_validate(settings)
    except ValidationError as error:
        hint = partial(_elsewhere, kinds=kinds)
        form = Form(f"a setting of {name}", {_SETTINGS: kind.settings}, _write(kind.settings), _SETTINGS, hint)
        return of_validation(error, source, form)
    return []


def _elsewhere(setting: str, kinds: Kinds) -> str:
    others = kinds.with_setting(setting)
    return f": it is a setting of {' and '.join(others)}" if others else "; secrets are files, not values"


def _write(model: type[Part]) -> dict[str, str]:
    """Return what to write, by dotted path, from a model's examples and descriptions."""
    return {".".join((*_SETTINGS, name)): _row(name, field) for name, field in model.model_fields.items()}


def _row(name: str, field: FieldInfo) -> str:
    example = _toml((field.examples or ["…"])[0])
    return f"{name} = {example}" + (f" ({field.description})" if field.description else "")


def _toml(value: Any) -> str:  # noqa: ANN401 - whatever TOML and JSON know
    """Write an example: text, numbers, truth and lists of them are the same in TOML and in JSON, tables are not."""
    if isinstance(value, Mapping):
        return "{ " + ", ".join(f"{key} = {_toml(each)}" for key, each in value.items()) + " }"
    return json.dumps(value, ensure_ascii=False)
