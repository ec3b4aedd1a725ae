"""A service's life: wait for the parts, subscribe, answer for health, finish the batch in hand, leave."""

import asyncio
import gc
import json
import logging
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import asyncpg
import structlog
import uvloop
from aiokafka.errors import KafkaError
from faststream.asgi import AsgiFastStream, AsgiResponse, get
from prometheus_client import make_asgi_app

from contracts.agreement import Agreement
from contracts.agreements import AgreementError, load_agreements
from services.runtime import logging_setup, postgres
from services.runtime.broker import make_broker
from services.runtime.engine.blame import told
from services.runtime.engine.kafka_delivery import Deliveries
from services.runtime.engine.mode import Mode
from services.runtime.engine.ownership import Ownership
from services.runtime.engine.postgres_store import PostgresStore
from services.runtime.engine.stalls import Stalls
from services.runtime.kafka import Kafka
from services.runtime.settings import SecretMissingError, Settings
from services.runtime.subscription import subscribe

Agreements = Mapping[str, Agreement]
LONGEST_PAUSE = 1.0  # seconds between two looks for a part that is away
COLLECT_EVERY = 1_000_000  # new objects: batches keep some hundred thousand until they are written, none in a circle


@dataclass(frozen=True, slots=True)
class Service:
    """One row: what a service is called, what it reads, and what it does with it.

    ``mode`` gets the agreements, Kafka and, where ``stateful``, a store. ``secrets``: what must be there beside its
    password.
    """

    name: str
    topics: Callable[[Agreements], Sequence[str]]
    mode: Callable[[Agreements, Kafka, PostgresStore | None], Mode]
    stateful: bool = False
    secrets: Sequence[str] = ()

    @property
    def group(self) -> str:
        """The consumer group."""
        return f"hub.{self.name}"


def run(service: Service) -> None:
    """Run until SIGTERM or Ctrl-C. Exits with 2 where settings or agreements are wrong, saying what to change."""
    try:
        settings = Settings()
        logging_setup.configure(settings, service.name)
        agreements = load_agreements(settings.agreements)
        kafka = Kafka(settings, f"hub-{service.name}")
        kafka.access()
        for name in service.secrets:
            settings.secret(name)
    except (AgreementError, SecretMissingError, ValueError) as error:
        sys.stderr.write(f"{service.name}: {error}\n")
        sys.exit(2)
    # What was made until here stays: to look through it again and again cost a tenth of each record.
    gc.collect()
    gc.freeze()
    gc.set_threshold(COLLECT_EVERY)
    uvloop.run(_serve(service, settings, agreements, kafka))


async def _serve(service: Service, settings: Settings, agreements: Agreements, kafka: Kafka) -> None:
    topics = service.topics(agreements)
    await _until(_topics_exist, kafka, topics)
    pool = await _until(_database, settings) if service.stateful else None
    store = PostgresStore(pool, service.name) if pool else None
    ownership = Ownership(service.group, service.mode(agreements, kafka, store), Deliveries(kafka).of)
    broker = make_broker(kafka)
    subscribe(broker, service.group, topics, ownership, settings)
    stalls = Stalls(ownership.positions, ownership.ends)
    app = AsgiFastStream(
        broker,
        asgi_routes=[("/health", _health(ownership, stalls)), ("/metrics", make_asgi_app())],
        after_shutdown=[ownership.close],
        logger=None,
    )
    structlog.get_logger("service").info("service_starts", topics=len(topics), group=service.group)
    watching = asyncio.create_task(stalls.watch())
    await app.run(logging.WARNING, {"host": settings.http_host, "port": settings.http_port, "log_config": None})
    watching.cancel()
    if pool is not None:
        pool.terminate()


async def _until(attempt: Callable[..., Any], *given: object) -> Any:  # noqa: ANN401 - whatever the attempt gives
    """Try until it works: a part that is away is waited for, visibly, never guessed around."""
    pause = 0.2
    while True:
        try:
            return await attempt(*given)
        except (KafkaError, OSError, TimeoutError, asyncpg.PostgresError, NotReadyError) as error:
            structlog.get_logger("service").warning("waits", reason=told(error))
            await asyncio.sleep(pause)
            pause = min(pause * 1.5, LONGEST_PAUSE)


class NotReadyError(Exception):
    """A part answers but lacks what ``hub apply`` gives it."""


async def _topics_exist(kafka: Kafka, topics: Sequence[str]) -> None:
    missing = set(topics) - await kafka.topics()
    if missing:
        raise NotReadyError(f"expected the topics of the agreements, {len(missing)} missing: run 'hub apply'")


async def _database(settings: Settings) -> postgres.Pool:
    pool = await postgres.connect(settings)
    await postgres.apply_schema(pool)
    return pool


def _health(ownership: Ownership, stalls: Stalls) -> Any:  # noqa: ANN401 - FastStream's own handler type
    @get
    async def health(_: Any) -> AsgiResponse:  # noqa: ANN401 - an ASGI scope
        waiting = {**stalls.told(), **ownership.waiting()} if ownership.consumer else {"group": "its first assignment"}
        body = {"ready": not waiting, "partitions": len(ownership.owned), "waiting": waiting}
        return AsgiResponse(json.dumps(body).encode(), 503 if waiting else 200, {"content-type": "application/json"})

    return health
