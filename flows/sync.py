"""One run of one job on the real parts: locked, noted, logged and counted, whoever asked for it."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from contextlib import AsyncExitStack
from datetime import UTC, datetime
from functools import partial
from typing import Any, TypeVar

import structlog

from contracts.agreement import Agreement, Connector
from flows.connectors.registry import manifest
from flows.jobs import RECONCILE, Job, jobs_of
from flows.ledger.holds import KeptHolds
from flows.ledger.journal import noted, only_one
from flows.ledger.ledger import Ledger
from flows.ledger.receipts import Receipts
from flows.metrics import count
from flows.pulling.burials import KafkaBurials
from flows.pulling.inbox import KafkaInbox
from flows.pulling.pull import PullParts, pull
from flows.pushing.outbox import KafkaOutbox
from flows.pushing.push import PushParts, push
from flows.reconciling.moving import KeptMemory
from flows.reconciling.reconcile import reconcile
from flows.reconciling.reconciliation import Reconciliation
from flows.reconciling.recorded import Count, KafkaRecorded
from flows.reconciling.repairing import ReconcileParts
from flows.report import RunReport
from services.runtime.kafka import Kafka
from services.runtime.postgres import Pool

PRINCIPAL = "hub-flows"
Told = TypeVar("Told", bound=RunReport)
LONGEST_RUN = 900  # seconds: a partner's system that never answers must not keep its job busy for ever


class Sync:
    """Runs jobs. Two runs of one job never overlap, in this process or another."""

    def __init__(
        self,
        kafka: Kafka,
        agreements: Mapping[str, Agreement],
        pool: Pool,
        stopping: Callable[[], bool] = lambda: False,
    ) -> None:
        """Take the parts; ``kafka`` as `PRINCIPAL`, not connected yet. ``stopping`` ends a push between two batches."""
        self.jobs: Mapping[Job, Connector] = jobs_of(agreements)
        self._kafka, self._agreements, self._pool = kafka, agreements, pool
        self._stopping = stopping

    async def run(self, job: Job, *, accept_shrinkage: bool = False) -> RunReport:
        """Run one job to its end. What goes wrong is told in the report's ``failed``, not raised."""
        if job.direction == RECONCILE:
            return await self.compare(job)
        work = partial(self._carry_out, accept_shrinkage=accept_shrinkage)
        report = await self._noted(job, RunReport(job.partner, job.direction), work)
        if accept_shrinkage:
            counts = {"withdrawn": len(report.accepted), "held": len(report.held)}
            structlog.get_logger("flows").warning("shrinkage_accepted", partner=job.partner, **counts)
        return report

    async def compare(self, job: Job, *, repair: str = "", count: Count = lambda _: None) -> Reconciliation:
        """Compare a partner's system with the hub.

        Args:
            job: whose.
            repair: who wants what differs to be told again; nobody where it is empty.
            count: hears of the recorded facts that are read.
        """
        report = Reconciliation(job.partner, job.direction, asked_by=repair)
        await self._noted(job, report, partial(self._compare, repair=bool(repair), count=count))
        if repair:
            counts = {"differences": report.differences, "steps": report.repaired}
            structlog.get_logger("flows").warning("repaired", partner=job.partner, by=repair, **counts)
        return report

    async def _noted(self, job: Job, report: Told, work: Callable[[Job, Told], Awaitable[None]]) -> Told:
        log = structlog.get_logger("flows").bind(partner=job.partner, direction=job.direction)
        with structlog.contextvars.bound_contextvars(partner=job.partner, direction=job.direction):
            try:
                async with only_one(self._pool, job.partner, job.direction), noted(self._pool, report):
                    async with asyncio.timeout(LONGEST_RUN):
                        await work(job, report)
            except Exception as error:
                report.fail(error)
                log.warning("run_failed", exc_info=True)
        count(report)
        log.info("run_ended", ok=not report.failed, **{name: n for name, n in report.counts().items() if n})
        return report

    async def _carry_out(self, job: Job, report: RunReport, *, accept_shrinkage: bool) -> None:
        end = self._end(job, job.direction)
        if job.direction == "push":
            async with KafkaOutbox(job.partner, self._kafka) as outbox:
                receipts, objects = Receipts(self._pool, job.partner), manifest(self.jobs[job].kind).objects
                by_http = self._agreements[job.partner].http is not None
                parts = PushParts(job.partner, end, receipts, outbox, objects, by_http)
                await push(parts, report, self._stopping)
        else:
            async with KafkaInbox(job.partner, self._kafka) as inbox:
                await pull(self._pulling(job, end, inbox), report, datetime.now(UTC), accept_shrinkage=accept_shrinkage)

    async def _compare(self, job: Job, report: Reconciliation, *, repair: bool, count: Count) -> None:
        directions, row = self.jobs[job].directions, manifest(self.jobs[job].kind)
        pushes = "push" in directions
        async with AsyncExitStack() as held:
            for direction in directions if repair else ():
                await held.enter_async_context(only_one(self._pool, job.partner, direction))
            inbox = await held.enter_async_context(KafkaInbox(job.partner, self._kafka))
            parts = ReconcileParts(
                self._pulling(job, self._end(job, "pull") if "pull" in directions else None, inbox),
                "pull" in directions,
                () if self._agreements[job.partner].http else row.tells,
                self._end(job, "push") if pushes else None,
                self._end(job, "readback") if pushes and row.readback else None,
                KafkaRecorded(self._kafka, self._agreements[job.partner], count),
                KeptMemory(self._pool, job.partner),
            )
            await reconcile(parts, report, datetime.now(UTC), repair=repair)

    def _end(self, job: Job, end: str) -> Any:  # noqa: ANN401 - as `Manifest.open`
        return manifest(self.jobs[job].kind).open(end, self._agreements[job.partner], self._kafka.settings)

    def _pulling(self, job: Job, source: Any, inbox: KafkaInbox) -> PullParts:  # noqa: ANN401 - as `Manifest.open`
        pool, partner = self._pool, job.partner
        burials, receipts = KafkaBurials(pool, partner, inbox), Receipts(pool, partner)
        return PullParts(partner, source, Ledger(pool, partner), KeptHolds(pool, partner), receipts, inbox, burials)
