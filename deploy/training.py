"""Starts Kafka once at installation and keeps its loaded classes: later starts take less than half the time.

``python -m deploy.training``. Nothing depends on it: without the file (or with one of other jars) Kafka starts slower.
"""

import subprocess
import sys
import tempfile
from pathlib import Path

from deploy import java, kafka, ports
from deploy.readiness import wait_until


def train() -> None:
    """Write the file that ``deploy.java.loaded_classes`` names, unless it is newer than Kafka's jars."""
    target = java.loaded_classes()
    newest = max(path.stat().st_mtime for path in target.parent.glob("jars/*.jar"))
    if target.exists() and target.stat().st_mtime > newest:
        return
    target.unlink(missing_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        _run_once(Path(folder), target.with_name("kafka.aot.new"))
    target.with_name("kafka.aot.new").replace(target)


def _run_once(folder: Path, output: Path) -> None:
    port, controller = ports.free(2)
    node = kafka.Node(1, port, controller, folder / "kafka" / "1")
    cluster = kafka.Cluster((node,), folder / "secrets", durable=False)
    kafka.prepare(cluster)
    options = (f"-XX:AOTCacheOutput={output}", "-Xlog:disable")
    command = java.command("kafka.Kafka", str(node.properties), scratch=node.scratch, options=options)
    broker = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)  # noqa: S603
    try:
        wait_until(lambda: ports.listening(port), lambda: None if broker.poll() is None else "it ended", "Kafka")
    finally:
        broker.terminate()  # the file is written at the end
        broker.wait()


if __name__ == "__main__":
    sys.stderr.write("Kafka: keeping its classes for quick starts\n")
    train()
