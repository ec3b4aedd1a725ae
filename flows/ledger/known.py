"""The words of the snapshot differ: what is known, what a reading tells, what follows from both."""

import hashlib
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from contracts.fact import Fact
from flows.connector import Draft, Refused


@dataclass(frozen=True, slots=True)
class Known:
    """One object as it was last told to the hub. ``ends``: when it is over; None where that is unknown or never."""

    object_id: str
    source_id: str
    content_hash: str
    revision: int
    absences: int = 0
    withdrawn: bool = False
    ends: datetime | None = None
    kind: str = "event"  # of the object, as `contracts.registry.kind_of` says


@dataclass(frozen=True, slots=True)
class Look:
    """One reading, translated, without what we wrote into the source ourselves."""

    drafts: tuple[Draft, ...]
    complete: bool
    read: frozenset[str] = frozenset()  # source ids read and understood as a whole
    doubtful: frozenset[str] = frozenset()  # source ids that are there, but refused or unreadable in part or whole
    gone: frozenset[str] = frozenset()  # source ids that the source reports as deleted
    present: frozenset[str] = frozenset()  # source ids that are there and were not read again
    empty: bool = False  # the source told nothing at all, not even what we wrote there


@dataclass(frozen=True, slots=True)
class Change:
    """A fact to be told. ``known`` is what the revision must follow; ``fact`` has the placeholder revision 1."""

    kind: Literal["new", "changed", "withdrawn"]
    fact: Fact
    after: Known  # the object's row once the fact is told, still with the former revision (0: never told)


@dataclass(frozen=True, slots=True)
class Diff:
    """What a reading means."""

    changes: tuple[Change, ...] = ()
    unchanged: int = 0
    unheard: tuple[str, ...] = ()  # cancelled before anybody was told of them: nothing to tell
    absent: tuple[str, ...] = ()  # missed for the first time
    held: tuple[str, ...] = ()  # would be withdrawn, if the reading were believed
    accepted: tuple[str, ...] = ()  # were held before, and are withdrawn because an operator said so
    refused: tuple[Refused, ...] = ()
    marks: tuple[Known, ...] = ()  # rows to be noted without a new revision: absences, another source id


_LATER = frozenset({"about"})
"""Fields that came when there were hashes already: empty they count as absent, else every object would be told anew."""


def content_hash(fact: Fact) -> str:
    """Return the SHA-256, in hex, of what a fact says: every normalised field but the revision."""
    empty = {name for name in _LATER if not getattr(fact, name, ())}
    told = fact.model_copy(update={"revision": 1}).model_dump_json(exclude_none=True, exclude=empty)
    return hashlib.sha256(told.encode()).hexdigest()
