"""Who is called from here: a task for each partner with a webhook, as long as the gateway runs."""

import asyncio
import secrets
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager

from contracts.agreement import Agreement
from services.gateway.idempotency import PostgresRequests
from services.gateway.webhooks.calling import Calls
from services.gateway.webhooks.ledger import PostgresLedger
from services.gateway.webhooks.placing import Place, Reads
from services.gateway.webhooks.posting import caller
from services.runtime.settings import Settings
from services.runtime.signing_secrets import SecretFile


def called(agreements: Mapping[str, Agreement]) -> dict[str, str]:
    """Return the addresses of the partners who want to be called, by partner."""
    return {
        partner: str(agreement.http.webhook)
        for partner, agreement in agreements.items()
        if agreement.http and agreement.http.webhook
    }


@asynccontextmanager
async def calling(
    agreements: Mapping[str, Agreement], outbox: Reads, database: PostgresRequests, settings: Settings
) -> AsyncIterator[None]:
    """Call all of them. Who is being called at the end may be told the same fact once more later."""
    ledger = PostgresLedger(database, settings.instance or secrets.token_hex(8))
    tasks = []
    async with AsyncExitStack() as ending:
        for partner, url in called(agreements).items():
            client = await ending.enter_async_context(caller())
            file = SecretFile(settings.secrets, partner)
            place = Place(agreements[partner], outbox, ledger)
            tasks.append(asyncio.create_task(Calls(agreements[partner], url, place, ledger, file, client).run()))
        try:
            yield
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
