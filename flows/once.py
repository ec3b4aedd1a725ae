"""One run by hand: what ``hub pull`` and ``hub push`` call."""

import asyncio

from aiokafka.errors import KafkaError

from contracts.agreements import load_agreements
from flows.jobs import job_of
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
    agreements = load_agreements(settings.agreements)
    job, kafka = job_of(agreements, partner, direction), Kafka(settings, PRINCIPAL)
    await _reached(kafka)
    pool = await postgres.connect(settings, size=3)
    try:
        await postgres.apply_schema(pool, "flows")
        return await Sync(kafka, agreements, pool).run(job, accept_shrinkage=accept_shrinkage)
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
