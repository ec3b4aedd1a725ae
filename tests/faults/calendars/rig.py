"""Real parts: a calendar server in a process of its own, the hub, and between them an HTTP proxy."""

import shutil
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from structlog.testing import capture_logs

from deploy import orderly, parts, ports
from deploy.demo import agreements, calendar_server
from deploy.demo.agreements import Connector
from deploy.demo.clerk import Clerk
from deploy.passwords import password
from deploy.readiness import wait_until
from deploy.stack import Stack
from deploy.supervision import Supervisor
from deploy.temporary import emptied, temporary
from flows.once import run_once
from flows.report import RunReport
from tests.faults.calendars.entry import Step
from tests.faults.calendars.gateway import Gateway
from tests.faults.calendars.told import CITY

_SECRET = f"caldav-{CITY}"


@dataclass(frozen=True, slots=True)
class CalendarRig:
    """What runs."""

    stack: Stack
    gateway: Gateway
    clerk: Clerk

    def enter(self, steps: Iterable[Step]) -> None:
        """Change the calendar, past the proxy."""
        for step in steps:
            name = step.uid.partition("@")[0]
            if step.entry is None:
                self.clerk.delete(name)
            else:
                self.clerk.put(name, step.entry.text())

    def pull(self, *, accept: bool = False) -> RunReport:
        """Pull as ``hub pull`` does."""
        settings = self.stack.site.settings()
        with capture_logs():  # runs that fail are what is wanted here
            return orderly.loop(lambda: run_once(settings, CITY, "pull", accept_shrinkage=accept))


@contextmanager
def calendar_rig() -> Iterator[CalendarRig]:
    """Run everything; at the end no process, port or file is left."""
    with ExitStack() as ending:
        folder = emptied(ending, "hub-calendars-")
        behind, front = ports.free(2)
        secrets = folder / "secrets"
        clerk = _calendar(ending, folder / "city", behind, secrets)
        gateway = ending.enter_context(Gateway(f"http://{ports.HOST}:{behind}", front))
        ours = {"url": calendar_server.address(front), "user": calendar_server.USER}
        told = agreements.write(folder / "agreements", {CITY: Connector("caldav", ("pull", "push"), ours)})
        stack = ending.enter_context(temporary((*parts.FOUNDATION, *parts.SERVICES), agreements=told))
        shutil.copy(secrets / _SECRET, stack.site.secrets / _SECRET)
        yield CalendarRig(stack, gateway, clerk)


def _calendar(ending: ExitStack, folder: Path, port: int, secrets: Path) -> Clerk:
    """Start the server with an empty calendar."""
    clerk = Clerk(calendar_server.address(port), password(secrets, _SECRET))
    ending.callback(clerk.close)
    supervisor = Supervisor(folder)
    ending.callback(supervisor.shutdown)
    ending.callback(supervisor.halt, ["radicale"])
    supervisor.start([calendar_server.radicale(folder / "calendars", port, secrets, _SECRET)], leashed=True)
    wait_until(supervisor.answers, lambda: None, "the calendar server's process manager")
    supervisor.run("radicale")
    wait_until(clerk.answers, lambda: None, "the calendar server")
    clerk.make_calendar()
    return clerk
