"""Showing that long work goes on: on a terminal only, and not where NO_COLOR asks for text that stays."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from services.operations.terminal import console, plain, watched


@contextmanager
def counting_up(what: str) -> Iterator[Callable[[int], None]]:
    """Give a function that takes what was done since its last call; the sum is shown while the block runs."""
    if plain() or not watched():
        yield lambda _: None
        return
    from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn  # noqa: PLC0415 - see console

    columns = (SpinnerColumn(), TextColumn(f"{{task.completed:.0f}} {what}"), TimeElapsedColumn())
    with Progress(*columns, console=console(stderr=True), transient=True) as progress:
        task = progress.add_task(what, total=None)
        yield lambda more: progress.advance(task, more)
