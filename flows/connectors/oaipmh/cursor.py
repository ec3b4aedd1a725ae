"""What a pull remembers of a repository: of every record its datestamp and which work it is a version of."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple


class Entry(NamedTuple):
    """One record.

    Attributes:
        stamp: the datestamp of its header.
        doi: its own DOI in lower case.
        concept: the DOI that stands for all versions of its work, in lower case.
        versions: DOIs of which it says that they are its versions.
        pending: it is there, but was not read yet or could not be: the next pull asks for it.
    """

    stamp: str
    doi: str | None = None
    concept: str | None = None
    versions: tuple[str, ...] = ()
    pending: bool = False


@dataclass(frozen=True, slots=True)
class Cursor:
    """``scope`` names repository, format and set: of another one nothing is known. ``since`` is the next ``from``.

    Progress is kept by record and not by resumption token, which may expire: what was read is never read again, and
    what was not is still asked for. ``day`` is when all headers were read last (``2026-11-24``): what a repository does
    not report, such as deletions, is noticed no later than that.
    """

    scope: str
    since: str = ""
    day: str = ""
    entries: Mapping[str, Entry] = field(default_factory=dict)

    @classmethod
    def parse(cls, written: str | None, scope: str) -> "Cursor":
        """Read a cursor; one of another scope, or what is none of ours, begins anew."""
        try:
            state = json.loads(written or "null")
            entries = {name: _entry(each) for name, each in state["entries"].items()}
            found = cls(state["scope"], state["since"], state["day"], entries)
        except (ValueError, TypeError, KeyError, AttributeError):
            return cls(scope)
        return found if found.scope == scope else cls(scope)

    def __str__(self) -> str:
        """Write the cursor, the same state always the same."""
        state = {"scope": self.scope, "since": self.since, "day": self.day, "entries": dict(self.entries)}
        return json.dumps(state, sort_keys=True, separators=(",", ":"))


def _entry(row: list[Any]) -> Entry:
    stamp, doi, concept, versions, pending = row
    return Entry(stamp, doi, concept, tuple(versions), pending)
