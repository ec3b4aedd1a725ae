"""From a partner's system into its inbox, for every kind of system.

The order is the promise: what an earlier run left pending goes first; facts are written down before they are published
and marked after Kafka's word; the cursor moves last. So a run may die anywhere.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from flows.connector import Draft, Reading, Refused
from flows.connectors.manifest import Source
from flows.ledger.holds import Holds
from flows.ledger.known import Change, Diff
from flows.ledger.ledger import Ledger
from flows.ledger.outgoing import Outgoing
from flows.ledger.receipts import Receipts
from flows.pulling.answering import answer
from flows.pulling.burials import Burials
from flows.pulling.inbox import Inbox
from flows.pulling.looking import Ours, seen
from flows.pulling.portions import chunks, rounds
from flows.pulling.snapshot import diff
from flows.report import Finding, RunReport

_ABSENT = "missed by one complete reading; withdrawn if the next one misses it too"
_HELD = (
    "held: too much would vanish at once; nothing is withdrawn. See what the partner's system tells. If that is right: "
    "`hub pull {partner} --accept-shrinkage` withdraws what is held now"
)
_ACCEPTED = "was held, and is withdrawn because an operator accepted it"


@dataclass(frozen=True, slots=True)
class PullParts:
    """What one pull works with."""

    partner: str
    source: Source
    ledger: Ledger
    holds: Holds
    receipts: Receipts
    inbox: Inbox
    burials: Burials


async def pull(parts: PullParts, report: RunReport, now: datetime, *, accept_shrinkage: bool = False) -> RunReport:
    """Pull once.

    Args:
        parts: source, ledger and inbox of one partner.
        report: is filled on the way, so that it tells of what was done even if the run fails.
        now: bounds the window of dates.
        accept_shrinkage: read everything afresh, and believe that what is held is gone. Whatever else is missing too
            is judged as ever: the answer may have become worse since somebody looked.

    Raises:
        SourceUnusableError: the source's answer cannot be trusted; nothing is concluded from it.
        OSError, KafkaError, asyncpg.PostgresError: something is away; the next run goes on.
    """
    await parts.ledger.forget_unsent()
    await _resend(parts, report)
    since = await parts.ledger.clock()
    reading = await parts.source.read(None if accept_shrinkage else await parts.ledger.cursor())
    delivered = await parts.receipts.all()  # only now: what was written there before it was read is among them
    told = await seen(parts.source, reading, parts.partner, now, Ours(delivered, since))
    accepted = await parts.holds.all() if accept_shrinkage else frozenset[str]()
    known = await parts.ledger.known()
    found = diff(known, told.look, now, accepted)
    refused = [*told.refused, *found.refused]
    report.echoes, report.proposals = told.sifted.echoes, list(told.sifted.proposals)
    _tell(report, reading, told.own, refused)
    _conclude(report, found)
    await _publish(parts, report, found.changes)
    await parts.ledger.mark(found.marks)
    await parts.holds.note(found, [draft.fact.subject for draft in told.own], complete=reading.complete)
    await _refuse(parts, reading, refused)
    await answer(parts.source, reading, refused, known, found)
    await parts.ledger.save_cursor(reading.cursor)
    return report


async def _resend(parts: PullParts, report: RunReport) -> None:
    """Send what an earlier run wrote down but may not have sent, under the same ids."""
    for facts in chunks(await parts.ledger.pending()):
        await _send(parts, facts)
        report.resent += len(facts)


async def _refuse(parts: PullParts, reading: Reading, refused: Sequence[Refused]) -> None:
    seen = [*(item.source_id for item in reading.items), *reading.gone, *reading.unreadable]
    # An entry made private is no mistake that somebody should find: nothing of it is kept.
    broken = [each for each in refused if not each.not_public]
    await parts.ledger.note_refusals(broken, seen, complete=reading.complete, present=reading.present)
    await parts.burials.bury(refused, reading)


async def _publish(parts: PullParts, report: RunReport, changes: Sequence[Change]) -> None:
    for chunk in (chunk for batch in rounds(changes) for chunk in chunks(batch)):
        await _send(parts, await parts.ledger.record(chunk))
        for change in chunk:
            setattr(report, change.kind, getattr(report, change.kind) + 1)


async def _send(parts: PullParts, facts: Sequence[Outgoing]) -> None:
    await parts.inbox.put(facts)
    await parts.ledger.sent(facts)


def _tell(report: RunReport, reading: Reading, own: Sequence[Draft], refused: Iterable[Refused]) -> None:
    report.read = len(reading.items) + len(reading.unreadable)
    report.refuse(refused)
    report.assumed += [Finding(draft.fact.subject, "", flag) for draft in own for flag in draft.flags]


def _conclude(report: RunReport, found: Diff) -> None:
    report.unchanged, report.unheard = found.unchanged, len(found.unheard)
    report.absent += [Finding(each, "", _ABSENT) for each in found.absent]
    report.held += [Finding(each, "", _HELD.format(partner=report.partner)) for each in found.held]
    report.accepted += [Finding(each, "", _ACCEPTED) for each in found.accepted]
