"""From a partner's outbox into its system, for every kind of system.

Each fact leaves a receipt as soon as it is written; the cursor moves after the batch is finished. So what a run that
died had already written is recognised and passed over, and nothing is left out.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from contracts.admission import Admitted, read
from contracts.dead_letter import DeadLetter
from contracts.envelope import now
from contracts.refusal import Refusal
from contracts.registry import kind_of
from contracts.rejection import FactRejected
from contracts.topics import DEAD_LETTERS, outbox
from flows.connectors.manifest import Hearing, Target
from flows.ledger.outgoing import named
from flows.ledger.receipts import Delivered, Receipts
from flows.pushing.bringing import WORLD, bring
from flows.pushing.outbox import Batch, Outbox
from flows.report import Finding, RunReport
from flows.wording import expected
from services.runtime.engine.burial import contract_of, header
from services.runtime.engine.delivery import Output, Record


@dataclass(frozen=True, slots=True)
class PushParts:
    """What one push works with."""

    partner: str
    target: Target
    receipts: Receipts
    outbox: Outbox
    objects: Sequence[str] = ("event",)  # kinds of objects whose facts the target can write
    other_door: bool = False  # the partner reads its outbox elsewhere, too: what the target cannot write, it has there


@dataclass(slots=True)
class _Settled:
    """How far a batch was taken."""

    next_offset: int
    letters: list[Output] = field(default_factory=list)
    away: Exception | None = None


async def push(parts: PushParts, report: RunReport, stopping: Callable[[], bool] = lambda: False) -> RunReport:
    """Write all that lay in the outbox at the beginning; stop between two batches where ``stopping`` says so.

    Args:
        parts: outbox, target and receipts of one partner.
        report: is filled on the way, so that it tells of what was done even if the run fails.
        stopping: asked before each batch.

    Raises:
        OSError: the system is away; what was written is kept and the next run goes on behind it.
        FencedError: somebody else pushes to this partner now.
        KafkaError, asyncpg.PostgresError: something else is away; the next run goes on.
    """
    delivered = await parts.receipts.all()
    while not stopping() and (batch := await parts.outbox.batch()) is not None:
        try:
            settled = await _settle(parts, report, batch, delivered)
        finally:
            await parts.target.close()  # before the cursor moves: a catalogue is not told until it is whole
        await parts.outbox.done(settled.letters, settled.next_offset)
        if settled.away is not None:
            raise settled.away
    return report


async def _settle(parts: PushParts, report: RunReport, batch: Batch, delivered: dict[str, Delivered]) -> _Settled:
    """Take one fact after the other; a system that goes away ends the batch before the fact in hand."""
    settled = _Settled(batch.next_offset)
    for record in batch.records:
        try:
            refusal = await _take(parts, report, record, delivered)
        except WORLD as error:
            return _Settled(record.offset, settled.letters, error)
        report.read += 1
        if refusal is not None:
            settled.letters.append(_letter(parts.partner, record, refusal))
            report.refused.append(Finding(f"offset {record.offset}", refusal.place, str(refusal)))
    return settled


async def _take(parts: PushParts, report: RunReport, record: Record, delivered: dict[str, Delivered]) -> Refusal | None:
    admitted = read(record.message)
    if isinstance(admitted, Refusal):
        return admitted
    fact, before = admitted.fact, delivered.get(admitted.fact.subject)
    if isinstance(fact, FactRejected):
        await _hear(parts.target, fact, admitted.envelope.correlation)
        return None
    if kind_of(fact.type) not in parts.objects:
        if parts.other_door:
            return None
        reason = expected("of-its-objects", options=", ".join(parts.objects), type=fact.type)
        return Refusal("target-refused", "header ce_type", reason)
    if before is not None and fact.revision <= before.revision:
        report.superseded += 1
        return None
    return await _write(parts, report, admitted, delivered)


async def _hear(target: Target, told: FactRejected, correlation: str) -> None:
    """Hand a rejection to a target that has a place for it. Of what was sent by another way nothing is known there."""
    about = named(correlation)
    if about is not None and isinstance(target, Hearing):
        await target.hear(told, *about)


async def _write(
    parts: PushParts, report: RunReport, admitted: Admitted, delivered: dict[str, Delivered]
) -> Refusal | None:
    fact: Any = admitted.fact  # of a kind of object that the target can write
    before, fact_id = delivered.get(fact.subject), admitted.envelope.id
    receipt = await bring(parts.target, fact, before.receipt if before else None, fact_id)
    if isinstance(receipt, Refusal):
        return receipt
    delivered[fact.subject] = await parts.receipts.save(fact.subject, fact_id, fact.revision, receipt)
    report.written += receipt is not None
    report.removed += receipt is None
    return None


def _letter(partner: str, record: Record, refusal: Refusal) -> Output:
    """Make the dead letter of one fact; its place in the outbox is its id, so that it dies only once."""
    letter = DeadLetter(
        partner=partner,
        direction="push",
        service="push",
        topic=outbox(partner),
        partition=0,
        offset=record.offset,
        refusal=refusal,
        time=now(),
        original=record.message,
        correlation=header(record.message, "ce_correlationid") or header(record.message, "ce_id"),
        contract=contract_of(record.message),
    )
    return Output(DEAD_LETTERS, letter.message())
