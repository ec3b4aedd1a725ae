"""Offsets and consumer groups, as the administration knows them."""

import time
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

from confluent_kafka import ConsumerGroupTopicPartitions, IsolationLevel, KafkaError, TopicPartition
from confluent_kafka import admin as kafka_admin

from services.operations.cluster import TIMEOUT, Cluster
from services.operations.cursors import Cursor
from services.operations.errors import RefusesError

_FIRST = kafka_admin.OffsetSpec.earliest()
_LATEST, _NEWEST = kafka_admin.OffsetSpec.latest(), kafka_admin.OffsetSpec.max_timestamp()
# A cluster that was started, or asked about groups, for the first time answers so for a moment.
_COORDINATORS_COME = {
    KafkaError.COORDINATOR_LOAD_IN_PROGRESS,
    KafkaError.COORDINATOR_NOT_AVAILABLE,
    KafkaError.NOT_COORDINATOR,
}


def cursors(cluster: Cluster, groups: Iterable[str]) -> dict[Cursor, int]:
    """Return the committed offsets of some groups."""
    asked = list(groups)
    deadline = time.monotonic() + TIMEOUT
    while True:
        try:
            return _cursors(cluster, asked)
        except RefusesError as error:
            if error.code not in _COORDINATORS_COME or time.monotonic() > deadline:
                raise
            time.sleep(0.1)


def ends(cluster: Cluster, partitions: Iterable[tuple[str, int]]) -> dict[tuple[str, int], int]:
    """Return the next offset of each partition; what is still in a transaction is not there yet."""
    return {place: answer.offset for place, answer in _list_offsets(cluster, partitions, _LATEST).items()}


def starts(cluster: Cluster, topics: Iterable[str], since: datetime | None = None) -> dict[tuple[str, int], int]:
    """Return where to begin each partition of some topics: at the first kept record, or at the first since then.

    Partitions without such a record, and topics that are not there, are left out.
    """
    seen = cluster.topics()
    partitions = [(topic, number) for topic in topics if topic in seen for number in seen[topic].partitions]
    spec = _FIRST if since is None else kafka_admin.OffsetSpec.for_timestamp(int(since.timestamp() * 1000))
    return {p: answer.offset for p, answer in _list_offsets(cluster, partitions, spec).items() if answer.offset >= 0}


def newest(cluster: Cluster, partitions: Iterable[tuple[str, int]]) -> dict[str, datetime]:
    """Return when each topic was last written to, in UTC; topics without a record are left out."""
    found: dict[str, datetime] = {}
    for (topic, _), answer in _list_offsets(cluster, partitions, _NEWEST).items():
        if answer.timestamp >= 0:
            moment = datetime.fromtimestamp(answer.timestamp / 1000, UTC)
            found[topic] = max(found.get(topic, moment), moment)
    return found


def groups(cluster: Cluster) -> list[str]:
    """Return the names of all consumer groups."""
    return [group.group_id for group in cluster.result(cluster.admin.list_consumer_groups()).valid]


def _list_offsets(cluster: Cluster, partitions: Iterable[tuple[str, int]], spec: Any) -> dict[tuple[str, int], Any]:  # noqa: ANN401 - an OffsetSpec
    asked = {TopicPartition(*partition): spec for partition in partitions}
    futures = cluster.admin.list_offsets(asked, isolation_level=IsolationLevel.READ_COMMITTED) if asked else {}
    return {(place.topic, place.partition): cluster.result(future) for place, future in futures.items()}


def _cursors(cluster: Cluster, groups: Iterable[str]) -> dict[Cursor, int]:
    asked = [cluster.admin.list_consumer_group_offsets([ConsumerGroupTopicPartitions(group)]) for group in groups]
    answers = [cluster.result(future) for futures in asked for future in futures.values()]
    return {
        Cursor(answer.group_id, place.topic, place.partition): place.offset
        for answer in answers
        for place in answer.topic_partitions
        if place.offset >= 0
    }
