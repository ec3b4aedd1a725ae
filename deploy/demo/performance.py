"""Plays the scenes and the closing, and gives up where something does not show."""

import time

from deploy.demo.guests import GuestCalendarError, invite
from deploy.demo.stage import Stage, stage
from deploy.demo.story import PREFECT, SCENES, Scene
from deploy.demo.teller import Teller
from services.operations.errors import OperationError

PATIENCE = 60.0  # seconds until something that should show is given up
LOOK_EVERY = 0.2
CLOSING = (
    ("stream", "Analysts read one stream."),
    ("status", "Operators see where every partner stands, worst first."),
    ("balance", "Nothing is missing: what each door accepted has become something."),
)


class NotSeenError(OperationError):
    """Something that the story tells did not show where it should."""


def perform(calendar: str | None, *, keep: bool) -> None:
    """Play the whole story.

    Args:
        calendar: a file or address of the user's own calendar.
        keep: leave everything running.

    Raises:
        NotSeenError: something did not show where it should.
        OperationError: a part could not be started; its text says why.
    """
    teller = Teller()
    with stage(teller.progress, keep=keep) as running:
        for scene in SCENES:
            play(scene, running, teller)
        if calendar is not None:
            _invite(calendar, running, teller)
        _close(running, teller, keep=keep)


def play(scene: Scene, running: Stage, teller: Teller) -> None:
    """Let a scene happen and look until it shows.

    Raises:
        NotSeenError: it did not within `PATIENCE`.
    """
    scene.act(running.world)
    teller.happened(scene.does)
    until = time.monotonic() + PATIENCE
    while not (lines := scene.look(running.world)):
        if time.monotonic() > until:
            raise NotSeenError(f"expected in {scene.sees} what '{scene.does}' brings, waited {PATIENCE:.0f} s")
        time.sleep(LOOK_EVERY)
    teller.seen(scene.sees, lines)


def _invite(calendar: str, running: Stage, teller: Teller) -> None:
    try:
        lines = invite(calendar, running.world)
    except GuestCalendarError as error:
        teller.happened(str(error))
    else:
        teller.happened("Your calendar joins the city's.")
        teller.seen("the NGO's folder", lines)


def _close(running: Stage, teller: Teller, *, keep: bool) -> None:
    for word, why in CLOSING:
        teller.happened(why)
        teller.printed(f"hub {word}", running.world.hub.lines(word))
    play(PREFECT, running, teller)
    if keep:
        data, city = running.stack.site.data, running.world.city.folder
        teller.happened("Everything goes on. To end it:")
        teller.printed(f"hub down --data {data}", [f"$ hub down --data {city}", f"$ rm -r {running.folder}"])
