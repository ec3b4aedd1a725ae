"""What a plan cannot do by itself: problems that need a human, and hints. Pure; each sentence says what to do."""

from collections.abc import Iterable, Iterator

from services.operations.apply.actual import DOORS, Actual
from services.operations.apply.desired import Desired
from services.operations.apply.grants import Acl
from services.operations.cursors import Cursor


def problems(desired: Desired, actual: Actual, lost: Iterable[Cursor]) -> Iterator[str]:
    """Tell what must be decided by hand before the hub is as the agreements say."""
    yield from map(_lost, lost)
    yield from _narrow(desired, actual)
    yield from _holes(actual.foreign_acls)


def hints(desired: Desired, actual: Actual) -> Iterator[str]:
    """Tell what is left as it is, and what to know about a change."""
    yield from _kept_topics(desired, actual)
    yield from _copies(desired, actual)
    yield from _moved_keys(desired, actual)


def _lost(cursor: Cursor) -> str:
    return (
        f"expected a cursor of {cursor}, found none though the topic holds records: nothing says what was read. "
        f"Stop the service, then: hub cursor set {cursor.group} {cursor.topic}/{cursor.partition} first "
        "(reads all again: applying is idempotent)"
    )


def _narrow(desired: Desired, actual: Actual) -> Iterable[str]:
    return (
        f"expected {topic.partitions} partition(s) of {name}, found {actual.topics[name].partitions}: "
        f"Kafka cannot take partitions away. Write partitions = {actual.topics[name].partitions} into the agreement"
        for name, topic in sorted(desired.topics.items())
        if name in actual.topics and topic.partitions < actual.topics[name].partitions
    )


def _holes(foreign: Iterable[Acl]) -> Iterable[str]:
    return (
        f"expected no right beside those of the agreements, found: {acl}. Remove it, or name its principal otherwise"
        for acl in sorted(foreign)
        if acl.name == "*" or acl.name.startswith(DOORS) or (acl.prefix and any(d.startswith(acl.name) for d in DOORS))
    )


def _kept_topics(desired: Desired, actual: Actual) -> Iterable[str]:
    return (
        f"topic {name} belongs to no agreement; it is kept. "
        f"To remove it with all it holds, delete topic {name} with a Kafka administration tool, as hub-admin"
        for name in sorted(actual.topics)
        if name.startswith(DOORS) and name not in desired.topics
    )


def _copies(desired: Desired, actual: Actual) -> Iterable[str]:
    return (
        f"topic {name} is kept {actual.replication[name]} time(s), this cluster allows {desired.replication}: "
        "move it with kafka-reassign-partitions"
        for name in sorted(desired.topics)
        if actual.replication.get(name, desired.replication) < desired.replication
    )


def _moved_keys(desired: Desired, actual: Actual) -> Iterable[str]:
    return (
        f"topic {name} gets more partitions: keys move, so let its readers come to its end first"
        for name, topic in sorted(desired.topics.items())
        if name in actual.topics and topic.partitions > actual.topics[name].partitions
    )
