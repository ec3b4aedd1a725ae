"""What a pull finds that the hub wrote there itself: never published again. Pure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from contracts.dead_letter import entry_of
from flows.connector import Draft
from flows.ledger.known import content_hash
from flows.ledger.receipts import Delivered
from flows.report import Finding

_CHANGED = "changed there, though {owner} owns it: a proposal to {owner}; nothing is told"
_DELETED = "deleted there, though {owner} owns it: a proposal to {owner}; nothing is told"


@dataclass(frozen=True, slots=True)
class Sifted:
    """A reading's drafts without ours."""

    drafts: tuple[Draft, ...]
    echoes: int
    proposals: tuple[Finding, ...]


def sift(drafts: Iterable[Draft], gone: Iterable[str], delivered: Mapping[str, Delivered], since: datetime) -> Sifted:
    """Take out what the hub wrote.

    Args:
        drafts: what the source says.
        gone: source ids that it reports as deleted.
        delivered: our deliveries by object id, read after the source was.
        since: when the source was read, on the database's clock. What was delivered later cannot be compared.
    """
    targets = {row.receipt.target_id: row for row in delivered.values() if row.receipt is not None}
    kept: list[Draft] = []
    proposals = [_proposal(targets[each], each, _DELETED) for each in gone if _settled(targets.get(each), since)]
    echoes = 0
    for draft in drafts:
        row = delivered.get(draft.origin or "") or targets.get(draft.source_id)
        if row is None and draft.origin is None:
            kept.append(draft)
        elif row is not None and _settled(row, since) and _differs(row, draft):
            proposals.append(_proposal(row, draft.source_id, _CHANGED))
        else:
            echoes += 1
    return Sifted(tuple(kept), echoes, tuple(proposals))


def _settled(row: Delivered | None, since: datetime) -> bool:
    return row is not None and row.written_at < since


def _differs(row: Delivered, draft: Draft) -> bool:
    return row.receipt is not None and row.receipt.content_hash != content_hash(draft.fact)


def _proposal(row: Delivered, source_id: str, reason: str) -> Finding:
    owner = row.object_id.partition(":")[0]
    return Finding(entry_of(source_id), row.object_id, reason.format(owner=owner))
