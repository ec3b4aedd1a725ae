import os
import signal
from collections.abc import Callable
from pathlib import Path

import pytest

from contracts.agreements import EXAMPLES
from deploy import kafka, parts, ports
from deploy.kafka_settings import Cluster, Node
from deploy.passwords import write_private
from deploy.ports import listening
from deploy.process import Process
from deploy.readiness import NotReadyError, kafka_answers, postgres_answers, wait_until
from deploy.site import Site
from deploy.stack import AlreadyRunningError, Stack
from deploy.supervision import Supervisor
from deploy.temporary import temporary
from services.runtime.settings import SecretMissingError, Settings

pytestmark = pytest.mark.real

SMALL = ("postgres",)
Living = Callable[[Path], list[str]]


def nothing() -> None:
    """Say that nothing is known to have failed."""


def listening_ports(stack: Stack) -> list[int]:
    """Return which of the stack's ports somebody listens on."""
    return [port for port in stack.site.ports.values() if listening(port)]


def test_nothing_stays(living_processes: Living) -> None:
    """After a temporary stack has ended there is no process, no open port and no file of it."""
    with temporary(parts.FOUNDATION) as stack:
        folder = stack.site.data
        assert len(listening_ports(stack)) == 3
        assert living_processes(folder)
    assert not listening_ports(stack)
    assert not living_processes(folder)
    assert not folder.exists()


def test_nothing_stays_after_a_failure(living_processes: Living) -> None:
    """A stack whose user fails is taken down just the same, and the failure is told."""
    folders: list[Path] = []

    def use() -> None:
        with temporary(SMALL) as stack:
            folders.append(stack.site.data)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        use()
    assert not living_processes(folders[0])
    assert not folders[0].exists()


def test_who_dies_is_started_again() -> None:
    """A killed process comes back under another id, and it works."""
    with temporary(SMALL) as stack:
        before = stack.supervisor.states()["postgres"]
        os.kill(before.pid, signal.SIGKILL)
        wait_until(lambda: stack.supervisor.states()["postgres"].pid not in {0, before.pid}, nothing, "postgres")
        wait_until(lambda: postgres_answers(stack.site.settings()), nothing, "postgres")


def test_who_cannot_start_is_told() -> None:
    """A part that ends at once is reported with the end of its log, and nothing stays."""
    with temporary(SMALL, more=[Process("broken", ("/bin/sh", "-c", "echo no bread today; exit 3"))]) as stack:
        stack.run("broken")
        with pytest.raises(NotReadyError, match="no bread today"):
            wait_until(lambda: False, lambda: stack.failed("broken"), "broken")


def test_one_hub_per_folder() -> None:
    """A second start in the same data folder is refused and does the running one no harm."""
    with temporary(SMALL) as stack:
        with pytest.raises(AlreadyRunningError, match="hub down"):
            Stack(stack.site, SMALL).up()
        assert postgres_answers(stack.site.settings())


def test_data_outlive_a_restart() -> None:
    """Down and up again in the same folder: the same databases, the same passwords."""
    with temporary(SMALL) as stack:
        secret = stack.site.settings().secret("postgres")
        stack.down()
        again = Stack(stack.site, SMALL)
        again.up()
        assert again.site.settings().secret("postgres") == secret
        assert postgres_answers(again.site.settings())


def test_children_stop_with_their_parent() -> None:
    """A helper's children are stopped with it."""
    command = ("/bin/sh", "-c", "sleep 600 & sleep 600")
    with temporary(SMALL, more=[Process("parent", command)]) as stack:
        stack.run("parent")
        wait_until(lambda: stack.supervisor.states()["parent"].word == "RUNNING", nothing, "parent")
        group = os.getpgid(stack.supervisor.states()["parent"].pid)
    wait_until(lambda: not _group_lives(group), nothing, "the end of the children")


def _group_lives(group: int) -> bool:
    try:
        os.killpg(group, 0)
    except ProcessLookupError:
        return False
    return True


def test_three_nodes_are_one_cluster(tmp_path: Path) -> None:
    """Three nodes find each other, and the cluster goes on when one of them is killed."""
    nodes = tuple(
        Node(number, port, controller, tmp_path / "kafka" / str(number))
        for number, (port, controller) in enumerate(zip(ports.free(3), ports.free(3), strict=True), 1)
    )
    cluster = Cluster(nodes, tmp_path / "secrets", durable=False, quick=True)
    kafka.prepare(cluster)
    settings = Settings(agreements=EXAMPLES, secrets=cluster.secrets, kafka=cluster.bootstrap)
    supervisor = Supervisor(tmp_path)
    # KILL: the last nodes would wait for a majority that is gone.
    rows = [
        Process(f"kafka-{node.number}", tuple(kafka.broker_command(cluster, node)), stop_signal="KILL")
        for node in nodes
    ]
    supervisor.start(rows, leashed=True)
    try:
        wait_until(supervisor.answers, nothing, "the process manager")
        for row in rows:
            supervisor.run(row.name)
        wait_until(lambda: kafka_answers(settings), nothing, "the cluster")
        os.kill(supervisor.states()["kafka-3"].pid, signal.SIGKILL)
        wait_until(lambda: kafka_answers(settings), nothing, "the rest of the cluster")
    finally:
        supervisor.shutdown()


def test_own_servers_are_used(stack: Stack, tmp_path: Path) -> None:
    """With addresses given nothing is started, and without their passwords the missing file is named."""
    given = stack.site.settings()
    site = Site(data=tmp_path / "data", kafka=given.kafka, postgres=given.postgres)
    own = Stack(site, parts.FOUNDATION)
    with pytest.raises(SecretMissingError, match="'postgres'"):
        own.up()
    for name in ("postgres", "hub-admin"):
        write_private(site.secrets / name, given.secret(name))
    own.up()
    assert own.supervisor.states() == {}
    own.down()
    assert postgres_answers(given)
