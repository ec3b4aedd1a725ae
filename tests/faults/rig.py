"""Real parts to be broken: three Kafka nodes, PostgreSQL and the services, each reached through a proxy."""

import os
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from functools import partial
from importlib import import_module
from pathlib import Path
from typing import Any

import httpx

from contracts.agreements import EXAMPLES, load_agreements
from deploy import kafka, passwords, ports, postgres
from deploy.applying import apply
from deploy.process import Process
from deploy.readiness import kafka_answers, postgres_answers, wait_until
from deploy.site import Site, throwaway
from deploy.supervision import Supervisor
from deploy.temporary import emptied
from services.operations.cluster import Cluster
from services.runtime.kafka import Kafka
from tests.faults.harshness import clock, small_disk
from tests.faults.messages import PARTNERS
from tests.faults.plan import agreement
from tests.faults.proxy import Proxy
from tests.faults.traps import Traps

SHARDS = "2"  # two instances of a service share its partitions
SERVICES = ("intake", "events", "dispatch")
NODES = ("kafka-1", "kafka-2", "kafka-3")
_PATIENCE = 120


def wait(ready: Callable[[], bool], what: str) -> None:
    """Ask until the answer is yes.

    Raises:
        NotReadyError: it was not within two minutes.
    """
    wait_until(ready, lambda: None, what, _PATIENCE)


@dataclass(frozen=True, slots=True)
class Rig:
    """What runs. ``ways`` are the proxy's ports by the name of what is behind them; ``partitions``: each service's."""

    site: Site
    supervisor: Supervisor
    proxy: Proxy
    ways: dict[str, int]
    traps: Traps
    doors: dict[str, int]  # where each service tells its health and metrics
    disk: Path | None = None  # small, of the last node
    clock: Path | None = None  # what the services' clocks follow
    partitions: dict[str, int] = field(default_factory=dict)

    def pid(self, name: str) -> int | None:
        """Return the pid of a process that runs."""
        state = self.supervisor.states()[name]
        return state.pid if state.word == "RUNNING" else None

    def kill(self, name: str, how: signal.Signals = signal.SIGKILL) -> None:
        """Give a process a signal, once it runs."""
        wait(lambda: self._signalled(name, how), f"{name} to run")

    def _signalled(self, name: str, how: signal.Signals) -> bool:
        try:
            if pid := self.pid(name):
                os.kill(pid, how)
        except ProcessLookupError:  # it ended between the look and the signal
            return False
        return bool(pid)

    def await_ready(self, *names: str) -> None:
        """Wait until services say that all their partitions run."""
        for name in names:
            wait(partial(self._ready, name), name)

    def _ready(self, name: str) -> bool:
        return bool(self.health(name).get("ready"))

    def health(self, name: str) -> dict[str, Any]:
        """Return what a service says of itself; nothing where it does not answer."""
        try:
            told: dict[str, Any] = httpx.get(f"http://127.0.0.1:{self.doors[name]}/health", timeout=2).json()
        except httpx.HTTPError:
            return {}
        return told

    def await_kafka(self) -> None:
        """Wait until all nodes listen and the cluster answers."""
        for node in NODES:
            wait(partial(ports.listening, self.proxy.ways[self.ways[node]]), node)
        wait(lambda: kafka_answers(self.site.settings()), "kafka")

    def await_postgres(self) -> None:
        """Wait until PostgreSQL answers."""
        wait(lambda: postgres_answers(self.site.settings()), "postgres")


@contextmanager
def rig(*, session_ms: int, harsh: bool = False) -> Iterator[Rig]:
    """Run everything; at the end no process, port or file is left.

    Args:
        session_ms: how long the group waits for a silent instance.
        harsh: with a small disk and a clock that can be stepped, where the machine allows it.
    """
    with ExitStack() as ending:
        folder = emptied(ending, "hub-faults-")
        site, cluster, proxy, ways = _placed(folder)
        ending.enter_context(proxy)
        traps = Traps(folder / "traps")
        traps.folder.mkdir()
        doors = dict(zip(_instances(), ports.free(len(_instances())), strict=True))
        server = postgres.Server(site.ports["postgres"], folder / "postgres", site.secrets, durable=True)
        disk = small_disk(ending, cluster.nodes[-1].folder / "data") if harsh else None
        time_ = clock(folder) if harsh else {}
        kafka.prepare(cluster)
        for node, name in zip(cluster.nodes, NODES, strict=True):
            _advertise(node, ways[name])
        postgres.prepare(server)
        supervisor = Supervisor(folder)
        whole = Rig(site, supervisor, proxy, ways, traps, doors, disk, folder / "clock" if time_ else None)
        own = {"FAULTS_TRAPS": str(traps.folder), "FAULTS_SESSION_MS": str(session_ms), **time_}
        rows = [
            Process(n, tuple(kafka.broker_command(cluster, node))) for n, node in zip(NODES, cluster.nodes, strict=True)
        ]
        rows.append(Process("postgres", tuple(postgres.command(server)), user=postgres.account(), stop_signal="INT"))
        rows += [_service(site, name, doors[name], own) for name in _instances()]
        ending.callback(_down, supervisor)
        supervisor.start(rows, leashed=True)
        _up(whole)
        yield whole


