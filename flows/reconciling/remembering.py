"""What the ledger of a partner's pulls would say if it said what is recorded. Pure."""

from collections.abc import Collection, Mapping
from dataclasses import replace

from contracts.registry import kind_of
from flows.known import Known, content_hash
from flows.outgoing import fact_id
from flows.reconciling.recorded import Held


def remembered(
    known: Mapping[str, Known], held: Mapping[str, Held], partner: str, moving: Collection[str]
) -> dict[str, Known]:
    """Return the ledger's rows as what is recorded makes them.

    Args:
        known: the rows as they are, by object id.
        held: what is recorded, by object id.
        partner: whose ledger it is.
        moving: objects whose facts are on their way: their rows are believed.
    """
    own = {name: each for name, each in held.items() if each.source == partner}
    rows = {name: known.get(name) for name in (*known, *(each for each in own if each not in known))}
    told = {name: row if row and name in moving else _row(row, own.get(name)) for name, row in rows.items()}
    return {name: row for name, row in told.items() if row is not None}


def _row(row: Known | None, held: Held | None) -> Known | None:
    """One row; None where the object is no pull's: the partner told it through another of its doors."""
    if held is None:  # nothing is recorded of it; its revisions are not given again
        return row and replace(row, content_hash="", withdrawn=True)
    fact = held.fact
    if row is None:
        if held.fact_id != fact_id(fact.subject, fact.revision):
            return None
        row = Known(fact.subject, "", "", fact.revision)
    said = content_hash(fact)
    if row.content_hash != said:
        gone = fact.gone is not None
        kept = row.absences if row.withdrawn == gone else 0
        row = replace(row, content_hash=said, withdrawn=gone, absences=kept, kind=kind_of(fact.type))
    return replace(row, revision=max(row.revision, fact.revision), ends=held.ends or row.ends)


def wrong(known: Mapping[str, Known], rows: Mapping[str, Known]) -> list[str]:
    """Return the objects of which the ledger says something else than what is recorded."""
    return sorted(name for name, row in rows.items() if _said(known.get(name)) != _said(row))


def _said(row: Known | None) -> tuple[object, ...]:
    return () if row is None else (row.content_hash, row.withdrawn, row.kind, row.revision)
