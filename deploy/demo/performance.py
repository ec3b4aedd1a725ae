"""Plays the scenes and the closing, and gives up where something does not show."""

import time

from deploy.demo.fetching import fetch
from deploy.demo.guests import read
from deploy.demo.joining import join
from deploy.demo.leaving import leaving
from deploy.demo.scene import Scene
from deploy.demo.stage import Stage, stage
from deploy.demo.story import CLOSING, GUESTS, OPENING, SCENES
from deploy.demo.teller import Teller
from services.operations.errors import OperationError

PATIENCE = 120.0  # seconds until something that should show is given up; a busy machine takes a while
LOOK_EVERY = 0.2


class NotSeenError(OperationError):
    """Something that the story tells did not show where it should."""


def perform(calendar: str | None, *, keep: bool) -> None:
    """Play the whole story.

    Args:
        calendar: a file or address of the user's own calendar.
        keep: leave everything running.

    Raises:
        GuestCalendarError: the calendar cannot be read; nothing was started.
        NotSeenError: something did not show where it should.
        OperationError: a part could not be started; its text says why.
    """
    guests = read(fetch(calendar)) if calendar is not None else None
    teller = Teller()
    for sentence in OPENING:
        teller.happened(sentence)
    with stage(teller.progress, keep=keep) as running:
        for scene in SCENES:
            play(scene, running, teller)
        if guests is not None:
            teller.happened(GUESTS)
            teller.seen("your calendar", join(guests, running.world))
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


def _close(running: Stage, teller: Teller, *, keep: bool) -> None:
    for step in CLOSING:
        if isinstance(step, Scene):
            play(step, running, teller)
        else:
            teller.happened(step.does)
            teller.printed(f"hub {step.word}", running.world.hub.lines(step.word))
    for sentence, commands in leaving(running, keep=keep):
        teller.happened(sentence)
        teller.typed(commands)
