"""What the ledger of a partner's pulls would say if it said what is recorded. Pure."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import replace

from flows.ledger.known import Known, content_hash
from flows.ledger.outgoing import fact_id
from flows.reconciling.recorded import Latest, Place


def unremembered(ids: Collection[str], recorded: Mapping[Place, Latest], partner: str) -> dict[Place, Latest]:
    """Return the partner's objects without a row that a pull may have told: their facts are named as pulls name them.

    That proves nothing, as a partner may name those so that it tells through another of its doors.

    Args:
        ids: of which objects the ledger has a row, of whatever kind.
        recorded: what holds.
        partner: whose ledger it is.
    """
    return {
        place: each
        for place, each in recorded.items()
        if each.source == partner and place[1] not in ids and each.fact_id == fact_id(place[1], each.fact.revision)
    }


def remembered(
    known: Mapping[str, Known], own: Mapping[Place, Latest], pulled: Collection[Place], underway: Collection[Place]
) -> dict[str, Known]:
    """Return the ledger's rows as what is recorded makes them. A row is held against objects of its own kind only.

    Args:
        known: the rows as they are, by object id.
        own: what holds of the partner's own objects.
        pulled: objects without a row that surely a pull told: they get one. No other does, since the next pulls
            withdraw what has a row and is not in the source.
        underway: objects whose facts are on their way: their rows are believed.
    """
    revisions: dict[str, int] = {}
    for (_, name), each in own.items():
        revisions[name] = max(each.fact.revision, revisions.get(name, 0))
    rows = dict(_made(own, pulled))
    for name, row in known.items():
        place = row.kind, name
        rows[name] = row if place in underway else _row(row, own.get(place), revisions.get(name, 0))
    return rows


def _made(own: Mapping[Place, Latest], pulled: Collection[Place]) -> Iterator[tuple[str, Known]]:
    """Yield the rows that are missing; of an object told as one kind and then as another the later one counts."""
    for kind, name in sorted(pulled, key=lambda place: own[place].fact.revision):
        latest = own[kind, name]
        revision = latest.fact.revision
        yield name, _row(Known(name, "", "", revision, kind=kind), latest, revision)


def _row(row: Known, latest: Latest | None, last: int) -> Known:
    """One row. ``last``: the highest revision recorded under this id; what is told next must follow it."""
    if latest is None:  # nothing is recorded of it; its revisions are not given again
        untold = replace(row, content_hash="", withdrawn=True)
        return row if row == untold else replace(untold, revision=max(row.revision, last))
    said, revision = content_hash(latest.fact), latest.fact.revision
    if row.content_hash != said:
        gone = latest.fact.gone is not None
        kept, revision = row.absences if row.withdrawn == gone else 0, last
        row = replace(row, content_hash=said, withdrawn=gone, absences=kept)
    return replace(row, revision=max(row.revision, revision), ends=latest.ends or row.ends)


def wrong(known: Mapping[str, Known], rows: Mapping[str, Known]) -> list[str]:
    """Return the objects of which the ledger says something else than what is recorded."""
    return sorted(name for name, row in rows.items() if _said(known.get(name)) != _said(row))


def _said(row: Known | None) -> tuple[object, ...]:
    return () if row is None else (row.content_hash, row.withdrawn, row.kind, row.revision)
