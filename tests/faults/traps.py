"""The folder of traps: who is to die or to freeze at which point, and who has to do without which protection."""

import os
import signal
from dataclasses import dataclass
from pathlib import Path

from tests.faults.points import Point


@dataclass(frozen=True, slots=True)
class Traps:
    """The folder of traps of all processes."""

    folder: Path

    def set(self, process: str, point: Point, what: signal.Signals) -> None:
        """Let a process get a signal when it next comes to a point."""
        new = self.folder / f"{process}.{point.slug}.new"
        new.write_text(what.name)
        new.rename(self.folder / f"{process}.{point.slug}")

    def sprung(self, process: str, point: Point) -> bool:
        """Whether somebody went into the trap since this was last asked."""
        try:  # in one step: a mark that appears between a look and its removal would be lost
            (self.folder / f"{process}.{point.slug}.sprung").unlink()
        except FileNotFoundError:
            return False
        return True

    def take_protection(self, service: str, mutant: str = "") -> None:
        """Let a service run without a protection from its next start on; with it again, where none is named."""
        (self.folder / f"{service}.without").write_text(mutant)

    def without(self, service: str) -> str:
        """Return the protection that a service has to do without."""
        file = self.folder / f"{service}.without"
        return file.read_text() if file.exists() else ""

    def reached(self, process: str, point: Point) -> None:
        """Spring the trap, if there is one."""
        trap = self.folder / f"{process}.{point.slug}"
        if not trap.exists():
            return
        what = signal.Signals[trap.read_text()]
        trap.rename(trap.with_name(f"{trap.name}.sprung"))
        os.kill(os.getpid(), what)
