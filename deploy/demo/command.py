"""``hub demo``: the whole hub on this machine, told as it happens."""

import time
from typing import Annotated

import typer
from rich.console import Console

from deploy.demo.guests import GuestCalendarError, invite
from deploy.demo.stage import Stage, stage
from deploy.demo.story import PREFECT, SCENES, Scene
from deploy.interruption import interruptible
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


class Teller:
    """Prints with the time since the start; progress only where somebody watches."""

    def __init__(self) -> None:
        """Start the clock."""
        self.console = Console(highlight=False, soft_wrap=True)
        self._start = time.monotonic()

    def happened(self, text: str) -> None:
        """Tell what somebody did."""
        self.console.print(f"{self._clock()} [bold]{text}[/bold]")

    def seen(self, where: str, lines: list[str]) -> None:
        """Tell what was read, and where."""
        for line in lines:
            self.console.print(f"{self._clock()}   [green]→ {where}:[/green] ", end="")
            self.console.print(line, markup=False)

    def printed(self, command: str, lines: list[str]) -> None:
        """Show what a command prints."""
        for line in (f"$ {command}", *lines):
            self.console.print(f"{'':>11}{line}", markup=False)

    def progress(self, text: str) -> None:
        """Tell what is ready; silent in a pipe."""
        if self.console.is_terminal:
            self.console.print(f"[dim]{self._clock()} {text}[/dim]")

    def _clock(self) -> str:
        return f"{time.monotonic() - self._start:6.1f} s"


def demo(
    keep: Annotated[bool, typer.Option("--keep", help="Leave everything running afterwards.")] = False,  # noqa: FBT002 - a flag of the command line
    calendar: Annotated[
        str | None, typer.Option(help="Your own calendar (.ics file or address), as one more guest of the city's.")
    ] = None,
) -> None:
    """Play the hub's story on real parts, on this machine, and leave nothing behind.

    Example: hub demo --calendar my-courses.ics
    """
    teller = Teller()
    with interruptible(), stage(teller.progress, keep=keep) as running:
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
        data = running.stack.site.data
        teller.happened(f"Everything goes on. Stop it with: hub down --data {data}; then remove {running.folder}")
