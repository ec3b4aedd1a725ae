"""The bench's own topics, made like the hub's, and emptied so that the disk does not fill."""

from collections.abc import Mapping, Sequence
from concurrent.futures import Future
from typing import Any

from confluent_kafka import TopicPartition
from confluent_kafka import admin as kafka_admin

from contracts.agreement import Agreement
from contracts.topics import submitted
from services.operations.apply.desired import desired
from services.operations.cluster import Cluster

OUT = "bench.out"
DEAD = "bench.dead"
CHAIN = ("bench.chain.0", "bench.chain.1", "bench.chain.2", "bench.chain.3")
NEVER = str(2**63 - 1)
NODE = "1"


def make(cluster: Cluster, agreements: Mapping[str, Agreement]) -> None:
    """Make the peers' output with as many partitions and the settings of the hub's own, and the chain of the floor."""
    like = desired(agreements, 1).topics[submitted("events")]
    rows = [(OUT, like.partitions), *((name, 1) for name in (DEAD, *CHAIN))]
    new = [kafka_admin.NewTopic(name, number, 1, config=dict(like.settings)) for name, number in rows]
    _done(cluster, cluster.admin.create_topics(new))


def leave_flushing_to_the_system(cluster: Cluster) -> None:
    """Take back what ``hub up`` sets for a Kafka of one node: a force to the disk with each write."""
    entries: Any = kafka_admin.ConfigEntry
    entry = entries("log.flush.interval.messages", NEVER, incremental_operation=kafka_admin.AlterConfigOpType.SET)
    node = kafka_admin.ConfigResource(kafka_admin.ResourceType.BROKER, NODE, incremental_configs=[entry])
    _done(cluster, cluster.admin.incremental_alter_configs([node]))


def empty(cluster: Cluster, places: Sequence[tuple[str, int]]) -> None:
    """Delete all records of some partitions."""
    latest = kafka_admin.OffsetSpec.latest()
    ends = cluster.admin.list_offsets({TopicPartition(*place): latest for place in places})
    gone = [TopicPartition(at.topic, at.partition, cluster.result(end).offset) for at, end in ends.items()]
    _done(cluster, cluster.admin.delete_records(gone))


def _done(cluster: Cluster, futures: Mapping[Any, Future[Any]]) -> None:
    for future in futures.values():
        cluster.result(future)
