"""``hub demo``: the whole hub on this machine. Importing this is cheap: every ``hub`` command does."""

from typing import Annotated

import typer

from deploy.interruption import interruptible
from services.operations.start import INTERRUPTED, loading


def demo(
    keep: Annotated[bool, typer.Option("--keep", help="Leave everything running afterwards.")] = False,  # noqa: FBT002 - a flag of the command line
    calendar: Annotated[
        str | None, typer.Option(help="Your own calendar (an .ics file or an address): its entries join the city's.")
    ] = None,
) -> None:
    """Play the hub's story on real parts, on this machine, and leave nothing behind.

    Example: hub demo --calendar my-courses.ics
    """
    with loading():
        from deploy.demo.performance import perform  # noqa: PLC0415 - the work imports what it needs

    with interruptible(_stopped):
        perform(calendar, keep=keep)


def _stopped() -> None:
    typer.echo("stopped; nothing is left behind", err=True)
    raise typer.Exit(INTERRUPTED)
