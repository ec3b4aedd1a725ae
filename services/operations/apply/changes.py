"""Carrying out a plan: one call per kind of change, in an order in which nothing is open before it is ready."""

from collections.abc import Callable, Mapping
from concurrent.futures import Future
from typing import Any

from aiokafka import TopicPartition
from confluent_kafka import admin as kafka_admin

from services.operations.apply import acl_words, scram_words
from services.operations.apply.desired import Topic
from services.operations.apply.difference import Plan
from services.operations.cluster import Cluster
from services.operations.cursors import Cursor
from services.runtime.kafka import Kafka


async def carry_out(plan: Plan, cluster: Cluster, kafka: Kafka, replication: int) -> None:
    """Change Kafka as planned. Repeating it after a failure does what is left.

    Topics and cursors come before the rights to read them: a service that sees a topic finds its place in it. Rights
    go before users: who is connected stays so.

    Raises:
        SecretMissingError: a new user has no secret file; nothing was changed then.
        AwayError: Kafka went away.
        RefusesError: Kafka refused a change.
    """
    passwords = {user: kafka.settings.secret(user) for user in plan.add_users}
    admin = cluster.admin
    _call(cluster, admin.create_topics, [_new(topic, replication) for topic in plan.create])
    _call(cluster, admin.create_partitions, [kafka_admin.NewPartitions(t.name, t.partitions) for t in plan.widen])
    _call(cluster, admin.incremental_alter_configs, [_settings(topic) for topic in plan.configure])
    await set_cursors(dict.fromkeys(plan.cursors, 0), kafka)
    _call(cluster, admin.alter_user_scram_credentials, [scram_words.opened(*user) for user in passwords.items()])
    _call(cluster, admin.create_acls, [acl_words.binding(acl) for acl in plan.allow])
    _call(cluster, admin.delete_acls, [acl_words.binding(acl, kafka_admin.AclBindingFilter) for acl in plan.forbid])
    _call(cluster, admin.alter_user_scram_credentials, list(map(scram_words.locked, plan.lock_users)))


def _call(cluster: Cluster, change: Callable[[list[Any]], Mapping[Any, Future[Any]]], items: list[Any]) -> None:
    for future in change(items).values() if items else ():
        cluster.result(future)


def _new(topic: Topic, replication: int) -> Any:  # noqa: ANN401 - see Cluster.admin
    return kafka_admin.NewTopic(topic.name, topic.partitions, replication, config=dict(topic.settings))


def _settings(topic: Topic) -> kafka_admin.ConfigResource:
    entries: Any = kafka_admin.ConfigEntry
    put = kafka_admin.AlterConfigOpType.SET
    return kafka_admin.ConfigResource(
        kafka_admin.ResourceType.TOPIC,
        topic.name,
        incremental_configs=[entries(name, value, incremental_operation=put) for name, value in topic.settings.items()],
    )


async def set_cursors(cursors: Mapping[Cursor, int], kafka: Kafka) -> None:
    """Commit offsets, in a transaction: Kafka refuses an administrator's call while the group is at work."""
    groups: dict[str, dict[TopicPartition, int]] = {}
    for cursor, offset in cursors.items():
        groups.setdefault(cursor.group, {})[TopicPartition(cursor.topic, cursor.partition)] = offset
    if not groups:
        return
    producer = kafka.producer("hub.apply")
    await producer.start()
    try:
        for group, offsets in groups.items():
            async with producer.transaction():
                await producer.send_offsets_to_transaction(offsets, group)
    finally:
        await producer.stop()
