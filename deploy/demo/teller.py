"""Tells the story on standard output as it happens."""

import time
from collections.abc import Iterable

from services.operations.terminal import console

MOST_LINES = 40


class Teller:
    """Prints with the time since the start; progress only where somebody watches."""

    def __init__(self) -> None:
        """Start the clock."""
        self.console = console(soft_wrap=True)
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
        """Show what a command prints; of very much the beginning."""
        self.typed([command])
        for line in lines[:MOST_LINES]:
            self.console.print(f"{'':>11}{line}", markup=False)
        if len(lines) > MOST_LINES:
            self.console.print(f"{'':>11}… and {len(lines) - MOST_LINES} more lines", markup=False)

    def typed(self, commands: Iterable[str]) -> None:
        """Show commands, to be pasted."""
        for command in commands:
            self.console.print(f"{'':>11}$ {command}", markup=False)

    def progress(self, text: str) -> None:
        """Tell what is ready; silent in a pipe."""
        if self.console.is_terminal:
            self.console.print(f"[dim]{self._clock()} {text}[/dim]")

    def _clock(self) -> str:
        return f"{time.monotonic() - self._start:6.1f} s"
