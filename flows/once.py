"""One run by hand: what ``hub pull`` and ``hub push`` call."""

from contracts.agreements import load_agreements
from flows.jobs import job_of
from flows.report import RunReport
from flows.sync import PRINCIPAL, Sync
from services.runtime import postgres
from services.runtime.kafka import Kafka
from services.runtime.settings import Settings


async def run_once(settings: Settings, partner: str, direction: str, *, accept_shrinkage: bool = False) -> RunReport:
    """Pull a partner, or push to it, once; waits up to half a minute for a run of the same that is under way.

    Returns:
        The report; its ``failed`` says why the run did not come to its end.

    Raises:
        UnknownJobError: no agreement says so.
        AgreementError, SecretMissingError: settings or agreements are wrong.
        OSError, asyncpg.PostgresError: PostgreSQL is away.
    """
    agreements = load_agreements(settings.agreements)
    job = job_of(agreements, partner, direction)
    pool = await postgres.connect(settings, size=3)
    try:
        await postgres.apply_schema(pool, "flows")
        return await Sync(Kafka(settings, PRINCIPAL), agreements, pool).run(job, accept_shrinkage=accept_shrinkage)
    finally:
        await pool.close()
