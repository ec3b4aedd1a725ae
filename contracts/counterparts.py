"""The same course by three schemes: SDGs, Key Features of Learning Cities, the action plan on BNE. Pure.

The terms are in ``vocabulary/sdgs.toml`` and ``frameworks.toml``, what joins them in ``counterparts.toml``. A term is
``<scheme>:<number>``, a part of it has a point behind: ``sdg:4.7`` is a part of ``sdg:4``. Relations are those of SKOS
(W3C 2009, section 10). Rows are not followed twice: by way of 4.7 nearly everything is related to everything.
"""

from collections.abc import Collection, Iterator, Mapping
from functools import cache
from typing import Any

from contracts.vocabulary import ids, load

SCHEMES = ("sdg", "learning-city", "bne")


@cache
def terms() -> tuple[str, ...]:
    """Return every term of the three schemes, in the order of their files."""
    return (*ids("sdgs"), *ids("frameworks"))


def scheme(term: str) -> str:
    """Return the scheme that a term belongs to."""
    return term.partition(":")[0]


@cache
def parts(term: str) -> frozenset[str]:
    """Return a term and its parts: what is placed in one of these is placed in it."""
    return frozenset(each for each in terms() if each == term or each.startswith(f"{term}."))


@cache
def counterparts(term: str) -> frozenset[str]:
    """Return the terms of the other schemes that stand for the same thing or for something near it.

    What is said of a whole holds for its parts, and who asks for a whole asks for its parts: so a row joins both lines
    (the term, what it is a part of, and its parts). It is symmetric: whichever of two terms is asked for, the other
    one is found.
    """
    line = _line(term)
    return frozenset(other for one, row in _joined() if one in line for other in _line(row))


def without(term: str, other: str) -> Mapping[str, Any] | None:
    """Return why a term has no counterpart in another scheme (``de``, ``en``, ``sources``); None where it has one."""
    if any(scheme(each) == other for each in counterparts(term)):
        return None
    entries = (entry for entry in load("counterparts")["without"] if entry["scheme"] == other)
    return next((entry for entry in entries if not _line(term).isdisjoint(entry["terms"])), None)


def placed(data: Mapping[str, Any]) -> frozenset[str]:
    """Return the terms in which the JSON of a fact places its object, from ``sdgs`` and ``about``.

    A target that Agenda 2030 does not have (a pattern alone is checked at the door) counts as its goal.
    """
    told = ((f"sdg:{sdg['goal']}", f"sdg:{sdg.get('target')}") for sdg in data.get("sdgs", ()))
    goals = (target if target in parts(goal) else goal for goal, target in told)
    return frozenset((*goals, *(each["term"] for each in data.get("about", ()))))


def found(term: str, places: Collection[str]) -> bool:
    """Whether who looks for a term finds what is placed in these: in it, a part of it or a counterpart of it."""
    return not (parts(term) | counterparts(term)).isdisjoint(places)


@cache
def _line(term: str) -> frozenset[str]:
    return parts(term) | {term.rpartition(".")[0] or term}


@cache
def _joined() -> tuple[tuple[str, str], ...]:
    return tuple(_pairs())


def _pairs() -> Iterator[tuple[str, str]]:
    for row in load("counterparts")["row"]:
        for other in row["with"]:
            yield row["term"], other
            yield other, row["term"]
