"""The long-lived process that runs all pulls and pushes: ``python -m flows.runner``.

Pulls run on the interval of their agreement, pushes when something arrives in an outbox. While Prefect's API answers,
every run is a flow run there and its schedules and buttons count; otherwise the same runs happen without it.
"""

import asyncio
import signal
import sys
from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import timedelta
from time import monotonic
from typing import Any

import asyncpg
import structlog
from aiokafka.errors import KafkaError
from prometheus_client import start_http_server

from contracts.agreement import Agreement
from contracts.agreements import AgreementError, load_agreements
from flows.dispatcher import AT_ONCE, Dispatcher
from flows.jobs import RECONCILE, Job, interval_of
from flows.prefect_ui.thread import PrefectThread
from flows.report import RunReport
from flows.sync import PRINCIPAL, Sync
from flows.watcher import watch_outboxes
from services.runtime import logging_setup, postgres
from services.runtime.engine.blame import told
from services.runtime.kafka import Kafka
from services.runtime.settings import SecretMissingError, Settings

LAPSED = 2.5  # intervals without a run, and Prefect's schedule is no longer waited for
GRACE = 8.0  # seconds for the runs under way after a signal
LOOK_AGAIN = 0.5


class Runner:
    """All jobs of one hub."""

    def __init__(self, kafka: Kafka, sync: Sync) -> None:
        """Wire the parts; nothing runs yet."""
        self._kafka, self._sync = kafka, sync
        self._serving: asyncio.Task[Any] | None = None
        self._intervals = {job: interval_of(job, connector) for job, connector in sync.jobs.items()}
        self.dispatcher = Dispatcher(sync.jobs, self._execute)
        self.prefect = PrefectThread(kafka.settings.prefect, self._intervals, self._run, self.dispatcher.ask)

    def stop(self) -> None:
        """End `serve`: the runs under way have `GRACE` seconds to come to their end."""
        self.dispatcher.stop()
        if self._serving is not None:
            asyncio.get_running_loop().call_later(GRACE, self._serving.cancel)

    async def serve(self) -> None:
        """Run until `stop`."""
        self._serving = asyncio.current_task()
        await self._admitted()
        pushes = {job.partner: job for job in self._intervals if job.direction == "push"}
        timed = [(job, every) for job, every in self._intervals.items() if job.direction != "push"]
        triggers = [asyncio.create_task(self._on_time(job, every)) for job, every in timed]
        triggers.append(asyncio.create_task(watch_outboxes(self._kafka, pushes, self.dispatcher.ask)))
        self.prefect.start()
        try:
            await self.dispatcher.serve()
        finally:
            for trigger in triggers:
                trigger.cancel()
            await asyncio.gather(*triggers, return_exceptions=True)
            await self.prefect.stop()

    async def _admitted(self) -> None:
        """Wait until Kafka shows us topics: a run before that reads a partner's system only to fail at the door."""
        log, told_before = structlog.get_logger("flows"), ""
        while self._intervals and not self.dispatcher.stopping:
            try:
                if await self._kafka.topics():
                    return
                reason = "expected topics that the flows may see, found none: run 'hub apply'"
            except (OSError, KafkaError) as error:
                reason = told(error)
            if reason != told_before:
                log.warning("waits", reason=reason)
            told_before = reason
            await asyncio.sleep(LOOK_AGAIN)

    async def _execute(self, job: Job, requests: Sequence[object]) -> RunReport | None:
        return await self.prefect.carry(job, requests)

    async def _run(self, job: Job, accept_shrinkage: bool) -> RunReport:  # noqa: FBT001 - as `PrefectThread` calls it
        return await self._sync.run(job, accept_shrinkage=accept_shrinkage)

    async def _on_time(self, job: Job, every: timedelta) -> None:
        """Keep the interval wherever Prefect's schedule, which says the same, does not."""
        if job.direction == RECONCILE:  # nobody waits for it when the hub starts
            await asyncio.sleep(every.total_seconds())
        while True:
            if self._left_alone(job, every):
                self.dispatcher.ask(job)
            await asyncio.sleep(every.total_seconds())

    def _left_alone(self, job: Job, every: timedelta) -> bool:
        """Whether Prefect is away, or lets a schedule lapse that nobody paused there."""
        idle = monotonic() - self.dispatcher.asked_at.get(job, 0)
        lapsed = idle > LAPSED * every.total_seconds() and job not in self.prefect.paused
        return lapsed or not self.prefect.ready


async def _serve(kafka: Kafka, agreements: Mapping[str, Agreement]) -> None:
    settings, pool = kafka.settings, await _database(kafka.settings)
    runner = Runner(kafka, sync := Sync(kafka, agreements, pool, lambda: runner.dispatcher.stopping))
    server, _ = start_http_server(settings.http_port, settings.http_host)
    structlog.get_logger("flows").info("runner_starts", jobs=len(sync.jobs), metrics_port=server.server_port)
    for name in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(name, runner.stop)
    with suppress(asyncio.CancelledError):
        await asyncio.create_task(runner.serve())
    server.shutdown()
    pool.terminate()


async def _database(settings: Settings) -> postgres.Pool:
    while True:
        try:
            pool = await postgres.connect(settings, size=2 * AT_ONCE + 2)
            await postgres.apply_schema(pool, "flows.ledger")
        except (OSError, TimeoutError, asyncpg.PostgresError) as error:
            structlog.get_logger("flows").warning("waits", reason=told(error))
            await asyncio.sleep(1)
        else:
            return pool


def main() -> None:
    """Run until SIGTERM or Ctrl-C. Exits with 2 where settings or agreements are wrong, saying what to change."""
    try:
        settings = Settings()
        logging_setup.configure(settings, "flows")
        agreements = load_agreements(settings.agreements)
        kafka = Kafka(settings, PRINCIPAL)
        kafka.access()
    except (AgreementError, SecretMissingError, ValueError) as error:
        sys.stderr.write(f"flows: {error}\n")
        sys.exit(2)
    asyncio.run(_serve(kafka, agreements))


if __name__ == "__main__":
    main()
