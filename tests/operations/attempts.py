"""Trying for real what a principal may do: every attempt is a request that the broker answers."""

import asyncio
from collections.abc import Iterable, Iterator
from typing import Any

from aiokafka.errors import KafkaError as AiokafkaError
from aiokafka.errors import TransactionalIdAuthorizationFailed
from confluent_kafka import (
    Consumer,
    ConsumerGroupTopicPartitions,
    KafkaError,
    Producer,
    TopicPartition,
)
from confluent_kafka.admin import OffsetSpec

from services.operations.apply.grants import Acl
from services.operations.cluster import Cluster
from services.runtime.kafka import Kafka

PATIENCE = 15
DENIED = (KafkaError.TOPIC_AUTHORIZATION_FAILED, KafkaError.GROUP_AUTHORIZATION_FAILED)

Cell = tuple[str, str, str]
"""Operation, resource and name."""


def expected(rights: Iterable[Acl], principal: str, cells: Iterable[Cell]) -> set[Cell]:
    """What the table of grants opens to a principal."""
    own = [right for right in rights if right.principal == principal]
    return {(o, r, n) for o, r, n in cells if any(right.operation == o and right.covers(r, n) for right in own)}


def writable(kafka: Kafka, topics: Iterable[str]) -> Iterator[Cell]:
    """Write one record to each topic."""
    answers: dict[str, KafkaError | None] = {}
    producer = Producer({**kafka.admin_access(), "log_level": 0, "message.timeout.ms": PATIENCE * 1000})
    for topic in topics:
        producer.produce(
            topic, b"tried", key=b"k", partition=0, callback=lambda error, m: answers.update({m.topic(): error})
        )
    assert producer.flush(PATIENCE) == 0
    yield from (("write", "topic", topic) for topic, error in answers.items() if _open(error))


def readable(kafka: Kafka, topics: Iterable[str]) -> Iterator[Cell]:
    """Read one record of each topic; each holds at least one. Who may not even ask for offsets may not read."""
    names = set(_described(kafka, topics))
    more: dict[str, Any] = {"group.id": "none", "enable.auto.commit": False, "log_level": 0, "error_cb": lambda _: None}
    consumer = Consumer({**kafka.admin_access(), **more})
    consumer.assign([TopicPartition(name, 0, 0) for name in names])
    while names:
        message = consumer.poll(PATIENCE)
        assert message is not None, f"no answer for {names}"
        topic = message.topic()  # None: about the group, which nobody uses here
        if topic in names and _open(message.error()):
            yield ("read", "topic", str(topic))
        names.discard(str(topic))
    consumer.close()


def _described(kafka: Kafka, topics: Iterable[str]) -> Iterator[str]:
    latest = OffsetSpec.latest()
    asked = {TopicPartition(topic, 0): latest for topic in topics}
    cluster = Cluster(kafka)  # kept: an answer never comes to a client that is gone
    for place, future in cluster.admin.list_offsets(asked).items():
        error: Any = future.exception(PATIENCE)
        if _open(error.args[0] if error else None):
            yield place.topic


def joinable(kafka: Kafka, groups: Iterable[str]) -> Iterator[Cell]:
    """Commit an offset for each group. Kafka looks at the group first: a no to the topic is a yes to the group."""
    cluster = Cluster(kafka)
    for group in groups:
        place = ConsumerGroupTopicPartitions(group, [TopicPartition("hub.unified", 0, 0)])
        for future in cluster.admin.alter_consumer_group_offsets([place]).values():
            error: Any = future.exception(PATIENCE)
            answer = error.args[0] if error else future.result().topic_partitions[0].error
            assert answer is None or answer.code() in DENIED, answer
            if answer is None or answer.code() != KafkaError.GROUP_AUTHORIZATION_FAILED:
                yield ("read", "group", group)


async def transactional(kafka: Kafka, ids: Iterable[str]) -> list[Cell]:
    """Ask for each transactional id as its owner."""
    names = list(ids)
    answers = await asyncio.gather(*(_may_own(kafka, name) for name in names))
    return [("write", "transactional_id", name) for name, allowed in zip(names, answers, strict=True) if allowed]


async def _may_own(kafka: Kafka, name: str) -> bool:
    producer = kafka.producer(name)
    try:
        await asyncio.wait_for(producer.start(), PATIENCE)
    except TransactionalIdAuthorizationFailed:
        return False
    except AiokafkaError as error:
        raise AssertionError(name) from error
    finally:
        await producer.stop()
    return True


def _open(error: KafkaError | None) -> bool:
    """Whether the broker let it through; anything but a clear no is a failure of the attempt itself."""
    if error is None or error.code() == KafkaError._PARTITION_EOF:  # noqa: SLF001 - librdkafka's own errors are named so
        return True
    assert error.code() in DENIED, error
    return False
