"""Finding and setting one reader's place."""

import asyncio
import difflib
from collections.abc import Mapping
from typing import Any

from services.operations import offsets
from services.operations.apply import changes
from services.operations.apply.planning import ADMINISTRATOR
from services.operations.cluster import Cluster
from services.operations.cursors import Cursor
from services.operations.errors import UsageError
from services.runtime.kafka import Kafka
from services.runtime.settings import Settings


def resolve(settings: Settings, topic: str, partition: int, wanted: str) -> int:
    """Return the offset that is meant.

    Raises:
        UsageError: there is no such partition, or it does not hold the offset.
        AwayError: Kafka does not answer.
    """
    cluster, place = Cluster(Kafka(settings, ADMINISTRATOR)), (topic, partition)
    seen = cluster.topics()
    if topic not in seen or partition not in seen[topic].partitions:
        raise UsageError(_absent(topic, partition, seen))
    first, end = offsets.starts(cluster, [topic])[place], offsets.ends(cluster, [place])[place]
    at = {"first": first, "end": end}.get(wanted)
    at = int(wanted) if at is None else at
    if not first <= at <= end:
        raise UsageError(f"expected an offset from {first} to {end} in {topic}/{partition}, came {at}")
    return at


def _absent(topic: str, partition: int, seen: Mapping[str, Any]) -> str:
    if topic in seen:
        there = ", ".join(f"{topic}/{number}" for number in sorted(seen[topic].partitions))
        return f"expected a partition that Kafka has, came {topic}/{partition}: write one of {there}"
    hub = [name for name in sorted(seen) if name.startswith("hub.")]
    near = difflib.get_close_matches(topic, seen, n=3) or [*hub, "partner.<id>.inbox", "partner.<id>.outbox"]
    return f"expected a topic that Kafka has, came {topic}: write one of {', '.join(near)}"


def put(settings: Settings, group: str, topic: str, partition: int, offset: int) -> None:
    """Commit the place for the group."""
    kafka = Kafka(settings, ADMINISTRATOR)
    asyncio.run(changes.set_cursors({Cursor(group, topic, partition): offset}, kafka))
