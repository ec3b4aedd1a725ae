"""Kafka as it is: everything that a plan compares with what is desired."""

from collections.abc import Mapping
from typing import Any

from confluent_kafka import admin as kafka_admin

from services.operations import offsets
from services.operations.apply import acl_words, scram_words
from services.operations.apply.actual import OURS, UNTOUCHED, Actual
from services.operations.apply.desired import Desired, Topic
from services.operations.apply.grants import Acl
from services.operations.cluster import Cluster


def actual(cluster: Cluster, desired: Desired) -> Actual:
    """Read everything that a plan compares with ``desired``."""
    seen = cluster.topics()
    acls = _acls(cluster)
    ours = frozenset(acl for acl in acls if acl.principal.startswith(OURS))
    # A new cluster is not asked about groups: while it makes their topic, librdkafka ends the process at the answer.
    read = [cursor for cursor in desired.cursors if cursor.topic in seen]
    return Actual(
        topics=_described(cluster, seen, desired.topics),
        replication={name: len(topic.partitions[0].replicas) for name, topic in seen.items()},
        users=scram_words.read(cluster.result(cluster.admin.describe_user_scram_credentials())),
        acls=frozenset(acl for acl in ours if acl.principal not in UNTOUCHED),
        foreign_acls=frozenset(acls) - ours,
        cursors=frozenset(offsets.cursors(cluster, sorted({cursor.group for cursor in read}))),
        ends=offsets.ends(cluster, {(cursor.topic, cursor.partition) for cursor in read} & _partitions(seen)),
    )


def _acls(cluster: Cluster) -> list[Acl]:
    return acl_words.read(cluster.result(cluster.admin.describe_acls(acl_words.EVERY)))


def _described(cluster: Cluster, seen: Mapping[str, Any], wanted: Mapping[str, Topic]) -> dict[str, Topic]:
    managed = [name for name in wanted if name in seen]
    kind = kafka_admin.ResourceType.TOPIC
    futures = cluster.admin.describe_configs([kafka_admin.ConfigResource(kind, n) for n in managed]) if managed else {}
    settings = {resource.name: cluster.result(future) for resource, future in futures.items()}
    return {
        name: Topic(
            name,
            len(topic.partitions),
            {key: settings[name][key].value for key in wanted[name].settings} if name in settings else {},
        )
        for name, topic in seen.items()
    }


def _partitions(seen: Mapping[str, Any]) -> set[tuple[str, int]]:
    return {(name, number) for name, topic in seen.items() for number in topic.partitions}
