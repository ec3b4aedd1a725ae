"""The gateway's life: it listens at once, says what it waits for, and leaves when its requests are answered."""

import asyncio
import sys
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager

import asyncpg
import structlog
import uvicorn
import uvloop
from starlette.routing import BaseRoute, Route

from contracts.agreement import Agreement
from contracts.agreements import AgreementError, load_agreements
from services.gateway.app import application
from services.gateway.books import Books
from services.gateway.descriptions import descriptions
from services.gateway.doorkeeper import Doorkeeper
from services.gateway.facts import Facts
from services.gateway.health import Health
from services.gateway.idempotency import PostgresRequests
from services.gateway.inboxes import KafkaInboxes
from services.gateway.outboxes import Outboxes
from services.gateway.persons import Persons
from services.gateway.receipts import Receipts
from services.gateway.webhooks.placing import KafkaReads
from services.gateway.webhooks.running import called, calling
from services.runtime import logging_setup, postgres
from services.runtime.engine.blame import told
from services.runtime.kafka import Kafka
from services.runtime.settings import SecretMissingError, Settings
from services.runtime.vault import READER, Vault

PRINCIPAL = "hub-gateway"
GRACE_S = 8
"""For requests under way after a signal."""
_PAUSE_S = 1.0


def main() -> None:
    """Run until SIGTERM or Ctrl-C. Exits with 2 where settings or agreements are wrong, saying what to change."""
    try:
        settings = Settings()
        logging_setup.configure(settings, "gateway")
        agreements = load_agreements(settings.agreements)
        kafka = Kafka(settings, PRINCIPAL)
        kafka.access()
    except (AgreementError, SecretMissingError, ValueError) as error:
        sys.stderr.write(f"gateway: {error}\n")
        sys.exit(2)
    uvloop.run(_serve(kafka, agreements))


async def _serve(kafka: Kafka, agreements: Mapping[str, Agreement]) -> None:
    settings = kafka.settings
    inboxes, requests = KafkaInboxes(kafka), PostgresRequests()
    config = uvicorn.Config(
        lambda: application(routes(kafka, agreements, inboxes, requests, lambda: server.should_exit)),
        settings.http_host,
        settings.http_port,
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,  # nothing here depends on where a request comes from
        timeout_graceful_shutdown=GRACE_S,
        factory=True,
    )
    server = uvicorn.Server(config)
    opened = sum(agreement.http is not None for agreement in agreements.values())
    structlog.get_logger("gateway").info("gateway_starts", partners=opened, port=settings.http_port)
    outboxes = Outboxes(Doorkeeper(agreements, settings.secrets), kafka, lambda: server.should_exit)
    async with _database(settings, requests), calling(agreements, KafkaReads(outboxes), requests, settings):
        await server.serve()
    await inboxes.close()


def routes(
    kafka: Kafka,
    agreements: Mapping[str, Agreement],
    inboxes: KafkaInboxes,
    requests: PostgresRequests,
    stopping: Callable[[], bool],
) -> list[BaseRoute]:
    """Return all addresses, each with what answers there."""
    doorkeeper = Doorkeeper(agreements, kafka.settings.secrets)
    facts, health = Facts(doorkeeper, inboxes, requests), Health(inboxes, requests, tuple(called(agreements)))
    receipts = Receipts(doorkeeper, kafka, Books(requests))
    outboxes = Outboxes(doorkeeper, kafka, stopping)
    persons = Persons(doorkeeper, Vault(kafka.settings, role=READER))
    return [
        Route("/v1/facts", facts.post, methods=["POST"]),
        Route("/v1/receipts/{id}", receipts.get),
        Route("/v1/outbox", outboxes.get),
        Route("/v1/persons/{ref}", persons.get),
        *descriptions(),
        Route("/health", health.ready),
        Route("/health/ready", health.ready),
        Route("/health/live", health.live),
    ]


@asynccontextmanager
async def _database(settings: Settings, requests: PostgresRequests) -> AsyncIterator[None]:
    """Connect beside the work: most of it needs no database."""
    connecting = asyncio.create_task(_connect(settings, requests))
    try:
        yield
    finally:
        connecting.cancel()
        await asyncio.gather(connecting, return_exceptions=True)
        if requests.pool is not None:
            requests.pool.terminate()


async def _connect(settings: Settings, requests: PostgresRequests) -> None:
    while requests.pool is None:
        pool = None
        try:
            pool = await postgres.connect(settings, schema="gateway")
            await postgres.apply_schema(pool, "services.gateway")
        except (OSError, TimeoutError, asyncpg.PostgresError) as error:
            structlog.get_logger("gateway").warning("waits", reason=told(error))
            if pool is not None:
                pool.terminate()
            await asyncio.sleep(_PAUSE_S)
        else:
            requests.pool = pool
    await requests.forget()
