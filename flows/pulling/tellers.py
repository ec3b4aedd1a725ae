"""Who tells an object, where two items of one reading claim to: one of them, so that it does not flap between both."""

from collections.abc import Iterable, Mapping

from contracts.registry import ends_by_silence
from flows.connector import Draft, Refused
from flows.ledger.known import Known, Look
from flows.wording import expected


def choose_tellers(look: Look, known: Mapping[str, Known]) -> tuple[tuple[Draft, ...], tuple[Refused, ...]]:
    """Return one draft per object, and the other claims as refusals.

    The one of the highest rank; among equals the item that told the object before goes on telling it, as long as it is
    there; otherwise the first by its name.
    """
    chosen: dict[str, Draft] = {}
    refused: list[Refused] = []
    for draft in _in_order(look.drafts, known):
        row = known.get(draft.fact.subject)
        first = chosen.get(draft.fact.subject)
        if first is not None and draft.rank < first.rank:
            continue  # an older version of what is told, and no mistake
        if first is not None or (row is not None and _told_elsewhere(row, draft, look)):
            refused.append(_second_claim(draft))
        else:
            chosen[draft.fact.subject] = draft
    # As they were read: who asked first for a place goes first.
    return tuple(each for each in look.drafts if chosen.get(each.fact.subject) is each), tuple(refused)


def _in_order(drafts: Iterable[Draft], known: Mapping[str, Known]) -> list[Draft]:
    def rank(draft: Draft) -> tuple[bool, str]:
        row = known.get(draft.fact.subject)
        return row is None or row.source_id != draft.source_id, draft.source_id

    return sorted(sorted(drafts, key=rank), key=lambda draft: draft.rank, reverse=True)


def _told_elsewhere(row: Known, draft: Draft, look: Look) -> bool:
    """Whether the item that told an object before is still there and may tell it again."""
    if row.withdrawn or row.source_id == draft.source_id or row.source_id in look.gone:
        return False
    if row.source_id in look.doubtful:
        return ends_by_silence(row.kind)  # what does not is told by the item that tells it now
    # An item that was read this time has lost the object, or it would have been chosen first.
    return not look.complete and row.source_id not in look.read


def _second_claim(draft: Draft) -> Refused:
    return Refused(draft.source_id, draft.place or draft.fact.subject_field, expected("told-once"))
