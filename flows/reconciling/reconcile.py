"""A partner's system and what the hub holds, compared both ways; and what differs told again through the usual doors.

Nothing else is concluded from a difference but what pull and push conclude: a repair sets the ledger right, reads the
whole source as a pull does, twice where something is missing, and writes into the target as a push does.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from flows.connectors.connector import Reading
from flows.known import Known
from flows.looking import Ours, Seen, seen
from flows.pull import PullParts
from flows.receipts import Delivered
from flows.reconciling.readback import Compared, Readback, compare
from flows.reconciling.reconciliation import Reconciliation
from flows.reconciling.recorded import STREAMS, Held, compared
from flows.reconciling.remembering import remembered, wrong
from flows.reconciling.repairing import ReconcileParts, pull_again, whole, write_again
from flows.report import Finding
from flows.snapshot import diff
from flows.translation import translate
from flows.words import SAID, UNREAD

_WORDS = {"new": "unrecorded", "changed": "differing", "withdrawn": "vanished"}


@dataclass(frozen=True, slots=True)
class _Found:
    """All that was read, in an order in which what moved meanwhile is known to have moved."""

    since: datetime
    source: Seen | None
    there: Readback | None
    known: Mapping[str, Known]
    moving: Collection[str]
    delivered: Mapping[str, Delivered]
    held: Mapping[str, Held]


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
    rows = remembered(found.known, found.held, parts.pulling.partner, found.moving)
    if found.source is not None:
        _tell_source(report, found, rows, found.source, now)
    compared = _tell_target(parts, report, found)
    if repair and parts.pulls:
        await pull_again(parts, report, [rows[name] for name in wrong(found.known, rows)], now)
    if repair and parts.target is not None:
        await write_again(parts, parts.target, report, compared)
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
    rows, told = await pulling.ledger.known(), await parts.memory.moving(since)
    known = {name: row for name, row in rows.items() if compared(row.kind)}
    held = await parts.recorded.latest()
    moving = {name for name, revision in told.items() if name not in held or held[name].fact.revision < revision}
    report.read, report.recorded = len(reading.items) if reading else 0, len(held)
    return _Found(since, source, there, known, moving, delivered, held)


async def _afresh(pulling: PullParts, pulls: bool) -> Reading | None:  # noqa: FBT001 - whether there is a source
    return await pulling.source.read(await whole(pulling)) if pulls else None


def _tell_source(report: Reconciliation, found: _Found, rows: Mapping[str, Known], source: Seen, now: datetime) -> None:
    drafts = tuple(draft for draft in source.look.drafts if draft.fact.stream in STREAMS)
    differing = diff(rows, replace(source.look, drafts=drafts), now)
    told = [(_WORDS[change.kind], change.fact.subject) for change in differing.changes]
    told += [("vanished", each) for each in differing.absent] + [("held", each) for each in differing.held]
    named = {each for _, each in told}
    told += [("misremembered", each) for each in wrong(found.known, rows) if each not in named]
    report.underway += len(found.moving)
    for word, subject in told:
        if subject not in found.moving:
            getattr(report, word).append(Finding(subject, "source", SAID[word]))


def _tell_target(parts: ReconcileParts, report: Reconciliation, found: _Found) -> Compared:
    if parts.target is None:
        return {}
    if found.there is None:
        report.unread.append(Finding("", "target", UNREAD))
        return {}
    compared = compare(found.there, found.delivered, found.held, parts.pulling.partner, found.since)
    report.underway += len(compared.pop("underway", ()))
    for word, rewritings in compared.items():
        getattr(report, word).extend(Finding(each.fact.subject, "target", SAID[word]) for each in rewritings)
    return compared
