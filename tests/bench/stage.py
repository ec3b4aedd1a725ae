"""The stage on which everybody is measured: the parts that run, and how they are started, held and ended."""

import asyncio
import os
import secrets
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from contracts.agreements import load_agreements
from deploy.stack import Stack
from services.operations import offsets
from services.operations.apply import changes
from services.operations.cluster import Cluster
from services.operations.cursors import Cursor
from services.runtime.kafka import Kafka

ROOT = Path(__file__).parents[2]
PATIENCE_S = 60


@dataclass(frozen=True)
class Stage:
    """A running stack whose services stand still until they are wanted."""

    stack: Stack

    @cached_property
    def kafka(self) -> Kafka:
        """Kafka as its administrator."""
        return Kafka(self.stack.site.settings(), "hub-admin")

    @cached_property
    def cluster(self) -> Cluster:
        """Its administration."""
        return Cluster(self.kafka)

    @cached_property
    def partners(self) -> list[str]:
        """The ids of the partners."""
        return sorted(load_agreements(self.stack.site.agreements))

    def places(self, *names: str) -> list[tuple[str, int]]:
        """Return all partitions of some topics."""
        seen = self.cluster.topics()
        return [(name, number) for name in names for number in seen[name].partitions]

    def rewind(self, group: str, *names: str) -> None:
        """Let a group that stands still read its topics from what they hold first."""
        first = offsets.starts(self.cluster, names)
        asyncio.run(changes.set_cursors({Cursor(group, *place): at for place, at in first.items()}, self.kafka))

    @contextmanager
    def services(self, *names: str) -> Iterator[None]:
        """Run some of the hub's services."""
        for name in names:
            self.stack.run(name)
        try:
            for name in names:
                self._until_it_has_a_process(name)
            yield
        finally:
            self.stack.supervisor.halt(names)

    def pid(self, name: str) -> int:
        """Return the process of a service that runs."""
        return self.stack.supervisor.states()[name].pid

    @contextmanager
    def held(self, name: str) -> Iterator[None]:
        """Hold a service that is ready where it is, for less than its group waits for it: its start is over then."""
        pid = self.pid(name)
        os.kill(pid, signal.SIGSTOP)
        try:
            yield
        finally:
            os.kill(pid, signal.SIGCONT)

    def failed(self, *names: str) -> str | None:
        """Return why one of these services does not run."""
        return next((f"{name}: {why}" for name in names if (why := self.stack.failed(name))), None)

    def await_ready(self, *names: str) -> None:
        """Wait until services have their partitions."""
        deadline = time.monotonic() + PATIENCE_S
        while not all(map(self._ready, names)):
            if (why := self.failed(*names)) or time.monotonic() > deadline:
                raise TimeoutError(f"expected {', '.join(names)} to be ready: {why or 'they are not'}")
            time.sleep(0.1)

    @contextmanager
    def peer(self, module: str, *words: str, python: Path | None = None) -> Iterator["subprocess.Popen[bytes]"]:
        """Run a peer as a process and a group of its own; what it says goes into a log beside the services' logs."""
        environment = {**self.stack.site.environment(), "PYTHONPATH": str(ROOT), "PYTHONWARNINGS": "ignore"}
        program = [str(python or sys.executable), "-m", f"tests.bench.peers.{module}", *words]
        with self.log(module).open("wb") as log:
            process = subprocess.Popen(  # noqa: S603 - our own programs
                [*program, f"bench.{module}.{secrets.token_hex(4)}"],
                env=environment, cwd=ROOT, stdout=log, stderr=subprocess.STDOUT,
            )  # fmt: skip
            try:
                yield process
            finally:
                _end(process)

    def ended(self, module: str, peer: "subprocess.Popen[bytes]") -> str | None:
        """Return why a peer does not run, with the end of its log."""
        if peer.poll() is None:
            return None
        return f"{module} ended with {peer.returncode}: {self.log(module).read_text(errors='replace')[-2_000:]}"

    def log(self, module: str) -> Path:
        """Return a peer's log."""
        return self.stack.supervisor.log(f"peer-{module}")

    def _until_it_has_a_process(self, name: str) -> None:
        while not self.stack.supervisor.states()[name].pid:
            time.sleep(0.05)

    def _ready(self, name: str) -> bool:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.stack.site.ports[name]}/health", timeout=5):
                return True
        except (OSError, urllib.error.HTTPError):
            return False


def _end(process: "subprocess.Popen[bytes]") -> None:
    process.terminate()
    try:
        process.wait(10)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
