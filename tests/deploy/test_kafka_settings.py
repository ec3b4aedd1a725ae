from pathlib import Path

import pytest

from deploy import java, kafka
from deploy.kafka_settings import Cluster, Node, render
from deploy.passwords import password


def settings(cluster: Cluster) -> dict[str, str]:
    """Render the first node's settings and read them back."""
    return dict(line.split("=", 1) for line in render(cluster, cluster.nodes[0]).splitlines())


def cluster(folder: Path, size: int, *, durable: bool = True) -> Cluster:
    """Describe a cluster of that many nodes."""
    nodes = tuple(Node(n, 19000 + n, 19100 + n, folder / "kafka" / str(n)) for n in range(1, size + 1))
    return Cluster(nodes, folder / "secrets", durable=durable)


def test_one_node_needs_no_second(tmp_path: Path) -> None:
    """On one node every internal topic has one copy, and each write is on the disk before it is acknowledged."""
    told = settings(cluster(tmp_path, 1))
    assert told["offsets.topic.replication.factor"] == "1"
    assert told["transaction.state.log.min.isr"] == "1"
    assert told["log.flush.interval.messages"] == "1"
    assert "broker.session.timeout.ms" not in told, "a session that ends while the node lives costs transactions"


def test_three_nodes_survive_one(tmp_path: Path) -> None:
    """On three nodes data has three copies, two of which must be written; all three vote."""
    told = settings(cluster(tmp_path, 3, durable=False))
    assert told["default.replication.factor"] == told["transaction.state.log.replication.factor"] == "3"
    assert told["min.insync.replicas"] == told["transaction.state.log.min.isr"] == "2"
    assert told["controller.quorum.voters"] == "1@127.0.0.1:19101,2@127.0.0.1:19102,3@127.0.0.1:19103"
    assert "log.flush.interval.messages" not in told


def test_nobody_is_anonymous(tmp_path: Path) -> None:
    """Both listeners demand a login, what no rule allows is refused, and topics are made by nobody in passing."""
    told = settings(cluster(tmp_path, 1))
    assert told["listener.security.protocol.map"] == "CLIENT:SASL_PLAINTEXT,CONTROLLER:SASL_PLAINTEXT"
    assert told["super.users"] == "User:hub-admin;User:hub-broker"
    assert told["allow.everyone.if.no.acl.found"] == told["auto.create.topics.enable"] == "false"


def test_numbers_fit_what_kafka_takes(tmp_path: Path) -> None:
    """Offsets outlive the longest outbox (90 days); Kafka reads the other limit as a 32-bit number."""
    told = settings(cluster(tmp_path, 1))
    assert int(told["offsets.retention.minutes"]) >= 90 * 24 * 60
    assert int(told["transactional.id.expiration.ms"]) < 2**31


@pytest.mark.real
def test_secrets_are_private(tmp_path: Path) -> None:
    """After formatting, every file with a password is readable by its owner alone, and no command line holds one."""
    whole = cluster(tmp_path, 1)
    kafka.prepare(whole)
    secret = password(whole.secrets, "hub-broker")
    holders = [path for path in tmp_path.rglob("*") if path.is_file() and secret.encode() in path.read_bytes()]
    assert {path.name for path in holders} == {"hub-broker", "server.properties"}
    assert all(path.stat().st_mode & 0o077 == 0 for path in holders)
    assert secret not in " ".join(kafka.broker_command(whole, whole.nodes[0]))


def test_untrained_start(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without the trained classes Kafka's command is the same, only slower."""
    monkeypatch.setattr(java, "loaded_classes", lambda: tmp_path / "none")
    assert not [word for word in java.command("kafka.Kafka", scratch=Path("scratch")) if "AOT" in word]


def test_kafka_leaves_nothing_in_the_systems_folder(tmp_path: Path) -> None:
    """A JVM that is killed leaves the codecs it unpacked, one that runs its counters: not outside the node's folder."""
    whole = cluster(tmp_path, 1)
    command = kafka.broker_command(whole, whole.nodes[0])
    assert f"-Djava.io.tmpdir={whole.nodes[0].scratch}" in command
    assert "-XX:-UsePerfData" in command
