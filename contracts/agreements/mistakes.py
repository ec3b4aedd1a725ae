"""A wrong agreement, told so that its author can put it right: file, line, what was expected, what to write."""

import difflib
import re
import tomllib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from contracts.agreements.entries import of_entry, own_id
from contracts.agreements.places import Places
from contracts.violation import told


@dataclass(frozen=True, slots=True)
class Mistake:
    """One mistake. ``line`` counts from 1; 0 is the file as a whole."""

    path: Path
    line: int
    expected: str
    remedy: str

    def __str__(self) -> str:
        """``<file>:<line>: expected …; write …``, which editors turn into a link."""
        place = f"{self.path}:{self.line}" if self.line else str(self.path)
        return f"{place}: expected {self.expected}; {self.remedy}"


class AgreementError(Exception):
    """One or more agreements are wrong; the text has one line per mistake: file, line, expected, what to write."""

    def __init__(self, mistakes: Sequence[Mistake]) -> None:
        """Take all that is wrong, so that it is put right in one go."""
        super().__init__("\n".join(map(str, mistakes)))
        self.mistakes = tuple(mistakes)


@dataclass(frozen=True, slots=True)
class Source:
    """A file that is judged: where it lies, its text, and what TOML made of it."""

    path: Path
    text: str
    document: Mapping[str, Any]

    def mistake(self, steps: Sequence[str | int], expected: str, remedy: str) -> Mistake:
        """Say what is wrong at a path of keys."""
        return Mistake(self.path, self.line(steps), expected, remedy)

    def line(self, steps: Sequence[str | int]) -> int:
        """Return the line of a path of keys, in lists over many lines that of the value."""
        return Places(self.text).line(steps, value=self.value(steps))

    def value(self, steps: Sequence[str | int]) -> object:
        """Return what stands at a path of keys; None where nothing does."""
        found: Any = self.document
        for step in steps:
            try:
                found = found[step]
            except (KeyError, IndexError, TypeError):
                return None
        return found


@dataclass(frozen=True, slots=True)
class Form:
    """What a part of a file may hold.

    Attributes:
        called: what one of its keys is: ``a key of an agreement``.
        tables: the models by the path of their table.
        write: what to write, by the dotted path of a key; ``{own_id}`` is the one that the file's name gives.
        at: the path of the part itself.
        hint: what else to say of a key that is none of these and like none of these.
        entries: what the entries of a list may be, by its dotted path.
        tell: the dotted paths whose values may be shown: they are about nobody and no secrets.
    """

    called: str
    tables: Mapping[tuple[str, ...], type[BaseModel]]
    write: Mapping[str, str]
    at: tuple[str, ...] = ()
    hint: Callable[[str], str] = lambda _: ""
    entries: Mapping[str, Sequence[str]] = field(default_factory=dict)
    tell: frozenset[str] = frozenset()


def of_syntax(error: tomllib.TOMLDecodeError, path: Path, text: str) -> Mistake:
    """Tell what the TOML reader found; a document that just ends does so in its last line."""
    message = str(error)
    found = re.search(r"\(at line (\d+), column (\d+)\)", message)
    line = int(found[1]) if found else max(1, len(text.splitlines()))
    what = message.partition(" (at ")[0]
    return Mistake(path, line, f"TOML ({what})", 'write key = "text", key = 1, key = ["a", "b"] or [table]')


def of_validation(error: ValidationError, source: Source, form: Form) -> list[Mistake]:
    """Tell what violates a form, each key and each entry of a list once."""
    found: dict[tuple[int, tuple[str | int, ...]], Mistake] = {}
    for violation in error.errors(include_url=False):
        steps = (*form.at, *violation["loc"])
        about: tuple[str | int, ...] = (names := tuple(step for step in steps if isinstance(step, str)))
        if violation["type"] == "extra_forbidden":
            mistake = source.mistake(steps, f"{form.called}, found {names[-1]!r}", _nearest(names, form))
        else:
            about = _about(steps, _known(names, form))
            dotted = ".".join(step for step in about if isinstance(step, str))
            expected = f"{dotted or 'an agreement'}{_sentence(violation, quote=dotted in form.tell)}"
            mistake = source.mistake(steps, expected, _remedy(about, dotted, source, form))
        found.setdefault((mistake.line, about), mistake)
    return list(found.values())


def _known(names: tuple[str, ...], form: Form) -> tuple[str, ...]:
    """Cut a path down to the key it is about: behind a list's name come steps of the validator's own."""
    return next((names[:n] for n in range(len(names), 0, -1) if ".".join(names[:n]) in form.write), ())


def _about(steps: tuple[str | int, ...], names: tuple[str, ...]) -> tuple[str | int, ...]:
    """Return the path of a key, with the place in its list where one entry alone is wrong."""
    behind = steps[len(names) : len(names) + 1]
    return (*names, *(step for step in behind if names and isinstance(step, int)))


def _remedy(about: tuple[str | int, ...], dotted: str, source: Source, form: Form) -> str:
    whole = form.write.get(dotted, "it as in the examples").replace("{own_id}", own_id(source.path))
    if about and isinstance(about[-1], int):
        return of_entry(source.value(about), form.entries.get(dotted, ()), whole, tell=dotted in form.tell)
    return f"write {whole}"


def _sentence(violation: ErrorDetails, *, quote: bool) -> str:
    if violation["type"] == "missing":
        return ", which is missing"
    # A kind of somebody else says what it expects of its settings in a sentence of its own.
    own = str(violation.get("ctx", {}).get("error", ""))
    return ": " + (own if own.startswith("expected ") else told(violation, quote=quote).en).removeprefix("expected ")


def _nearest(names: tuple[str, ...], form: Form) -> str:
    table = form.tables.get(names[:-1])
    fields = list(table.model_fields) if table else []
    near, hint = difflib.get_close_matches(names[-1], fields, n=1, cutoff=0.5), form.hint(names[-1])
    return f"write {near[0]!r} instead" if near else f"write one of {', '.join(fields)}, or leave it out{hint}"
