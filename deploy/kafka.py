"""Apache Kafka on one machine: storage formatted once, each node run in the foreground as broker and controller."""

import base64
import subprocess
import uuid
from pathlib import Path

from deploy import java
from deploy.kafka_settings import Cluster, Node, render
from deploy.passwords import ADMIN, BROKER, password, write_private
from services.operations.errors import OperationError

__all__ = ["Cluster", "KafkaFormatError", "Node", "broker_command", "prepare", "render"]


class KafkaFormatError(OperationError):
    """Kafka's storage could not be prepared."""


def prepare(cluster: Cluster) -> None:
    """Write every node's settings, and format the storage of those that are new.

    Raises:
        KafkaFormatError: formatting failed; the message ends with what Kafka said.
        JarsError: Kafka's jars are not installed.
    """
    cluster_id = _cluster_id(cluster.nodes[0].folder.parent / "cluster.id")
    for node in cluster.nodes:
        node.scratch.mkdir(parents=True, exist_ok=True)
        write_private(node.properties, render(cluster, node))
        if not (node.folder / "formatted").exists():  # Kafka's own mark appears before it is done
            _format(cluster, node, cluster_id)
            write_private(node.folder / "formatted", cluster_id + "\n")


def broker_command(cluster: Cluster, node: Node) -> list[str]:
    """Return the command that runs one node in the foreground; SIGTERM stops it cleanly."""
    return java.command("kafka.Kafka", str(node.properties), scratch=node.scratch, quick=cluster.quick)


def _cluster_id(path: Path) -> str:
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        # A leading "-" would be read as an option.
        write_private(path, "L" + base64.urlsafe_b64encode(uuid.uuid4().bytes).decode()[1:22] + "\n")
    return path.read_text(encoding="utf-8").strip()


def _format(cluster: Cluster, node: Node, cluster_id: str) -> None:
    users = [f"SCRAM-SHA-256=[name={name},password={password(cluster.secrets, name)}]" for name in (BROKER, ADMIN)]
    words = ["format", "--ignore-formatted", "-t", cluster_id, "-c", str(node.properties)]
    words += [word for user in users for word in ("--add-scram", user)]
    arguments = node.folder / "format.arguments"  # a file: a command line is readable by everybody
    write_private(arguments, "\n".join(words) + "\n")
    command = java.command("kafka.tools.StorageTool", f"@{arguments}", scratch=node.scratch, quick=True)
    done = subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, check=False)  # noqa: S603
    arguments.unlink()
    if done.returncode:
        raise KafkaFormatError(f"expected Kafka's storage formatted in {node.folder}, it said: {done.stderr[-1_000:]}")
