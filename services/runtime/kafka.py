"""Every Kafka client of the hub is made here, with the defaults that lose nothing.

FastStream's and aiokafka's own defaults acknowledge before the work is done, accept one replica's word, read
uncommitted records and skip to the end of a topic whose cursor is lost. All of it is set once, below.
"""

import asyncio
import ssl
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from aiokafka.client import AIOKafkaClient
from aiokafka.helpers import create_ssl_context
from aiokafka.producer import sender

from services.runtime.record_batches import read_any_batch
from services.runtime.settings import Settings
from services.runtime.timeouts import SESSION_TIMEOUT_MS

TRANSACTION_TIMEOUT_MS = 10_000  # a dead owner's open transaction hides what follows it no longer than this

MARKER_PAUSE_S = 0.003
"""Before a transaction is begun once more, as the marker of the one before is still being written. aiokafka's own 20 ms
were most of a fact's way at an even pace."""

CONSUMING: dict[str, Any] = {
    "enable_auto_commit": False,  # progress is committed with its effect, or not at all
    "isolation_level": "read_committed",
    "auto_offset_reset": "none",  # a lost cursor is an error, never a guess
    "session_timeout_ms": SESSION_TIMEOUT_MS,
    "heartbeat_interval_ms": 3_000,
    "fetch_max_wait_ms": 25,  # a partition that was just emptied joins the next fetch only
}
PRODUCING: dict[str, Any] = {
    "acks": "all",
    "enable_idempotence": True,
    "compression_type": "zstd",  # aiokafka's lz4 is its level 9: eight times the work for a fifth more bytes
    "max_batch_size": 262_144,
    "max_request_size": 2_097_152,
    "request_timeout_ms": 15_000,
    # Kafka tells older clients that it wants copies where it still looks at a transaction (KIP-890): once in ten
    # transactions, and 100 ms, aiokafka's own pause, were most of a fact's way then.
    "retry_backoff_ms": 5,
}


class Consumer(AIOKafkaConsumer):  # type: ignore[misc] # aiokafka ships no types
    """aiokafka's consumer, which can be stopped at once: without a group it would end in CancelledError."""

    async def stop(self) -> None:
        """Stop, after the client's own tasks had their first turn."""
        await asyncio.sleep(0)
        await super().stop()


@dataclass(frozen=True, slots=True)
class Kafka:
    """Access to the cluster as one principal."""

    settings: Settings
    principal: str

    def __post_init__(self) -> None:
        """Make this process able to read whatever a partner's client may write, and quick to begin a transaction."""
        read_any_batch()
        sender.BACKOFF_OVERRIDE = MARKER_PAUSE_S

    def access(self) -> dict[str, Any]:
        """Address and credentials in aiokafka's words.

        Raises:
            SecretMissingError: the principal has no secret file.
        """
        return {
            "bootstrap_servers": self.settings.kafka,
            "client_id": self.principal,
            "security_protocol": "SASL_SSL" if self.settings.kafka_ca else "SASL_PLAINTEXT",
            "sasl_mechanism": "SCRAM-SHA-256",
            "sasl_plain_username": self.principal,
            "sasl_plain_password": self.settings.secret(self.principal),
            "ssl_context": self.tls(),
        }

    def admin_access(self) -> dict[str, Any]:
        """The same in librdkafka's words, for the administration client."""
        ca = self.settings.kafka_ca
        return {
            "bootstrap.servers": self.settings.kafka,
            "client.id": self.principal,
            "security.protocol": "sasl_ssl" if ca else "sasl_plaintext",
            "sasl.mechanism": "SCRAM-SHA-256",
            "sasl.username": self.principal,
            "sasl.password": self.settings.secret(self.principal),
            **({"ssl.ca.location": str(ca)} if ca else {}),
        }

    def administration(self, timeout: int, heard: Callable[[Any], None] = lambda _: None) -> Any:  # noqa: ANN401 - its published types are older than it
        """Make the administration client.

        Args:
            timeout: seconds for an answer.
            heard: gets what the client complains of. It must not know who owns the client: in a cycle the client would
                be collected at any time in any thread, and librdkafka aborts the process when that thread is its own.
        """
        from confluent_kafka.admin import AdminClient  # noqa: PLC0415 - most processes need no second client

        more = {"error_cb": heard, "log_level": 0, "socket.timeout.ms": timeout * 1000}
        return AdminClient({**self.admin_access(), **more})

    def tls(self) -> ssl.SSLContext | None:
        """The TLS context for the CA of the settings; None where Kafka is spoken in the clear on loopback."""
        return create_ssl_context(cafile=str(self.settings.kafka_ca)) if self.settings.kafka_ca else None

    async def topics(self) -> set[str]:
        """Connect once and return the topics this principal may see.

        Raises:
            KafkaError, OSError: Kafka is not reachable or does not let this principal in.
        """
        client = AIOKafkaClient(**self.access())
        try:
            await client.bootstrap()
            return set((await client.fetch_all_metadata()).topics())
        finally:
            await client.close()

    def producer(self, transactional_id: str | None = None) -> AIOKafkaProducer:
        """Make a producer, not started: idempotent, or transactional under the id given."""
        extra: dict[str, Any] = {}
        if transactional_id is not None:
            extra = {"transactional_id": transactional_id, "transaction_timeout_ms": TRANSACTION_TIMEOUT_MS}
        return AIOKafkaProducer(**self.access(), **PRODUCING, **extra)

    def consumer(self, *topics: str, group: str | None = None, **more: Any) -> AIOKafkaConsumer:  # noqa: ANN401 - aiokafka's own keywords
        """Make a consumer, not started. Without a group it must be given its partitions and positions."""
        return Consumer(*topics, group_id=group, **{**self.access(), **CONSUMING, **more})
