"""A fact with its revision and id, ready for the inbox; the same bytes however often it is sent."""

import re
from dataclasses import dataclass
from hashlib import sha256

from contracts.admission import Message
from contracts.envelope import Envelope, source_of
from flows.ledger.known import Change

_HASHED = re.compile(r"~[0-9a-f]{64}$")
_LONGEST_ID = 300  # characters a CloudEvents attribute may have at the hub's door


@dataclass(frozen=True, slots=True)
class Outgoing:
    """One fact as the ledger keeps it until Kafka has acknowledged it."""

    fact_id: str
    object_id: str
    revision: int
    type: str
    key: str
    time: str
    payload: bytes

    def message(self, partner: str) -> Message:
        """Put it into its envelope."""
        envelope = Envelope(
            id=self.fact_id,
            type=self.type,
            time=self.time,
            source=source_of(partner),
            subject=self.object_id,
            revision=self.revision,
        )
        return Message(self.key.encode(), self.payload, envelope.headers())


def fact_id(object_id: str, revision: int) -> str:
    """Name a fact: its object's id and its revision. What would be too long for a header ends in its hash."""
    whole = f"{object_id}#{revision}"
    if len(whole) <= _LONGEST_ID:
        return whole
    return f"{object_id[:200]}~{sha256(object_id.encode()).hexdigest()}#{revision}"


def named(fact_id: str) -> tuple[str, int] | None:
    """Return the object and the revision that `fact_id` named; None where it was another name, or ends in a hash."""
    object_id, _, revision = fact_id.rpartition("#")
    if not object_id or not revision.isdecimal() or _HASHED.search(object_id):
        return None
    return object_id, int(revision)


def allocate(change: Change, time: str) -> Outgoing:
    """Give a change the revision that follows the object's last one.

    Args:
        change: what is to be told.
        time: when it is recorded, RFC 3339.
    """
    fact = change.fact.model_copy(update={"revision": change.after.revision + 1})
    return Outgoing(
        fact_id=fact_id(fact.subject, fact.revision),
        object_id=fact.subject,
        revision=fact.revision,
        type=fact.type,
        key=fact.key,
        time=time,
        payload=fact.payload(),
    )
