"""Finding and setting one reader's place."""

import asyncio

from services.operations import changes, offsets
from services.operations.cluster import Cluster
from services.operations.desired import Cursor
from services.operations.errors import UsageError
from services.operations.planning import ADMINISTRATOR
from services.runtime.kafka import Kafka
from services.runtime.settings import Settings


def resolve(settings: Settings, topic: str, partition: int, wanted: str) -> int:
    """Return the offset that is meant.

    Raises:
        UsageError: there is no such partition, or it does not hold the offset.
        AwayError: Kafka does not answer.
    """
    cluster, place = Cluster(Kafka(settings, ADMINISTRATOR)), (topic, partition)
    starts = offsets.starts(cluster, [topic])
    if place not in starts:
        raise UsageError(f"expected a partition that exists, found no {topic}/{partition}: 'hub apply' names them")
    first, end = starts[place], offsets.ends(cluster, [place])[place]
    at = {"first": first, "end": end}.get(wanted)
    at = int(wanted) if at is None else at
    if not first <= at <= end:
        raise UsageError(f"expected an offset from {first} to {end} in {topic}/{partition}, came {at}")
    return at


def put(settings: Settings, group: str, topic: str, partition: int, offset: int) -> None:
    """Commit the place for the group."""
    kafka = Kafka(settings, ADMINISTRATOR)
    asyncio.run(changes.set_cursors({Cursor(group, topic, partition): offset}, kafka))
