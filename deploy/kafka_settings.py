"""A Kafka cluster on one machine as data, and each node's ``server.properties``: nobody in it is anonymous."""

from dataclasses import dataclass
from pathlib import Path

from deploy.passwords import ADMIN, BROKER, password
from deploy.ports import HOST

OFFSETS_MINUTES = 90 * 24 * 60  # at least as long as the longest outbox: 90 days
LONGEST_MS = 2**31 - 1  # 24.8 days, the most that Kafka takes here; an expired id is fenced and assigned anew
_PLAIN = "org.apache.kafka.common.security.plain.PlainLoginModule"
_SCRAM = "org.apache.kafka.common.security.scram.ScramLoginModule"


@dataclass(frozen=True, slots=True)
class Node:
    """One node: its number from 1, the port for clients, the port between controllers, its own folder."""

    number: int
    port: int
    controller_port: int
    folder: Path

    @property
    def properties(self) -> Path:
        """Its ``server.properties``."""
        return self.folder / "server.properties"

    @property
    def scratch(self) -> Path:
        """Where its JVM unpacks what it needs."""
        return self.folder / "scratch"


@dataclass(frozen=True, slots=True)
class Cluster:
    """All nodes, the folder with the principals' passwords, and what is expected of the cluster.

    ``durable``: every write reaches the disk before it is acknowledged; without it one node may lose the last seconds
    at a power cut. ``quick``: start quickly rather than run fast (tests, demo).
    """

    nodes: tuple[Node, ...]
    secrets: Path
    durable: bool = True
    quick: bool = False

    @property
    def bootstrap(self) -> str:
        """The address for clients: ``host:port``, comma separated."""
        return ",".join(f"{HOST}:{node.port}" for node in self.nodes)


def render(cluster: Cluster, node: Node) -> str:
    """Return a node's ``server.properties``. It holds the broker's own password."""
    settings = {**_identity(cluster, node), **_access(cluster), **_durability(cluster), **_size(cluster)}
    return "".join(f"{key}={value}\n" for key, value in settings.items())


def _identity(cluster: Cluster, node: Node) -> dict[str, object]:
    voters = ",".join(f"{each.number}@{HOST}:{each.controller_port}" for each in cluster.nodes)
    return {
        "process.roles": "broker,controller",
        "node.id": node.number,
        "controller.quorum.voters": voters,
        "listeners": f"CLIENT://{HOST}:{node.port},CONTROLLER://{HOST}:{node.controller_port}",
        "advertised.listeners": f"CLIENT://{HOST}:{node.port}",
        "log.dirs": node.folder / "data",
    }


def _access(cluster: Cluster) -> dict[str, object]:
    secret = password(cluster.secrets, BROKER)
    broker = f'required username="{BROKER}" password="{secret}"'
    return {
        "listener.security.protocol.map": "CLIENT:SASL_PLAINTEXT,CONTROLLER:SASL_PLAINTEXT",
        "inter.broker.listener.name": "CLIENT",
        "controller.listener.names": "CONTROLLER",
        "sasl.mechanism.inter.broker.protocol": "SCRAM-SHA-256",
        "sasl.mechanism.controller.protocol": "PLAIN",
        "listener.name.client.sasl.enabled.mechanisms": "SCRAM-SHA-256",
        "listener.name.controller.sasl.enabled.mechanisms": "PLAIN",
        "listener.name.client.scram-sha-256.sasl.jaas.config": f"{_SCRAM} {broker};",
        # SCRAM passwords live in the metadata that controllers need a connection to agree on: hence PLAIN here.
        "listener.name.controller.plain.sasl.jaas.config": f'{_PLAIN} {broker} user_{BROKER}="{secret}";',
        "authorizer.class.name": "org.apache.kafka.metadata.authorizer.StandardAuthorizer",
        "super.users": f"User:{ADMIN};User:{BROKER}",
        "allow.everyone.if.no.acl.found": "false",
        "auto.create.topics.enable": "false",
    }


def _durability(cluster: Cluster) -> dict[str, object]:
    replicas = min(3, len(cluster.nodes))
    in_sync = max(1, replicas - 1)
    flush: dict[str, object] = {"log.flush.interval.messages": 1} if cluster.durable else {}
    return {
        "default.replication.factor": replicas,
        "min.insync.replicas": in_sync,
        "offsets.topic.replication.factor": replicas,
        "transaction.state.log.replication.factor": replicas,
        "transaction.state.log.min.isr": in_sync,
        "share.coordinator.state.topic.replication.factor": replicas,
        "share.coordinator.state.topic.min.isr": in_sync,
        "offsets.retention.minutes": OFFSETS_MINUTES,
        "transactional.id.expiration.ms": LONGEST_MS,
        **flush,
    }


def _size(cluster: Cluster) -> dict[str, object]:
    alone = len(cluster.nodes) == 1
    partitions = 4 if alone else 12
    return {
        **(_alone(cluster) if alone else {}),
        "offsets.topic.num.partitions": partitions,
        "transaction.state.log.num.partitions": partitions,
        "share.coordinator.state.topic.num.partitions": 1,
        "group.initial.rebalance.delay.ms": 0,
        "transaction.abort.timed.out.transaction.cleanup.interval.ms": 1_000,  # a dead owner's hides what follows
        "log.cleaner.dedupe.buffer.size": 16_777_216,  # taken from the heap at start
    }


def _alone(cluster: Cluster) -> dict[str, object]:
    """Say how soon a killed node may come back, which is when its session has ended: nobody else could take over.

    Soon where somebody waits for it (tests, demo), else as Kafka has it: a session that ends while the node lives takes
    the leader of every partition away for a moment, and 4.4 then forgets to end transactions, see docs/design.md.
    """
    return {"broker.session.timeout.ms": 3_000, "broker.heartbeat.interval.ms": 500} if cluster.quick else {}
