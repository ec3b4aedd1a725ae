"""Starts the hub and the partner systems in a temporary folder, and takes everything down again."""

import asyncio
import shutil
import tempfile
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

from deploy.demo import agreements, calendar_server, city, university
from deploy.demo.city import City
from deploy.demo.courses import ZONE
from deploy.demo.prefect_runs import PrefectRuns
from deploy.demo.story import World
from deploy.demo.witness import HubCommand
from deploy.interruption import undisturbed
from deploy.site import throwaway
from deploy.stack import Stack, Tell


@dataclass(slots=True)
class Stage:
    """The hub and the partner systems while they run. ``kept``: they go on after the end."""

    folder: Path
    stack: Stack
    world: World
    kept: bool = False


@contextmanager
def stage(tell: Tell, *, keep: bool) -> Iterator[Stage]:
    """Build everything up; whatever happens, take everything down, unless it is to be kept and the story ended well.

    Args:
        tell: gets a line whenever a part is ready.
        keep: leave the parts running and the folder in place.
    """
    folder = Path(tempfile.mkdtemp(prefix="hub-demo-"))
    folder.chmod(0o711)  # PostgreSQL may run as another user
    here = _plan(folder, tell)
    try:
        with ThreadPoolExecutor(1) as beside:
            opening = beside.submit(here.world.city.open, here.world.today, leashed=not keep)
            with _taken_down(here, opening):
                here.stack.up(leashed=not keep)
                opening.result()
                yield here
                here.kept = keep
    finally:
        if not here.kept:
            with undisturbed():
                shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def _taken_down(here: Stage, opening: "Future[None]") -> Iterator[None]:
    try:
        yield
    finally:
        if not here.kept:
            with undisturbed():
                here.stack.down()
                wait([opening])  # what is half started cannot be stopped
                here.world.city.close()


def _plan(folder: Path, tell: Tell) -> Stage:
    site_folder, ngo = folder / "hub", folder / "ngo"
    its_city = City(folder / "city", site_folder / "secrets")
    its_calendar = {"url": its_city.calendar, "user": calendar_server.USER, "secret": city.SECRET}
    connectors = {"stadt-gelsenkirchen": its_calendar, "lernwerkstatt-rotthausen": {"folder": str(ngo)}}
    site = throwaway(site_folder, agreements.write(folder / "agreements", connectors))
    stack = Stack(site, tell=tell)
    return Stage(folder, stack, _world(stack, its_city, ngo, datetime.now(ZONE).date()))


def _world(stack: Stack, its_city: City, ngo: Path, today: date) -> World:
    settings = stack.site.settings()
    return World(
        today=today,
        city=its_city,
        ngo=ngo,
        hub=HubCommand({"HUB_DATA": str(stack.site.data), **stack.site.environment()}),
        prefect=PrefectRuns(settings.prefect),
        announce=lambda fact: asyncio.run(university.announce(settings, fact)),
        read_outbox=lambda: asyncio.run(university.read_outbox(settings)),
    )
