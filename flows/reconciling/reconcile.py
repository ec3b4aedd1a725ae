"""A partner's system and what the hub holds, compared both ways; and what differs told again through the usual doors.

Nothing else is concluded from a difference but what pull and push conclude: a repair sets the ledger right, reads the
whole source as a pull does, twice where something is missing, and writes into the target as a push does.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from contracts.registry import kind_of
from flows.connector import Reading
from flows.ledger.known import Known
from flows.ledger.receipts import Delivered
from flows.pulling.looking import Ours, Seen, seen
from flows.pulling.pull import PullParts
from flows.pulling.snapshot import diff
from flows.pulling.translation import translate
from flows.reconciling.readback import Compared, Readback, compare
from flows.reconciling.reconciliation import Reconciliation
from flows.reconciling.recorded import STREAMS, Latest, Place, is_compared
from flows.reconciling.remembering import remembered, unremembered, wrong
from flows.reconciling.repairing import ReconcileParts, pull_again, whole, write_again
from flows.reconciling.words import SAID, UNREAD
from flows.report import Finding

_WORDS = {"new": "unrecorded", "changed": "differing", "withdrawn": "vanished"}


@dataclass(frozen=True, slots=True)
class _Found:
    """All that was read, in an order in which what moved meanwhile is known to have moved."""

    since: datetime
    source: Seen | None
    there: Readback | None
    known: Mapping[str, Known]
    underway: Collection[Place]
    delivered: Mapping[str, Delivered]
    recorded: Mapping[Place, Latest]
    pulled: Collection[Place]  # what has no row, and a pull told it
    unclaimed: Collection[Place]  # what has none, and nobody knows

    def rows(self, partner: str) -> dict[str, Known]:
        """Return the ledger as what is recorded makes it."""
        own = {place: each for place, each in self.recorded.items() if each.source == partner}
        return remembered(self.known, own, self.pulled, self.underway)


async def reconcile(
    parts: ReconcileParts, report: Reconciliation, now: datetime, *, repair: bool = False
) -> Reconciliation:
    """Compare, and repair where asked for.

    Args:
        parts: both ends of one partner.
        report: is filled on the way.
        now: bounds the window of dates.
        repair: tell again what differs; only in a run that holds the locks of the partner's pull and push.

    Raises:
        SourceUnusableError: an answer cannot be trusted; nothing is concluded from it.
        OSError, KafkaError, asyncpg.PostgresError: something is away; the next run goes on.
    """
    found = await _read(parts, report, now)
    rows = found.rows(parts.pulling.partner)
    if found.source is not None:
        _tell_source(report, found, rows, found.source, now)
    differences = _tell_target(parts, report, found)
    if repair and parts.pulls:
        await pull_again(parts, report, [rows[name] for name in wrong(found.known, rows)], now)
    if repair and parts.target is not None:
        await write_again(parts, parts.target, report, differences)
    return report


async def _read(parts: ReconcileParts, report: Reconciliation, now: datetime) -> _Found:
    pulling = parts.pulling
    since = await pulling.ledger.clock()
    reading = await _afresh(pulling, parts.pulls)
    there = None
    if parts.target is not None and parts.readback is not None:
        stands = await parts.readback.read(None)
        there = Readback.of(stands, translate(parts.readback, stands, now).drafts)
        report.readback = len(there.by_origin)
    delivered = await pulling.receipts.all()
    source = await seen(pulling.source, reading, pulling.partner, now, Ours(delivered, since)) if reading else None
    rows, told = await pulling.ledger.known(), await parts.memory.underway(since)
    recorded = await parts.recorded.latest()
    underway = {place for place, revision in told.items() if is_compared(place[0]) and _left(recorded, place, revision)}
    lacking = unremembered(rows, recorded, pulling.partner)
    pulled = await _pulled(parts, lacking, source)
    unclaimed = {place for place, each in lacking.items() if each.fact.gone is None} - pulled
    known = {name: row for name, row in rows.items() if is_compared(row.kind)}
    report.read, report.recorded = len(reading.items) if reading else 0, len(recorded)
    return _Found(since, source, there, known, underway, delivered, recorded, pulled, unclaimed)


def _left(recorded: Mapping[Place, Latest], place: Place, revision: int | None) -> bool:
    return revision is None or place not in recorded or recorded[place].fact.revision < revision


async def _pulled(parts: ReconcileParts, lacking: Mapping[Place, Latest], source: Seen | None) -> set[Place]:
    """Return which objects without a row a pull told.

    The ledger has the fact, or the source tells the object now, or the partner has no other door for its kind.
    """
    facts = await parts.memory.told([each.fact_id for each in lacking.values()])
    there = {(kind_of(each.fact.type), each.fact.subject) for each in source.look.drafts} if source else set()
    return {
        place
        for place, each in lacking.items()
        if (place[0], each.fact_id) in facts or place in there or place[0] in parts.only_pulled
    }


async def _afresh(pulling: PullParts, pulls: bool) -> Reading | None:  # noqa: FBT001 - whether there is a source
    return await pulling.source.read(await whole(pulling)) if pulls else None


def _tell_source(report: Reconciliation, found: _Found, rows: Mapping[str, Known], source: Seen, now: datetime) -> None:
    drafts = tuple(draft for draft in source.look.drafts if draft.fact.stream in STREAMS)
    differing = diff(rows, replace(source.look, drafts=drafts), now)
    told = [(_WORDS[change.kind], change.fact.subject) for change in differing.changes]
    told += [("vanished", each) for each in differing.absent] + [("held", each) for each in differing.held]
    named = {each for _, each in told}
    told += [("misremembered", each) for each in wrong(found.known, rows) if each not in named]
    told += [("unclaimed", subject) for _, subject in sorted(found.unclaimed)]
    report.underway += len(found.underway)
    underway = {subject for _, subject in found.underway}
    for word, subject in told:
        if subject not in underway:
            getattr(report, word).append(Finding(subject, "source", SAID[word]))


def _tell_target(parts: ReconcileParts, report: Reconciliation, found: _Found) -> Compared:
    if parts.target is None:
        return {}
    if found.there is None:
        report.unread.append(Finding("", "target", UNREAD))
        return {}
    differences = compare(found.there, found.delivered, found.recorded, parts.pulling.partner, found.since)
    report.underway += len(differences.pop("underway", ()))
    for word, rewritings in differences.items():
        getattr(report, word).extend(Finding(each.fact.subject, "target", SAID[word]) for each in rewritings)
    return differences
