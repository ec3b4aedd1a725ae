"""JSON taken apart into its members with each one's own text, so that a payload goes on byte for byte."""

import json
import re
from typing import Any, NamedTuple

_SPACE = re.compile(r"[ \t\n\r]*")
_DECODER = json.JSONDecoder()


class Spelled(NamedTuple):
    """A value and how it was written."""

    value: Any
    text: str


class TwiceError(ValueError):
    """A member of an object stands twice: readers would take one or the other."""


def members(text: str) -> dict[str, Spelled]:
    """Return the members of an object.

    Raises:
        ValueError: the text is no JSON, or no object.
        TwiceError: a member stands twice.
    """
    found, end = _members(text, _skip(text, 0))
    _at_the_end(text, end)
    return found


def objects(text: str) -> list[dict[str, Spelled]]:
    """Return the members of each object of a list of objects; errors as of `members`."""
    found: list[dict[str, Spelled]] = []
    at = _open(text, _skip(text, 0), "[")
    if text[at : at + 1] == "]":
        _at_the_end(text, at + 1)
        return found
    while True:
        each, at = _members(text, at)
        found.append(each)
        at = _skip(text, at)
        if text[at : at + 1] != ",":
            _at_the_end(text, _after(text, at, "]"))
            return found
        at = _skip(text, at + 1)


def _members(text: str, at: int) -> tuple[dict[str, Spelled], int]:
    found: dict[str, Spelled] = {}
    at = _open(text, at, "{")
    if text[at : at + 1] == "}":
        return found, at + 1
    while True:
        if text[at : at + 1] != '"':
            raise ValueError("expected a name")
        name, at = _decoded(text, at)
        if name in found:
            raise TwiceError("expected each member once")
        start = _skip(text, _after(text, _skip(text, at), ":"))
        value, end = _decoded(text, start)
        found[name] = Spelled(value, text[start:end])
        at = _skip(text, end)
        if text[at : at + 1] != ",":
            return found, _after(text, at, "}")
        at = _skip(text, at + 1)


def _decoded(text: str, at: int) -> tuple[Any, int]:
    try:
        return _DECODER.raw_decode(text, at)
    except RecursionError:
        raise ValueError("expected less depth") from None


def _skip(text: str, at: int) -> int:
    found = _SPACE.match(text, at)
    return found.end() if found else at


def _open(text: str, at: int, sign: str) -> int:
    return _skip(text, _after(text, at, sign))


def _after(text: str, at: int, sign: str) -> int:
    if text[at : at + 1] != sign:
        raise ValueError(f"expected {sign}")
    return at + 1


def _at_the_end(text: str, end: int) -> None:
    if _skip(text, end) != len(text):
        raise ValueError("expected nothing more")
