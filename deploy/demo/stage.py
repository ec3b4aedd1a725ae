"""Starts the hub and the partner systems in a temporary folder, and takes everything down again."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from pathlib import Path

from deploy import orderly
from deploy.demo import agreements, calendar_server, city, club, university
from deploy.demo.agreements import Connector
from deploy.demo.club import Club
from deploy.demo.courses import ZONE
from deploy.demo.http_door import HttpDoor
from deploy.demo.outside import Outside
from deploy.demo.prefect_runs import PrefectRuns
from deploy.demo.witness import HubCommand
from deploy.demo.world import World
from deploy.ports import HOST
from deploy.site import throwaway
from deploy.stack import Stack, Tell
from deploy.temporary import emptied


@dataclass(slots=True)
class Stage:
    """The hub and the partner systems while they run."""

    folder: Path
    stack: Stack
    world: World


@contextmanager
def stage(tell: Tell, *, keep: bool) -> Iterator[Stage]:
    """Build everything up; whatever happens, take everything down, unless it is to be kept and the story ended well.

    Args:
        tell: gets a line whenever a part is ready.
        keep: leave the parts running and the folder in place.
    """
    with ExitStack() as ending:
        folder = emptied(ending, "hub-demo-")
        here = _plan(folder, tell)
        (here.world.ngo / "in").mkdir(parents=True)
        opening = partial(here.world.outside.open, here.world.today, leashed=not keep)
        ending.callback(here.world.outside.close)
        ending.callback(here.stack.down)
        with orderly.beside(opening) as (opened,):
            here.stack.up(leashed=not keep)
            opened.result()
            yield here
        if keep:
            ending.pop_all()


def _plan(folder: Path, tell: Tell) -> Stage:
    site_folder, ngo = folder / "hub", folder / "ngo"
    outside = Outside(folder / "partners", site_folder / "secrets")
    calendar = {"url": outside.city.calendar, "user": calendar_server.USER, "secret": city.SECRET}
    connectors = {
        "stadt-gelsenkirchen": Connector("caldav", ("pull", "push"), calendar),
        "lernwerkstatt-rotthausen": Connector("dropfolder", ("pull", "push"), {"folder": str(ngo)}),
        university.PARTNER: Connector("oaipmh", ("pull",), {"url": outside.campus.repository}),
        club.PARTNER: Connector("spreadsheet", ("pull", "push"), {"folder": str(folder / "club"), **club.SETTINGS}),
    }
    site = throwaway(site_folder, agreements.write(folder / "agreements", connectors))
    stack = Stack(site, tell=tell)
    return Stage(folder, stack, _world(stack, outside, folder))


def _world(stack: Stack, outside: Outside, folder: Path) -> World:
    settings = stack.site.settings()
    gateway = f"http://{HOST}:{stack.site.ports['gateway']}"
    hub = HubCommand({"HUB_DATA": str(stack.site.data), **stack.site.environment()})
    return World(
        today=datetime.now(ZONE).date(),
        outside=outside,
        ngo=folder / "ngo",
        club=Club(folder / "club"),
        hub=hub,
        prefect=PrefectRuns(settings.prefect),
        announce=lambda fact: orderly.loop(lambda: university.announce(settings, fact)),
        read_outbox=lambda: orderly.loop(lambda: university.read_outbox(settings)),
        door=HttpDoor(hub, university.PARTNER, gateway),
        advice=HttpDoor(hub, calendar_server.USER, gateway),
    )
