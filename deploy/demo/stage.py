"""Starts the hub and the partner systems in a temporary folder, plays the story, and leaves nothing behind."""

import asyncio
import shutil
import tempfile
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

from deploy import passwords, ports
from deploy.demo import agreements, calendar_server, university
from deploy.demo.clerk import Clerk
from deploy.demo.courses import ZONE, city_courses
from deploy.demo.prefect_runs import PrefectRuns
from deploy.demo.story import World
from deploy.demo.witness import HubCommand
from deploy.interruption import undisturbed
from deploy.readiness import wait_until
from deploy.site import throwaway
from deploy.stack import Stack
from deploy.supervision import Supervisor

Tell = Callable[[str], None]
CITY, NGO = "stadt-gelsenkirchen", "lernwerkstatt-rotthausen"
CITY_SECRET = "caldav-stadt-gelsenkirchen"  # noqa: S105 - the name of a secret, not one


@dataclass(frozen=True, slots=True)
class Stage:
    """The hub and the partner systems while they run."""

    folder: Path
    stack: Stack
    world: World


@contextmanager
def stage(tell: Tell, *, keep: bool) -> Iterator[Stage]:
    """Build everything up and, unless it is kept, take everything down, also after a failure or Ctrl-C.

    Args:
        tell: gets a line whenever a part is ready.
        keep: leave the parts running and the folder in place.
    """
    folder = Path(tempfile.mkdtemp(prefix="hub-demo-"))
    folder.chmod(0o711)  # PostgreSQL may run as another user
    partners = Supervisor(folder / "partners")
    today = datetime.now(ZONE).date()
    kept = False
    try:
        with ThreadPoolExecutor(1) as beside:
            (port,) = ports.free(1)
            stack = _stack(folder, port, tell)
            clerk = Clerk(calendar_server.address(port), passwords.password(stack.site.secrets, CITY_SECRET))
            filled = beside.submit(
                _fill_calendar, partners, folder, port, stack.site.secrets, clerk, today, leashed=not keep
            )
            with _taken_down(stack, partners, lambda: kept):
                stack.up(leashed=not keep)
                filled.result()
                world = _world(folder, stack, clerk, today)
                yield Stage(folder, stack, world)
                kept = keep
    finally:
        if not kept:
            with undisturbed():
                shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def _taken_down(stack: Stack, partners: Supervisor, kept: Callable[[], bool]) -> Iterator[None]:
    try:
        yield
    finally:
        if not kept():
            stack.down()
            with undisturbed():
                partners.halt(["radicale"])
                partners.shutdown()


def _stack(folder: Path, port: int, tell: Tell) -> Stack:
    connectors = {
        CITY: {"url": calendar_server.address(port), "user": calendar_server.USER, "secret": CITY_SECRET},
        NGO: {"folder": str(folder / "ngo")},
    }
    site = throwaway(folder / "hub", agreements.write(folder / "agreements", connectors))
    return Stack(site, tell=tell)


def _fill_calendar(
    partners: Supervisor, folder: Path, port: int, secrets: Path, clerk: Clerk, today: date, *, leashed: bool
) -> None:
    """Start the city's calendar server and put the courses in, while the hub starts beside it."""
    partners.start([calendar_server.radicale(folder / "city", port, secrets, CITY_SECRET)], leashed=leashed)
    wait_until(partners.answers, lambda: None, "the partner systems' process manager")
    partners.run("radicale")
    wait_until(clerk.answers, lambda: None, "the calendar server")
    clerk.make_calendar()
    for word, course in city_courses(today).items():
        clerk.put(word, course.text())


def _world(folder: Path, stack: Stack, clerk: Clerk, today: date) -> World:
    settings = stack.site.settings()
    return World(
        today=today,
        clerk=clerk,
        ngo=folder / "ngo",
        hub=HubCommand({"HUB_DATA": str(stack.site.data), **stack.site.environment()}),
        prefect=PrefectRuns(settings.prefect),
        announce=lambda: asyncio.run(university.announce(settings, university.lecture(today))),
    )
