"""Where FastStream hands records over: the only subscriber of the hub.

FastStream owns subscription, the poll loop and the lifecycle. Its parser would decode headers (and lose a batch with a
header that is no UTF-8) and answer to a ``reply_to`` that a partner sends: both are replaced by raw records.
"""

from collections.abc import Callable, Sequence
from functools import partial
from hashlib import sha256
from typing import Any

from aiokafka import AIOKafkaConsumer, ConsumerRebalanceListener, TopicPartition
from faststream import AckPolicy
from faststream.kafka import KafkaBroker
from faststream.message import StreamMessage

from services.runtime.assignor import assignor
from services.runtime.broker import process_ends_on_failure
from services.runtime.engine.ownership import Ownership
from services.runtime.kafka import CONSUMING
from services.runtime.polling import poll
from services.runtime.settings import Settings

POLL_RECORDS = 5_000
POLL_PAUSE_MS = 5  # FastStream's own sleep after a poll that brought nothing; ours has waited by then


def subscribe(broker: KafkaBroker, group: str, topics: Sequence[str], ownership: Ownership, settings: Settings) -> None:
    """Read topics as a group; every batch and every rebalance goes to ``ownership``.

    Args:
        broker: as `make_broker` made it.
        group: the consumer group.
        topics: what to read.
        ownership: who takes over.
        settings: ``instance`` is the name of this member. One without a name that dies is waited for until its session
            times out; one that comes back under its name has its partitions again at once (KIP-345).
    """
    subscriber = broker.subscriber(
        *topics,
        group_id=group,
        group_instance_id=_member(settings.instance, topics),
        batch=True,
        batch_timeout_ms=POLL_PAUSE_MS,
        max_records=POLL_RECORDS,
        ack_policy=AckPolicy.MANUAL,
        no_reply=True,
        parser=_parse,
        decoder=_decode,
        partition_assignment_strategy=(assignor(settings.shards),),
        listener=_Listener(ownership, lambda: subscriber.consumer),
        **{name: value for name, value in CONSUMING.items() if name != "enable_auto_commit"},
    )

    @subscriber  # type: ignore[untyped-decorator] # FastStream's overloads lose the type
    async def take(batches: Any) -> None:  # noqa: ANN401 - FastStream must not convert them
        for batch in batches:
            ownership.take(batch)


def _member(instance: str, topics: Sequence[str]) -> str | None:
    """Name a member by its topics too: Kafka would give back its old partitions to one that reads others now."""
    return f"{instance}-{sha256(' '.join(sorted(topics)).encode()).hexdigest()[:12]}" if instance else None


async def _parse(batch: Any) -> StreamMessage[Any]:  # noqa: ANN401 - a tuple of aiokafka records
    return StreamMessage(raw_message=batch, body=b"")


async def _decode(message: StreamMessage[Any]) -> Any:  # noqa: ANN401 - see above
    return message.raw_message


class _Listener(ConsumerRebalanceListener):  # type: ignore[misc] # aiokafka ships no types
    """Tells the ownership of a rebalance. aiokafka would only log a failure here and go on reading."""

    def __init__(self, ownership: Ownership, consumer: Callable[[], AIOKafkaConsumer | None]) -> None:
        self._ownership, self._consumer = ownership, consumer

    async def on_partitions_revoked(self, revoked: list[TopicPartition]) -> None:
        with process_ends_on_failure():
            await self._ownership.revoked(revoked)

    async def on_partitions_assigned(self, assigned: list[TopicPartition]) -> None:
        with process_ends_on_failure():
            consumer = self._ownership.consumer = self._consumer()
            if consumer is not None:
                consumer.getmany = partial(poll, consumer, self._ownership)
            self._ownership.assigned(assigned)
