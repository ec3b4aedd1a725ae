"""The decider of the stream ``events``: newer revisions hold, older ones are no news, equal ones must be the same."""

import hashlib
from typing import Any, Literal, NamedTuple

from pydantic_core import from_json, to_json

from contracts.admission import Admitted
from contracts.event import EventCancelled, EventPublished, EventWithdrawn
from contracts.refusal import Refusal
from contracts.wording import expected
from services.events.marks import marks_of
from services.runtime.engine.decider import Decision

Status = Literal["published", "cancelled", "withdrawn"]

_BECOMES: dict[str, Status] = {
    EventPublished.type: "published",
    EventCancelled.type: "cancelled",
    EventWithdrawn.type: "withdrawn",
}


# The last member of an entry's JSON: what was published stands there as it came, neither read nor written anew. No
# text of the members before it can hold this: a quotation mark within a text has a backslash before it.
_PUBLISHED = b',"published":'


class Entry(NamedTuple):
    """What the catalogue holds of one event: its status, its revision and the fact that made it so."""

    status: Status
    revision: int
    digest: str  # SHA-256 of type and payload: tells a repeated fact from another one under the same revision
    # Kept and not worked out anew from the payload: no second reading of it, and where the rule of marks changes, the
    # next revision still takes away exactly the marks that were given.
    marks: tuple[str, ...] = ()
    published: bytes | None = None  # the last published payload: what a cancelled event was


def digest(fact: Admitted) -> str:
    """Return the SHA-256 of a fact's type and payload, in hex."""
    return hashlib.sha256(fact.envelope.type.encode() + b"\n" + fact.payload).hexdigest()


class Catalogue:
    """Implements the engine's `Decider`."""

    def decide(self, state: Entry | None, fact: Admitted) -> Decision | Refusal:
        """Judge by revision; a first fact must be a publication."""
        if state is None:
            if fact.envelope.type != EventPublished.type:
                return Refusal("object-unknown", "event_id", expected("published-before"))
            return Decision("applied", (fact,))
        if fact.fact.revision < state.revision:
            return Decision("superseded")
        if fact.fact.revision == state.revision:
            if digest(fact) == state.digest:
                return Decision("duplicate")
            return Refusal("revision-conflict", "revision", expected("same-content"))
        return Decision("applied", (fact,))

    def evolve(self, state: Entry | None, fact: Admitted) -> Entry:
        """Take the fact over; a cancelled event keeps what it was last published as, a withdrawn one does not."""
        status = _BECOMES[fact.envelope.type]
        now = Entry(status, fact.fact.revision, digest(fact))
        if isinstance(fact.fact, EventPublished):
            return now._replace(marks=tuple(sorted(marks_of(fact.fact))), published=fact.payload)
        if status == "cancelled" and state:
            return now._replace(marks=state.marks, published=state.published)
        return now

    def marks(self, state: Entry) -> frozenset[str]:
        """Return the marks of what was last published; an event that was withdrawn has none."""
        return frozenset(state.marks)

    def load(self, body: bytes) -> Entry:
        """Read an entry."""
        head, _, published = body.partition(_PUBLISHED)
        told: dict[str, Any] = from_json(head + b"}" if published else head)
        return Entry(told["status"], told["revision"], told["digest"], tuple(told["marks"]), published[:-1] or None)

    def dump(self, state: Entry) -> bytes:
        """Write an entry."""
        head = to_json(
            {"status": state.status, "revision": state.revision, "digest": state.digest, "marks": state.marks}
        )
        return head if state.published is None else head[:-1] + _PUBLISHED + state.published + b"}"
