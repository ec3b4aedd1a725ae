"""Deciding by revision: newer ones hold, older ones are no news, equal ones must be the same.

Shared by the streams whose objects have one author each; which fact makes an object what is a row of the service.
"""

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from pydantic_core import from_json, to_json

from contracts.admission import Admitted
from contracts.fact import Fact
from contracts.refusal import Refusal
from contracts.registry import kind_of
from contracts.wording import expected
from services.runtime.engine.decider import Decision

# The last member of an entry's JSON: what was published stands there as it came, neither read nor written anew. No
# text of the members before it can hold this: a quotation mark within a text has a backslash before it.
_PUBLISHED = b',"published":'


class Becomes(NamedTuple):
    """What a fact makes of its object."""

    status: str
    first: bool = False  # it needs no earlier fact, and its payload is kept
    keeps: bool = False  # what was published stays known


class Entry(NamedTuple):
    """What is held of one object: its status, its revision and the fact that made it so."""

    kind: str  # the object's, as its contracts are named: event, dataset, study
    status: str
    revision: int
    digest: str  # SHA-256 of type and payload: tells a repeated fact from another one under the same revision
    # Kept and not worked out anew from the payload: no second reading of it, and where the rule of marks changes, the
    # next revision still takes away exactly the marks that were given.
    marks: tuple[str, ...] = ()
    published: bytes | None = None  # the last published payload: what a cancelled event was


def digest(fact: Admitted) -> str:
    """Return the SHA-256 of a fact's type and payload, in hex."""
    return hashlib.sha256(fact.envelope.type.encode() + b"\n" + fact.payload).hexdigest()


def _says_the_same(state: Entry, fact: Admitted) -> bool:
    """Whether a fact differs from the last one in blanks, the order of fields or escapes alone, which programs add."""
    last = state.published
    if last is None or digest(fact._replace(payload=last)) != state.digest:  # of what is over no payload is kept
        return False
    return bool(from_json(last) == from_json(fact.payload))


def _no_marks(_: Fact) -> frozenset[str]:
    return frozenset()


@dataclass(frozen=True, slots=True)
class ByRevision:
    """Implements the engine's `Decider` for one service.

    Attributes:
        becomes: what its facts do, by contract.
        marks_of: what an object may have in common with others.
    """

    becomes: Mapping[str, Becomes]
    marks_of: Callable[[Fact], frozenset[str]] = _no_marks

    def decide(self, state: Entry | None, fact: Admitted) -> Decision | Refusal:
        """Judge by revision; a first fact must be one that needs no other.

        An id belongs to one kind of object until that is withdrawn: a source may have been mistaken about the kind.
        """
        contract = fact.envelope.type
        if state is None:
            unknown = Refusal("object-unknown", fact.fact.subject_field, expected("published-before"))
            return Decision("applied", (fact,)) if self.becomes[contract].first else unknown
        if state.kind != kind_of(contract) and (state.published or not self.becomes[contract].first):
            return Refusal("object-of-another-kind", fact.fact.subject_field, expected("same-kind", kind=state.kind))
        if fact.fact.revision > state.revision:
            return Decision("applied", (fact,))
        if fact.fact.revision < state.revision:
            return Decision("superseded")
        same = digest(fact) == state.digest or _says_the_same(state, fact)
        return Decision("duplicate") if same else Refusal("revision-conflict", "revision", expected("same-content"))

    def evolve(self, state: Entry | None, fact: Admitted) -> Entry:
        """Take the fact over; what keeps what was published keeps its marks, too."""
        becomes = self.becomes[fact.envelope.type]
        now = Entry(kind_of(fact.envelope.type), becomes.status, fact.fact.revision, digest(fact))
        if becomes.first:
            return now._replace(marks=tuple(sorted(self.marks_of(fact.fact))), published=fact.payload)
        if becomes.keeps and state:
            return now._replace(marks=state.marks, published=state.published)
        return now

    def marks(self, state: Entry) -> frozenset[str]:
        """Return the marks of what was last published; an object that was withdrawn has none."""
        return frozenset(state.marks)

    def load(self, body: bytes) -> Entry:
        """Read an entry."""
        head, _, published = body.partition(_PUBLISHED)
        told: dict[str, Any] = from_json(head + b"}" if published else head)
        # Before there was another stream than that of events, no entry said what kind it is of.
        return Entry(**{"kind": "event", **told, "marks": tuple(told["marks"])}, published=published[:-1] or None)

    def dump(self, state: Entry) -> bytes:
        """Write an entry."""
        head = to_json({name: value for name, value in state._asdict().items() if name != "published"})
        return head if state.published is None else head[:-1] + _PUBLISHED + state.published + b"}"
