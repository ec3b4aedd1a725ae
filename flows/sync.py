"""One run of one job on the real parts: locked, noted, logged and counted, whoever asked for it."""

import asyncio
from collections.abc import Callable, Mapping
from datetime import UTC, datetime

import structlog

from contracts.agreement import Agreement, Connector
from flows.burials import KafkaBurials
from flows.connectors.registry import manifest
from flows.holds import KeptHolds
from flows.inbox import KafkaInbox
from flows.jobs import Job, jobs_of
from flows.journal import noted, only_one
from flows.ledger import Ledger
from flows.metrics import count
from flows.outbox import KafkaOutbox
from flows.pull import PullParts, pull
from flows.push import PushParts, push
from flows.receipts import Receipts
from flows.report import RunReport
from services.runtime.kafka import Kafka
from services.runtime.postgres import Pool

PRINCIPAL = "hub-flows"
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
        report = RunReport(job.partner, job.direction)
        log = structlog.get_logger("flows").bind(partner=job.partner, direction=job.direction)
        with structlog.contextvars.bound_contextvars(partner=job.partner, direction=job.direction):
            try:
                async with only_one(self._pool, job.partner, job.direction), noted(self._pool, report):
                    async with asyncio.timeout(LONGEST_RUN):
                        await self._carry_out(job, report, accept_shrinkage=accept_shrinkage)
            except Exception as error:
                report.fail(error)
                log.warning("run_failed", exc_info=True)
        count(report)
        if accept_shrinkage:
            log.warning("shrinkage_accepted", withdrawn=len(report.accepted), held=len(report.held))
        log.info("run_ended", ok=not report.failed, **{name: n for name, n in report.counts().items() if n})
        return report

    async def _carry_out(self, job: Job, report: RunReport, *, accept_shrinkage: bool) -> None:
        agreement = self._agreements[job.partner]
        row = manifest(self.jobs[job].kind)
        end = row.open(job.direction, agreement, self._kafka.settings)
        receipts = Receipts(self._pool, job.partner)
        if job.direction == "push":
            async with KafkaOutbox(job.partner, self._kafka) as outbox:
                await push(PushParts(job.partner, end, receipts, outbox, row.streams), report, self._stopping)
        else:
            async with KafkaInbox(job.partner, self._kafka) as inbox:
                burials = KafkaBurials(self._pool, job.partner, inbox)
                ledger, holds = Ledger(self._pool, job.partner), KeptHolds(self._pool, job.partner)
                parts = PullParts(job.partner, end, ledger, holds, receipts, inbox, burials)
                await pull(parts, report, datetime.now(UTC), accept_shrinkage=accept_shrinkage)
