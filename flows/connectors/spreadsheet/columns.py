"""What a row can say, as data: the fields of each kind of row, and how their columns are headed.

Another kind of row is a list of its fields in ``columns.toml``, a `Kind`, and a function that folds rows into a fact.
"""

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from contracts.text import words

_BRACKETS = re.compile(r"\([^()]*\)|\[[^\[\]]*\]")


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of row.

    ``needed``: fields without which nothing is a table of these rows; one of each group is enough. ``own``: fields that
    may differ among the rows of one thing: its dates. ``personal``: rows are about humans, who are read for the vault;
    of other rows such columns are left alone. A row of them ends by what it says, never by its absence. ``empty``:
    the sentence of the answer for a row without what is needed.
    """

    name: str
    needed: tuple[tuple[str, ...], ...]
    own: frozenset[str] = frozenset()
    personal: bool = False
    empty: str = "passed-empty"

    def columns(self) -> Mapping[str, tuple[str, ...]]:
        """Return the usual headings of each field, as `heading` writes them."""
        return _columns(self.name)

    def unread(self) -> frozenset[str]:
        """Return the headings of columns about humans that are not read."""
        return frozenset() if self.personal else personal()


EVENTS = Kind(
    name="events",
    needed=(("title",), ("date", "start")),
    own=frozenset({"date", "start", "end", "end_date", "status", "place", "street", "postal_code", "locality", "town"}),
)

ENROLMENTS = Kind(
    name="enrolments",
    needed=(("offering",), ("last_name",)),
    personal=True,
    empty="passed-nobody",
)
KINDS: Mapping[str, Kind] = {kind.name: kind for kind in (EVENTS, ENROLMENTS)}


def heading(text: object) -> str:
    """Return a heading as headings are compared: ``Kurs-Nr.*`` and ``KURS NR`` are the same."""
    return " ".join(words(str(text).replace("€", " EUR ")))


def headings(text: object) -> tuple[str, ...]:
    """Return what a heading may be looked up by: all of it, then without brackets: ``Beginn (Uhrzeit)``, ``Beginn``."""
    return heading(text), heading(_BRACKETS.sub(" ", str(text)))


@cache
def personal() -> frozenset[str]:
    """Return the headings of columns about humans."""
    return frozenset(map(heading, _file()["personal"]))


@cache
def _columns(kind: str) -> Mapping[str, tuple[str, ...]]:
    return {row["field"]: tuple(map(heading, row["headings"])) for row in _file()[kind]}


@cache
def _file() -> dict[str, Any]:
    return tomllib.loads(files(__package__).joinpath("columns.toml").read_text(encoding="utf-8"))
