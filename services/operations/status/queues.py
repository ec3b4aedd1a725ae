"""What lies in each topic and how far its reader came."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from contracts.agreement import Agreement
from contracts.topics import outbox
from services.operations import offsets
from services.operations.apply.desired import READERS, desired
from services.operations.apply.grants import selected
from services.operations.cluster import Cluster
from services.operations.cursors import Cursor
from services.operations.status.health import Queue
from services.runtime.reading import Offsets

Agreements = Mapping[str, Agreement]


@dataclass(frozen=True, slots=True)
class Places:
    """Offsets by topic and partition: where the reader is, where the topic ends; and each topic's newest time."""

    first: Offsets  # the first kept one
    read: Offsets
    ends: Offsets
    newest: Mapping[str, datetime]

    def unread(self) -> dict[tuple[str, int], int]:
        """Return where to go on reading, for the partitions that may hold something unread."""
        begin = {place: max(self.read.get(place, first), first) for place, first in self.first.items()}
        return {place: at for place, at in begin.items() if at < self.ends.get(place, 0)}


def queues(places: Places, oldest: Mapping[tuple[str, int], datetime]) -> dict[str, Queue]:
    """Sum up each topic. Pure.

    Args:
        places: the offsets.
        oldest: when the first unread record of a partition was written; partitions without one are left out.
    """
    waiting = Counter[str]()
    for (topic, partition), start in places.unread().items():
        # What lies past the last record are markers of transactions: they take offsets but wait for nobody.
        waiting[topic] += places.ends[topic, partition] - start if (topic, partition) in oldest else 0
    return {
        topic: Queue(
            places.newest.get(topic),
            waiting[topic],
            min((moment for (name, _), moment in oldest.items() if name == topic), default=None),
        )
        for topic in {name for name, _ in places.ends}
    }


def places(cluster: Cluster, agreements: Agreements) -> Places:
    """Ask for the offsets of every topic that somebody reads.

    Raises:
        AwayError: Kafka does not answer.
    """
    first = offsets.starts(cluster, sorted(_topics_read(agreements)))
    own = {a.id for a in agreements.values() if outbox(a.id) not in _pushed(agreements)}
    groups = {cursor.group for cursor in desired(agreements, 1).cursors}
    theirs = [
        name for name in offsets.groups(cluster) if any(name.startswith(f"partner.{partner}.") for partner in own)
    ]
    cursors = offsets.cursors(cluster, [*sorted(groups), *theirs])
    return Places(first, _furthest(cursors), offsets.ends(cluster, first), offsets.newest(cluster, first))


def _topics_read(agreements: Agreements) -> set[str]:
    """Every topic that a group of the hub or a partner reads."""
    ours = {reader.topic.format(**v) for reader in READERS for v in selected(reader.each, agreements)}
    return ours | {outbox(partner) for partner in agreements}


def _pushed(agreements: Agreements) -> set[str]:
    return {outbox(values["partner"]) for values in selected("push", agreements)}


def _furthest(cursors: Mapping[Cursor, int]) -> dict[tuple[str, int], int]:
    """Where two groups of a partner read one topic, the one that came further counts: the other may be given up."""
    found: dict[tuple[str, int], int] = {}
    for cursor, offset in cursors.items():
        place = (cursor.topic, cursor.partition)
        found[place] = max(found.get(place, 0), offset)
    return found
