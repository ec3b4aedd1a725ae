"""What a terminal is told: colours where somebody wants them, progress where somebody watches."""

import os
import sys
from typing import TYPE_CHECKING

import typer

from services.operations.errors import OperationError, UsageError

if TYPE_CHECKING:
    from rich.console import Console


def plain() -> bool:
    """Whether NO_COLOR asks for text alone: no colour, no bold, nothing that moves."""
    return bool(os.environ.get("NO_COLOR"))


def watched() -> bool:
    """Whether somebody sits before both outputs: what only passes the time is for nobody else."""
    return sys.stdout.isatty() and sys.stderr.isatty()


def console(*, stderr: bool = False, soft_wrap: bool = False) -> "Console":
    """Make the console that everything coloured is printed by; without styles where NO_COLOR says so."""
    from rich.console import Console  # noqa: PLC0415 - only a terminal needs it

    return Console(stderr=stderr, soft_wrap=soft_wrap, highlight=False, color_system=None if plain() else "auto")


def shown(text: str) -> str:
    """Leave out what steers a terminal or turns the direction of writing: titles and ids come from outside."""
    return "".join(sign for sign in text if sign.isprintable())


def confirm(question: str, *, yes: bool) -> None:
    """Ask before something is done, unless that was answered beforehand.

    Raises:
        OperationError: the answer is no.
        UsageError: there is nobody to ask.
    """
    if yes:
        return
    try:
        agreed = typer.confirm(question)
    except typer.Abort:
        typer.echo(err=True)
        if sys.stdin.isatty():
            raise  # Ctrl-C
        raise UsageError(
            "expected an answer, there is nobody to give it: nothing was done; say it with --yes"
        ) from None
    if not agreed:
        raise OperationError("nothing was done")
