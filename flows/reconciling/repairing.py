"""Telling again what differs, through the doors that pulls and pushes use."""

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import datetime

from contracts.refusal import Refusal
from flows.connectors.manifest import Remembering, Source, Target
from flows.ledger.known import Known
from flows.pulling.pull import PullParts, pull
from flows.pushing.bringing import bring
from flows.reconciling.moving import Memory
from flows.reconciling.readback import Compared
from flows.reconciling.reconciliation import Reconciliation
from flows.reconciling.recorded import Recorded
from flows.report import Finding, RunReport

_REPAIRED = ("deleted", "edited", "outdated", "leftover", "misremembered", "unwritten")


@dataclass(frozen=True, slots=True)
class ReconcileParts:
    """What a comparison works with.

    ``pulling`` has the ledger and the receipts of every partner; its source is used where ``pulls`` says so.
    ``only_pulled`` are the kinds of objects that this partner can tell by a pull alone, having no other door.
    ``target`` is None where nothing is pushed, ``readback`` where what was pushed cannot be read.
    """

    pulling: PullParts
    pulls: bool
    only_pulled: Collection[str]
    target: Target | None
    readback: Source | None
    recorded: Recorded
    memory: Memory


async def whole(pulling: PullParts) -> str | None:
    """Return the cursor by which the source is read as a whole."""
    source = pulling.source
    return source.afresh(await pulling.ledger.cursor()) if isinstance(source, Remembering) else None


async def pull_again(parts: ReconcileParts, report: Reconciliation, corrected: list[Known], now: datetime) -> None:
    """Set the ledger right, then pull the whole source; its guard against shrinkage holds here too."""
    pulling = parts.pulling
    await parts.memory.correct(corrected)
    report.repaired += len(corrected)
    for _ in range(2):
        await pulling.ledger.save_cursor(await whole(pulling))
        pulled = await pull(pulling, RunReport(report.partner, "pull"), now)
        report.repaired += pulled.new + pulled.changed + pulled.withdrawn
        if not pulled.absent:  # what one whole reading misses is withdrawn if the next one misses it too
            break


async def write_again(parts: ReconcileParts, target: Target, report: Reconciliation, differences: Compared) -> None:
    """Write into the target what differs there."""
    receipts = parts.pulling.receipts
    try:
        for fact, fact_id, receipt in (each for word in _REPAIRED for each in differences.get(word, ())):
            over = replace(receipt, revision=0) if receipt else None  # else the target holds it for written
            written = await bring(target, fact, over, fact_id)
            if isinstance(written, Refusal):
                report.refused.append(Finding(fact.subject, written.place, str(written)))
            else:
                await receipts.save(fact.subject, fact_id, fact.revision, written)
                report.repaired += 1
    finally:
        await target.close()
