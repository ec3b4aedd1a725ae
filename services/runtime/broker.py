"""FastStream's broker as a service starts it: it consumes, and a failed start ends the process."""

import logging
import os
from collections.abc import Iterator
from contextlib import contextmanager

import structlog
from faststream.kafka import KafkaBroker
from faststream.security import BaseSecurity, SASLScram256

from services.runtime.kafka import Kafka


class _Broker(KafkaBroker):
    """FastStream's broker, whose failed start ends the process: uvicorn would go on serving one that reads nothing."""

    async def start(self) -> None:
        with process_ends_on_failure():
            await super().start()


def make_broker(kafka: Kafka) -> KafkaBroker:
    """Make FastStream's broker. It only consumes: what is written goes through the engine's own producers."""
    security: BaseSecurity = SASLScram256(
        username=kafka.principal,
        password=kafka.settings.secret(kafka.principal),
        use_ssl=kafka.settings.kafka_ca is not None,
        ssl_context=kafka.tls(),
    )
    return _Broker(
        kafka.settings.kafka.split(","),
        client_id=kafka.principal,
        security=security,
        consumer_only=True,
        allow_auto_create_topics=False,
        logger=None,
    )


@contextmanager
def process_ends_on_failure() -> Iterator[None]:
    """End the process where the block fails and its caller would swallow it."""
    try:
        yield
    except Exception:  # noqa: BLE001 - whatever it is, nobody above would act on it
        structlog.get_logger("engine").critical("cannot_go_on", exc_info=True)
        logging.shutdown()
        os._exit(70)  # EX_SOFTWARE; as good as a crash, which everything here survives
