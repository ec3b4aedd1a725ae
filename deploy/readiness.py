"""When a part is ready: asked of the part itself, with the hub's own credentials."""

import asyncio
import logging
import time
from collections.abc import Callable, Coroutine
from typing import Any

import asyncpg
from aiokafka import TopicPartition
from aiokafka.errors import KafkaError

from deploy import orderly
from deploy.passwords import ADMIN
from deploy.ports import listening
from services.operations.errors import OperationError
from services.runtime.kafka import Kafka
from services.runtime.settings import Settings
from services.runtime.timeouts import REACH_S

PAUSE_S = 0.05
STARTS_S = 60


class NotReadyError(OperationError):
    """A part did not become ready."""


def wait_until(
    ready: Callable[[], bool], failed: Callable[[], str | None], what: str, limit_s: float = STARTS_S
) -> None:
    """Ask ``ready`` until it says yes.

    Args:
        ready: whether the part answers.
        failed: why waiting is pointless; None while it is not.
        what: the part, for the error's sentence.
        limit_s: patience, in seconds.

    Raises:
        NotReadyError: it failed or patience ran out.
    """
    deadline = time.monotonic() + limit_s
    while not ready():
        if reason := failed():
            raise NotReadyError(f"expected {what} to start, but {reason}")
        if time.monotonic() > deadline:
            raise NotReadyError(
                f"expected {what} to be ready within {limit_s:.0f} s, but it does not answer: "
                "check its address, its password and its log"
            )
        time.sleep(PAUSE_S)


def kafka_answers(settings: Settings) -> bool:
    """Whether Kafka lets its administrator in and keeps groups' offsets. Not for use inside a running event loop.

    A new cluster makes the topic of the offsets when it is first asked, and librdkafka's administration client crashes
    on the answers that it gets meanwhile.
    """

    async def ask() -> None:
        consumer = Kafka(settings, ADMIN).consumer(group="hub.readiness")
        try:
            await consumer.start()
            await consumer.committed(TopicPartition("hub.readiness", 0))
        finally:
            await consumer.stop()

    return _open(settings.kafka) and _works(ask)


def postgres_answers(settings: Settings) -> bool:
    """Whether PostgreSQL lets the hub's role in. Not for use inside a running event loop."""

    async def ask() -> None:
        connection = await asyncpg.connect(settings.postgres, password=settings.secret("postgres"))
        await connection.close()

    return _works(ask)


def _open(bootstrap: str) -> bool:
    """Whether somebody listens: asked first since the client logs each attempt as an error."""
    addresses = (address.rpartition(":") for address in bootstrap.split(","))
    return any(listening(int(port), host) for host, _, port in addresses)


def _works(ask: Callable[[], Coroutine[Any, Any, None]]) -> bool:
    logging.getLogger("aiokafka").setLevel(logging.CRITICAL)  # what does not answer yet is no error here
    try:
        orderly.loop(lambda: asyncio.wait_for(ask(), REACH_S))
    except (OSError, TimeoutError, asyncpg.PostgresError, KafkaError):
        return False
    finally:
        logging.getLogger("aiokafka").setLevel(logging.NOTSET)
    return True
