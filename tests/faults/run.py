"""A run: fault after fault under load, and after each the count of what is lost, doubled or out of order."""

import os
import random
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from deploy import orderly
from deploy.site import Site
from services.runtime.kafka import Kafka
from tests.faults.checker.evidence import Findings
from tests.faults.checker.judge import judge
from tests.faults.checker.reading import Reader
from tests.faults.database import connected
from tests.faults.faults import Fault
from tests.faults.plan import UNLIKABLE, Plan
from tests.faults.poison import CANARY
from tests.faults.rig import Rig, rig
from tests.faults.sender import Ledger, Load
from tests.faults.settling import settle
from tests.faults.watching import Ahead, Arrivals, recovery

Tell = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Result:
    """What became of one fault: how often it happened, messages sent meanwhile, recovery in seconds, what is wrong."""

    name: str
    times: int
    messages: int
    recovery: list[float]
    findings: Findings


@dataclass(slots=True)
class Run:
    """One rig under one story, told at ``rate`` messages a second."""

    parts: Rig
    seed: int
    rate: float
    tell: Tell
    arrivals: Arrivals
    ahead: Ahead
    reader: Reader
    ledger: Ledger = field(default_factory=Ledger)
    _plan: Plan = field(init=False)
    _dice: random.Random = field(init=False)
    _before: Findings = field(default_factory=Findings)

    def __post_init__(self) -> None:
        """Begin the story."""
        self._dice, self._plan = random.Random(self.seed), Plan(self.seed)  # noqa: S311 - a story, no secret

    def one(self, fault: Fault, times: int) -> Result:
        """Let a fault happen so often under load; then count."""
        return self.several(fault.name, [(fault, times)])

    def several(self, name: str, faults: Iterable[tuple[Fault, int]]) -> Result:
        """Let faults happen so often each, one kind after the other under the same load; then count, once."""
        moments, before = [], len(self.ledger.sent)
        with Load(self.parts.site.settings(), self._plan, self.ledger, self.rate):
            time.sleep(1)
            for fault, number in ((fault, number) for fault, times in faults for number in range(times)):
                self.tell(f"{fault.name}: {number + 1}")
                moments.append(time.time())
                fault.breaks[number % len(fault.breaks)](self.parts, self._dice)
            time.sleep(1)
        self.tell(f"{name}: counting")
        findings = self._count()
        sent = len(self.ledger.sent) - before
        return Result(name, len(moments), sent, recovery(self.ledger, self.arrivals, moments), findings)

    def _count(self) -> Findings:
        """Wait until all is done, read everything, and return what was not wrong before."""
        stands = orderly.loop(lambda: settle(self._kafka(), self._metrics()))
        self.reader.topics()
        orderly.loop(self._tables)
        found = judge(self.ledger, self.reader.evidence)
        found.wrong += (
            stands
            + asked(self.parts.site, "balance")
            + asked(self.parts.site, "rebuild", "events", "--check")
            + self._logs()
        )
        new = found.beyond(self._before)
        new.wrong += self.ahead.taken()
        self._before = found
        return new

    async def _tables(self) -> None:
        async with connected(self.parts.site.settings()) as connection:
            await self.reader.tables(connection, self._kafka().access())

    def _metrics(self) -> str:
        return f"http://127.0.0.1:{self.parts.doors['dispatch-1']}/metrics"

    def _kafka(self) -> Kafka:
        return Kafka(self.parts.site.settings(), "hub-admin")

    def _logs(self) -> list[str]:
        """Look for personal values, and for processes that crashed of themselves."""
        folder = self.parts.supervisor.log("supervisord").parent
        texts = {path.name: path.read_text(errors="replace") for path in sorted(folder.glob("*.log"))}
        told = [f"a personal value in {name}" for name, text in texts.items() if CANARY in text]
        lines = texts.get("supervisord.log", "").splitlines()
        return told + [line for line in lines if "SIGSEGV" in line or "SIGABRT" in line]


def asked(site: Site, *words: str) -> list[str]:
    """Ask the hub's own command; return what it says where it does not agree."""
    command = [sys.executable, "-m", "services.operations.hub", *words]
    environment = {**os.environ, **site.environment()}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)  # noqa: S603
    return [f"hub {' '.join(words)}: {(done.stderr or done.stdout)[-300:]}"] if done.returncode else []


@contextmanager
def running(
    *, seed: int, rate: float, session_ms: int, harsh: bool = False, tell: Tell = lambda _: None
) -> Iterator[Run]:
    """Start everything and watch; at the end nothing is left. Not for use inside a running event loop."""
    tell("starting three Kafka nodes, PostgreSQL and the services")
    with rig(session_ms=session_ms, harsh=harsh) as parts:
        settings = parts.site.settings()
        reader = Reader(Kafka(settings, "hub-admin").admin_access(), settings.agreements)
        orderly.loop(lambda: _forbid(parts))
        with Arrivals(settings) as arrivals, Ahead(settings) as ahead:
            yield Run(parts, seed, rate, tell, arrivals, ahead, reader)


async def _forbid(parts: Rig) -> None:
    """Let PostgreSQL refuse some keys that nobody else would."""
    name = UNLIKABLE.strip(":")
    async with connected(parts.site.settings()) as connection:
        await connection.execute(f"alter table engine.state add constraint unlikable check (key not like '%:{name}%')")
