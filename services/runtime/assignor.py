"""Who gets which partitions: a shard goes as a whole, because one producer writes for it.

Two owners of one shard would fence each other for ever: nothing would be lost, and nothing done.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping

from aiokafka.cluster import ClusterMetadata
from aiokafka.coordinator.assignors.abstract import AbstractPartitionAssignor
from aiokafka.coordinator.protocol import ConsumerProtocolMemberAssignment, ConsumerProtocolMemberMetadata

from services.runtime.engine.sharding import shard_of

_VERSION = 0


def assignor(shards: int) -> type["ShardAssignor"]:
    """Return the assignor for so many shards. Its name says how many: Kafka lets in no member that differs."""
    return type("ShardAssignor", (ShardAssignor,), {"shards": shards, "name": f"hub-shards-{shards}"})


class ShardAssignor(AbstractPartitionAssignor):  # type: ignore[misc] # aiokafka ships no types
    """Gives shards to members in turn."""

    name: str
    shards: int

    @classmethod
    def assign(
        cls, cluster: ClusterMetadata, members: Mapping[str, ConsumerProtocolMemberMetadata]
    ) -> dict[str, ConsumerProtocolMemberAssignment]:
        """Share out what all subscribe to. Who does not know all topics (a new partner's) gets nothing meanwhile."""
        topics = {topic for member in members.values() for topic in member.subscription}
        most = max(len(set(member.subscription)) for member in members.values())
        owners = sorted(name for name, member in members.items() if len(set(member.subscription)) == most)
        shares: dict[str, dict[str, list[int]]] = {name: defaultdict(list) for name in members}
        for topic in sorted(topics):
            for number in sorted(cluster.partitions_for_topic(topic) or ()):
                owner = owners[shard_of(topic, number, cls.shards) % len(owners)]
                if topic in members[owner].subscription:
                    shares[owner][topic].append(number)
        return {
            name: ConsumerProtocolMemberAssignment(_VERSION, sorted(share.items()), b"")
            for name, share in shares.items()
        }

    @classmethod
    def metadata(cls, topics: Iterable[str]) -> ConsumerProtocolMemberMetadata:
        """Say what a member subscribes to."""
        return ConsumerProtocolMemberMetadata(_VERSION, sorted(topics), b"")

    @classmethod
    def on_assignment(cls, assignment: ConsumerProtocolMemberAssignment) -> None:
        """Keep nothing."""
