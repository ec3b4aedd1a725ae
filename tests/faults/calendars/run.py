"""A run: mishap after mishap befalls a calendar server while its calendar changes; after each it is counted."""

import random
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime

from deploy import orderly
from deploy.demo.courses import ZONE
from services.runtime.kafka import Kafka
from tests.faults.calendars.judge import believed, converged, judge
from tests.faults.calendars.mishaps import EVERY, Mishap
from tests.faults.calendars.neighbour import Neighbour
from tests.faults.calendars.rig import CalendarRig, calendar_rig
from tests.faults.calendars.story import Story
from tests.faults.calendars.table import CalendarFault
from tests.faults.checker.evidence import Findings
from tests.faults.checker.reading import Reader
from tests.faults.database import connected
from tests.faults.run import Result, Tell, asked
from tests.faults.settling import settle

_HEALTHY = 3  # pulls until all must be well again: two absences, and one more
_STEPS = 6  # changes of the calendar before and during each pull


@dataclass(slots=True)
class CalendarRun:
    """One rig under one story."""

    parts: CalendarRig
    seed: int
    tell: Tell
    reader: Reader
    story: Story = field(init=False)
    neighbour: Neighbour = field(init=False)
    _dice: random.Random = field(init=False)
    _found: Findings = field(default_factory=Findings)  # in this row
    _before: Findings = field(default_factory=Findings)

    def __post_init__(self) -> None:
        """Fill the calendar."""
        self._dice = random.Random(self.seed)  # noqa: S311 - a story, no secret
        self.story = Story(self.seed, datetime.now(ZONE).date())
        self.neighbour = Neighbour(self.parts.stack.site.settings(), self.reader)
        self.parts.enter(self.story.beginning())

    def one(self, fault: CalendarFault, times: int) -> Result:
        """Let a mishap befall the server so often, in each manner of servers in turn; then count."""
        before, recovery, self._found = len(self.reader.evidence.inboxes), list[float](), Findings()
        for number in range(times):
            self.tell(f"{fault.name}: {number + 1} of {times}")
            self._well(fault.manners[number % len(fault.manners)])
            self._ill(fault.mishap, fault.pulls)
            recovery += self._heal(late=fault.late)
        site = self.parts.stack.site
        self._found.wrong += asked(site, "balance") + asked(site, "rebuild", "events", "--check")
        told = len(self.reader.evidence.inboxes) - before
        return Result(fault.name, times, told, recovery, self._found)

    def _well(self, manner: str) -> None:
        """Before: a server of another manner knows nothing of the last one's tokens, and is read from the beginning."""
        self.parts.gateway.manner = manner
        self._pull(accept=True)
        self.story.healed()

    def _ill(self, mishap: Mishap, pulls: int) -> None:
        """While a mishap befalls answers, from a random one on, nothing is withdrawn that is there; others go on."""
        gateway = self.parts.gateway
        gateway.befallen, gateway.hasty, gateway.mishap = 0, 0, mishap
        for _ in range(pulls):
            self._change()
            gateway.begin(spared=self._dice.randrange(3) if mishap.befalls == EVERY else 0)
            with orderly.beside(self._change, lambda: self.neighbour.announce(self.story)) as beside:
                self.parts.pull()
                for each in beside:
                    each.result()
            self._found.lost += self.neighbour.unheard()
            self._note(believed(self.story, self.reader.evidence))
        gateway.mishap = None
        if not gateway.befallen:
            self._found.wrong.append("no answer was befallen: nothing is proven")
        if gateway.hasty:
            self._found.wrong.append(f"{gateway.hasty} requests before the time that the server had asked for")

    def _change(self) -> None:
        self.parts.enter(self.story.steps(_STEPS))

    def _heal(self, *, late: bool) -> list[float]:
        """Pull from the healthy server until the catalogue is right, and once more; return how long that took."""
        begin, took = time.monotonic(), list[float]()
        for _ in range(_HEALTHY):
            self._pull()
            if took:
                break
            took += [time.monotonic() - begin] if self._converged() else []
        for _ in range(_HEALTHY if late and not took else 0):
            orderly.loop(self._a_day_later)
            self._pull()
        found = judge(self.story, self.reader.evidence)
        self._note(found)
        self._before = found
        self.story.healed()
        return took

    def _converged(self) -> bool:
        return converged(self.story, self.reader.evidence)

    async def _a_day_later(self) -> None:
        """Let the next pull be the first of a day, which reads everything."""
        async with connected(self.parts.stack.site.settings()) as connection:
            await connection.execute(
                """update sync.cursor set cursor = regexp_replace(cursor, '"day":"[^"]*"', '"day":""')"""
            )

    def _pull(self, *, accept: bool = False) -> None:
        """Pull from the healthy server, and wait until readers know."""
        self.parts.gateway.begin()
        if failed := self.parts.pull(accept=accept).failed:
            self._found.wrong.append(f"a pull from a healthy server: {failed}")
        self._found.wrong += orderly.loop(lambda: settle(self._kafka(), self._metrics()))
        self.reader.topics()

    def _note(self, found: Findings) -> None:
        """Take what was not found before."""
        new = found.beyond(self._before).beyond(self._found)
        for kind in ("lost", "doubled", "reordered", "wrong"):
            getattr(self._found, kind).extend(getattr(new, kind))

    def _metrics(self) -> str:
        return f"http://127.0.0.1:{self.parts.stack.site.ports['dispatch']}/metrics"

    def _kafka(self) -> Kafka:
        return Kafka(self.parts.stack.site.settings(), "hub-admin")


@contextmanager
def running(*, seed: int, tell: Tell = lambda _: None, **_: object) -> Iterator[CalendarRun]:
    """Start everything; at the end nothing is left. Not for use inside a running event loop."""
    tell("starting a calendar server, Kafka, PostgreSQL and the services")
    with calendar_rig() as parts:
        settings = parts.stack.site.settings()
        reader = Reader(Kafka(settings, "hub-admin").admin_access(), settings.agreements)
        yield CalendarRun(parts, seed, tell, reader)
