"""One run by hand: what ``hub pull``, ``hub push`` and ``hub reconcile`` call."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from aiokafka.errors import KafkaError

from contracts.agreements import load_agreements
from flows.jobs import RECONCILE, Job, job_of
from flows.reconciling.reconciliation import Reconciliation
from flows.reconciling.recorded import Count
from flows.report import RunReport
from flows.sync import PRINCIPAL, Sync
from services.runtime import postgres
from services.runtime.complaints import remedy
from services.runtime.kafka import Kafka
from services.runtime.settings import Settings
from services.runtime.timeouts import REACH_S


class UnreachableError(Exception):
    """Kafka does not answer; nothing was read or written."""


async def run_once(settings: Settings, partner: str, direction: str, *, accept_shrinkage: bool = False) -> RunReport:
    """Pull a partner, or push to it, once; waits up to half a minute for a run of the same that is under way.

    Returns:
        The report; its ``failed`` says why the run did not come to its end.

    Raises:
        UnknownJobError: no agreement says so.
        UnreachableError: Kafka is away.
        AgreementError, SecretMissingError: settings or agreements are wrong.
        OSError, asyncpg.PostgresError: PostgreSQL is away.
    """
    async with _ready(settings, partner, direction) as (job, sync):
        return await sync.run(job, accept_shrinkage=accept_shrinkage)


async def reconcile_once(settings: Settings, partner: str, repair: str, count: Count) -> Reconciliation:
    """Compare a partner's system with the hub, once; a repair waits as `run_once` for runs that are under way.

    Args:
        settings: where the hub is.
        partner: whose system.
        repair: who wants what differs to be told again; nobody where it is empty.
        count: hears of the recorded facts that are read.

    Raises:
        UnknownJobError, UnreachableError, AgreementError, SecretMissingError, OSError: as `run_once`.
    """
    async with _ready(settings, partner, RECONCILE) as (job, sync):
        return await sync.compare(job, repair=repair, count=count)


@asynccontextmanager
async def _ready(settings: Settings, partner: str, direction: str) -> AsyncIterator[tuple[Job, Sync]]:
    agreements = load_agreements(settings.agreements)
    job, kafka = job_of(agreements, partner, direction), Kafka(settings, PRINCIPAL)
    await _reached(kafka)
    pool = await postgres.connect(settings, size=5)  # a repair holds three locks
    try:
        await postgres.apply_schema(pool, "flows.ledger")
        yield job, Sync(kafka, agreements, pool)
    finally:
        await pool.close()


async def _reached(kafka: Kafka) -> None:
    """See that Kafka answers: the clients of a run would wait for it much longer than somebody at a terminal."""
    try:
        async with asyncio.timeout(REACH_S):
            await kafka.topics()
    except (KafkaError, OSError) as error:
        where = f"Kafka at {kafka.settings.kafka} as {kafka.principal}"
        what = remedy(error) if isinstance(error, KafkaError) else "see that it runs"
        came = f"expected an answer of {where} within {REACH_S} s, came {type(error).__name__}"
        raise UnreachableError(f"{came}: {what}") from None
