"""The columns of a kind of object, from the schemas of its contracts, and the values in them. Pure.

A part of a fact becomes columns of its own (``place`` has ``place_name``); a list stays one column. What a contract
calls personal has no column: it is not in the unified stream.
"""

import tomllib
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from functools import cache
from importlib.resources import files
from typing import Any

from pydantic import TypeAdapter

from contracts import spelling
from contracts.fact import Fact
from contracts.model import GERMAN, Privacy
from contracts.parts import Amount
from contracts.publish import schema
from contracts.zoned_time import Wall

Json = Any  # whatever JSON can hold
_UNREAD = (Privacy.PERSONAL.value, Privacy.SENSITIVE.value)


@dataclass(frozen=True, slots=True)
class Kind:
    """What a column holds: string, integer, number, amount, boolean, moment, wall, day; or a list, or a part of one.

    A list's only column is what it lists; a part's are its fields. ``wall`` is a time on a wall clock, without a zone.
    """

    word: str
    of: tuple["Column", ...] = ()


@dataclass(frozen=True, slots=True)
class Column:
    """One column: where its value stands in a fact, what it means in both languages, its unit and words."""

    name: str
    path: tuple[str, ...]
    kind: Kind
    en: str = ""
    de: str = ""
    unit: str = ""
    vocabulary: str = ""
    words: tuple[str, ...] = ()

    def value(self, told: Json) -> Any:  # noqa: ANN401 - as the kind says
        """Return the value in a fact as JSON; None where it is not told."""
        for step in self.path:
            told = told.get(step) if told is not None else None
        return None if told is None else read(self.kind, told)


def columns(contracts: Iterable[type[Fact]]) -> tuple[Column, ...]:
    """Return the columns of the contracts of one kind of object: each name once, its words put together.

    Raises:
        TypeError: two contracts mean different kinds of values by one name.
    """
    found: dict[str, Column] = {}
    for contract in contracts:
        whole = schema(contract)
        for column in _of_part(whole, whole.get("$defs", {})):
            known = found.setdefault(column.name, column)
            if known.kind != column.kind:
                raise TypeError(f"expected one kind of values in {column.name}, {contract.type} has another one")
            found[column.name] = replace(known, words=tuple(dict.fromkeys((*known.words, *column.words))))
    return tuple(found.values())


def read(kind: Kind, told: Json) -> Any:  # noqa: ANN401 - as the kind says
    """Turn what JSON holds into the value itself."""
    if kind.word == "list":
        return [read(kind.of[0].kind, each) for each in told]
    if kind.word == "part":
        return {column.name: column.value(told) for column in kind.of}
    return _READ.get(kind.word, _as_told)(told)


def _as_told(value: Json) -> Json:
    return value


_READ: Mapping[str, Callable[[str], object]] = {
    "moment": datetime.fromisoformat,
    "wall": datetime.fromisoformat,
    "day": date.fromisoformat,
    "amount": Decimal,
}


@cache
def dictionary() -> dict[str, Any]:
    """Read what a data set's dictionary says beside the contracts' own descriptions."""
    return tomllib.loads(files(__package__).joinpath("dictionary.toml").read_text(encoding="utf-8"))


@cache
def _by_pattern() -> dict[str, str]:
    spelled = {word: TypeAdapter(each).json_schema()["pattern"] for word, each in (("wall", Wall), ("amount", Amount))}
    return {**{pattern: word for word, pattern in spelled.items()}, spelling.DAY: "day"}


def _of_part(part: Mapping[str, Any], parts: Mapping[str, Any]) -> Iterator[Column]:
    for name, field in part["properties"].items():
        if field["x-privacy"] in _UNREAD:
            continue
        core = _present(field)
        about = {"en": field.get("description", ""), "de": field.get(GERMAN, "")}
        inner = _part_of(core, parts)
        if inner is None:
            yield Column(name, (name,), _kind(core, parts), **about, **_said(part["title"], name, core))
            continue
        for column in _of_part(inner, parts):
            en, de = (" ".join(filter(None, texts)) for texts in ((about["en"], column.en), (about["de"], column.de)))
            yield replace(column, name=f"{name}_{column.name}", path=(name, *column.path), en=en, de=de)


def _said(part: str, name: str, core: Mapping[str, Any]) -> dict[str, Any]:
    listed = core.get("items", core)
    words, vocabulary = tuple(map(str, listed.get("enum", ()))), listed.get("x-vocabulary", "")
    return {"unit": dictionary()["unit"].get(part, {}).get(name, ""), "words": words, "vocabulary": vocabulary}


def _kind(core: Mapping[str, Any], parts: Mapping[str, Any]) -> Kind:
    if core["type"] == "array":
        inner = _part_of(core["items"], parts)
        each = Kind("part", tuple(_of_part(inner, parts))) if inner else _kind(core["items"], parts)
        return Kind("list", (Column("item", (), each),))
    if core.get("format") == "date-time":
        return Kind("moment")
    return Kind(_by_pattern().get(core.get("pattern", ""), core["type"]))


def _present(field: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return what a field is where it is not null."""
    return next((each for each in field.get("anyOf", ()) if each.get("type") != "null"), field)


def _part_of(core: Mapping[str, Any], parts: Mapping[str, Any]) -> Mapping[str, Any] | None:
    return parts[core["$ref"].rpartition("/")[2]] if "$ref" in core else None
