"""What Kafka should look like, derived from the agreements and two tables. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from contracts import topics
from contracts.fact import MAX_PAYLOAD_BYTES
from services.operations.apply.grants import PARTNER, STREAM, Acl, Agreements, Each, acls, selected
from services.operations.cursors import Cursor

_DAY_MS = 24 * 60 * 60 * 1000

INBOX_LIMIT = 2 * MAX_PAYLOAD_BYTES  # a payload one byte too long still comes in, to be refused with its reason
HUB_LIMIT = 8 * MAX_PAYLOAD_BYTES  # a dead letter carries the inbox's record and as much again about it


@dataclass(frozen=True, slots=True)
class TopicRow:
    """One kind of topic. ``days`` None: kept for ever. ``partitions`` None: as the agreement says.

    ``newest``: of each key only the newest record is kept.
    """

    name: str
    each: Each
    days: int | None
    partitions: int | None = 1
    limit: int = HUB_LIMIT
    newest: bool = False


TOPICS = (
    TopicRow(topics.inbox(PARTNER), "partner", days=30, partitions=None, limit=INBOX_LIMIT),
    TopicRow(topics.outbox(PARTNER), "partner", days=90),
    TopicRow(topics.submitted(STREAM), "stream", days=30, partitions=3),
    TopicRow(topics.recorded(STREAM), "stream", days=None, partitions=3),
    TopicRow(topics.UNIFIED, "hub", days=None),
    TopicRow(topics.ROUTES, "hub", days=None, newest=True),
    TopicRow(topics.DEAD_LETTERS, "hub", days=30),
    TopicRow(topics.REJECTIONS, "hub", days=30),
    TopicRow(topics.CLOSINGS, "hub", days=60),  # longer than any letter that it closes
    TopicRow(topics.BACKFILLS, "hub", days=365),  # who had what told again, and why
    TopicRow(topics.REVEALS, "hub", days=365),  # who saw personal data is asked long after the letter is gone
)


@dataclass(frozen=True, slots=True)
class Reader:
    """A consumer group of the hub and what it reads: it starts at the first record, and its cursor never gets lost."""

    group: str
    topic: str
    each: Each


READERS = (
    Reader("hub.intake", topics.inbox(PARTNER), "partner"),
    Reader(f"hub.{STREAM}", topics.submitted(STREAM), "stream"),
    Reader("hub.enrolments", topics.recorded("events"), "hub"),
    Reader("hub.enrolments", topics.recorded("research"), "hub"),
    Reader("hub.dispatch", topics.recorded(STREAM), "stream"),
    Reader("hub.dispatch", topics.REJECTIONS, "hub"),
    Reader(f"hub.push.{PARTNER}", topics.outbox(PARTNER), "push"),
)


@dataclass(frozen=True, slots=True)
class Topic:
    """One topic: its number of partitions and the settings the hub cares for."""

    name: str
    partitions: int
    settings: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Desired:
    """The whole of it."""

    topics: Mapping[str, Topic]
    users: frozenset[str]
    acls: frozenset[Acl]
    cursors: frozenset[Cursor]
    replication: int


def desired(agreements: Agreements, brokers: int) -> Desired:
    """Derive topics, users, rights and start cursors.

    Args:
        agreements: by partner id.
        brokers: how many brokers the cluster has; decides how often each record is kept.
    """
    rights = acls(agreements)
    wanted = _topics(agreements, brokers)
    return Desired(
        topics=wanted,
        users=frozenset(right.principal for right in rights),
        acls=rights,
        cursors=_cursors(agreements, wanted),
        replication=min(3, brokers),
    )


def _topics(agreements: Agreements, brokers: int) -> dict[str, Topic]:
    found: dict[str, Topic] = {}
    for row in TOPICS:
        for values in selected(row.each, agreements):
            name = row.name.format(**values)
            partitions = row.partitions or agreements[values["partner"]].inbox.partitions
            found[name] = Topic(name, partitions, _settings(row, brokers))
    return found


def _settings(row: TopicRow, brokers: int) -> dict[str, str]:
    return {
        "cleanup.policy": "compact" if row.newest else "delete",
        "retention.ms": "-1" if row.days is None else str(row.days * _DAY_MS),
        "retention.bytes": "-1",
        # Personal data in an expiring topic must go when its time is over, not when a quiet segment fills up.
        "segment.ms": str(7 * _DAY_MS if row.days is None else _DAY_MS),
        # The broker's clock, never a partner's: a record dated 1999 would expire at once, one dated 2099 never.
        "message.timestamp.type": "LogAppendTime",
        "max.message.bytes": str(row.limit),
        # Of three copies two must have a record before it counts as written.
        "min.insync.replicas": "2" if brokers >= 3 else "1",  # noqa: PLR2004 - the three of the line above
    }


def _cursors(agreements: Agreements, wanted: Mapping[str, Topic]) -> frozenset[Cursor]:
    return frozenset(
        Cursor(reader.group.format(**values), reader.topic.format(**values), partition)
        for reader in READERS
        for values in selected(reader.each, agreements)
        for partition in range(wanted[reader.topic.format(**values)].partitions)
    )