def _instances() -> list[str]:
    return [f"{service}-{number}" for service in SERVICES for number in (1, 2)]


def _placed(folder: Path) -> tuple[Site, kafka.Cluster, Proxy, dict[str, int]]:
    """Lay out ports and folders: clients know the proxy's ports only."""
    free = ports.free(11)
    nodes = [kafka.Node(n, free[n], free[n + 3], folder / "kafka" / str(n)) for n in (1, 2, 3)]
    ways = dict(zip((*NODES, "postgres"), free[7:11], strict=True))
    given = folder / "agreements"
    given.mkdir()
    for partner in PARTNERS:
        text = (EXAMPLES / f"{partner}.toml").read_text(encoding="utf-8")
        (given / f"{partner}.toml").write_text(agreement(text, partner), encoding="utf-8")
    base = throwaway(folder, given)
    site = base.model_copy(
        update={
            "kafka": ",".join(f"127.0.0.1:{ways[name]}" for name in NODES),
            "postgres": f"postgresql://hub@127.0.0.1:{ways['postgres']}/hub",
            "ports": {**base.ports, "postgres": free[0]},
        }
    )
    passwords.mint(site.secrets, (*passwords.PRINCIPALS, *map(passwords.partner, PARTNERS)))
    targets = {ways[name]: node.port for name, node in zip(NODES, nodes, strict=True)}
    return (
        site,
        kafka.Cluster(tuple(nodes), site.secrets, durable=False, quick=True),
        Proxy({**targets, ways["postgres"]: free[0]}),
        ways,
    )


def _advertise(node: kafka.Node, port: int) -> None:
    """Let a node tell everybody the proxy's port: what passes between the nodes passes there too."""
    text = node.properties.read_text(encoding="utf-8")
    line = f"advertised.listeners=CLIENT://127.0.0.1:{node.port}"
    passwords.write_private(node.properties, text.replace(line, f"advertised.listeners=CLIENT://127.0.0.1:{port}"))


def _service(site: Site, name: str, port: int, own: dict[str, str]) -> Process:
    # The second instance is one without a name: when it leaves, its partitions go back at once.
    instance = name if name.endswith("-1") else ""
    source = str(Path(__file__).parents[2])
    more = {"HUB_HTTP_PORT": str(port), "HUB_INSTANCE": instance, "HUB_SHARDS": SHARDS, "PYTHONPATH": source}
    return Process(name, (sys.executable, "-m", "tests.faults.victim", name), {**site.environment(), **own, **more})


def _up(whole: Rig) -> None:
    wait(whole.supervisor.answers, "the process manager")
    for name in (*NODES, "postgres"):
        whole.supervisor.run(name)
    whole.await_postgres()
    whole.await_kafka()
    apply(whole.site)
    for service in SERVICES:
        whole.supervisor.run(f"{service}-1")
    whole.await_ready(*(f"{service}-1" for service in SERVICES))
    whole.partitions.update(_read(whole.site))


def _read(site: Site) -> Iterator[tuple[str, int]]:
    """Yield each service with how many partitions it reads, as Kafka has them."""
    settings = site.settings()
    agreements, topics = load_agreements(settings.agreements), Cluster(Kafka(settings, "hub-admin")).topics()
    for service in SERVICES:
        read = import_module(f"services.{service}.__main__").SERVICE.topics(agreements)
        yield service, sum(len(topics[name].partitions) for name in read)


def _down(supervisor: Supervisor) -> None:
    for state in supervisor.states().values():
        if state.pid:
            os.kill(state.pid, signal.SIGCONT)  # who is frozen hears no SIGTERM
    supervisor.halt(name for name in supervisor.states() if name not in (*NODES, "postgres"))
    supervisor.halt(name for name in supervisor.states() if name in NODES)
    supervisor.shutdown()
