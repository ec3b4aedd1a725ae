"""What stands in a partner's system of what the hub wrote there, against its receipts and what is recorded. Pure."""

from collections.abc import Iterable, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from contracts.event import EventPublished, EventWithdrawn
from flows.connector import Draft, EventFact, Reading, Receipt
from flows.ledger.known import content_hash
from flows.ledger.receipts import Delivered
from flows.pulling.silence import SHRINKAGE
from flows.reconciling.moving import UNDERWAY
from flows.reconciling.recorded import Latest, Place


@dataclass(frozen=True, slots=True)
class Readback:
    """All entries of the target by name, with what they tell; those that could not be read are not judged."""

    entries: Mapping[str, Draft | None]
    unreadable: AbstractSet[str]
    by_origin: Mapping[str, str]

    @classmethod
    def of(cls, reading: Reading, drafts: Iterable[Draft]) -> "Readback":
        """Take a whole reading and its translation."""
        told = {draft.source_id: draft for draft in drafts}
        entries = {item.source_id: told.get(item.source_id) for item in reading.items}
        ours = {draft.origin: name for name, draft in told.items() if draft.origin}
        return cls(entries, frozenset(reading.unreadable), ours)


class Rewriting(NamedTuple):
    """What a repair writes: the latest fact of an object, over what ``receipt`` names; None: over nothing known."""

    fact: EventFact
    fact_id: str
    receipt: Receipt | None


Compared = dict[str, list[Rewriting]]
"""By what is the matter, as `flows.reconciling.reconciliation.Reconciliation` says."""


def compare(
    there: Readback, delivered: Mapping[str, Delivered], recorded: Mapping[Place, Latest], partner: str, since: datetime
) -> Compared:
    """Find the differences.

    Args:
        there: what stands in the target.
        delivered: what was written, by object id; asked for after the reading.
        recorded: what holds; asked for last.
        partner: whose system it is: its own objects are not told to it.
        since: when the reading began.
    """
    found: Compared = {}
    for (_, subject), latest in sorted(recorded.items()):
        if latest.source == partner or not isinstance(latest.fact, EventFact):
            continue
        row = delivered.get(subject)
        receipt = row.receipt if row else None
        at = receipt.target_id if receipt else there.by_origin.get(subject, "")
        word = "" if at in there.unreadable else _word(latest, row, at, there)
        if word and _underway(latest, row, since):
            word = "underway"
        if word:
            over = receipt or (Receipt(subject, "", 0, at, None, "") if at and word == "leftover" else None)
            found.setdefault(word, []).append(Rewriting(latest.fact, latest.fact_id, over))
    return _guarded(found, len(there.by_origin))


def _underway(latest: Latest, row: Delivered | None, since: datetime) -> bool:
    """Whether it was written since, or recorded so lately that a push may not have brought it yet."""
    if row is not None and row.written_at >= since:
        return True
    brought = row is not None and row.revision >= latest.fact.revision
    return not brought and latest.at >= since - UNDERWAY


def _word(latest: Latest, row: Delivered | None, at: str, there: Readback) -> str:
    """Say what is the matter with one object; nothing where all is as it should be."""
    fact, stands = latest.fact, at in there.entries
    if isinstance(fact, EventWithdrawn):
        return "leftover" if stands else ""
    if row is None and not stands:
        return "unwritten" if isinstance(fact, EventPublished) else ""
    if row is None:
        return "misremembered"
    newer = "outdated" if fact.revision > row.revision else ""
    if row.receipt is None:
        return newer
    if not stands:
        return "deleted"
    draft = there.entries[at]
    as_written = row.receipt.content_hash == (content_hash(draft.fact) if draft else "")
    return newer if as_written else "edited"


def _guarded(found: Compared, ours: int) -> Compared:
    """Hold back removals where they are more than a fifth of what stands there: too much to be a wish."""
    removals = found.get("leftover", [])
    if len(removals) > 1 and len(removals) * SHRINKAGE > ours:
        found["held"] = found.pop("leftover")
    return found
