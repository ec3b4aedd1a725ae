"""Runs that are over, as Prefect is told of them; and those that were over before it was there."""

from collections import Counter, deque
from dataclasses import dataclass, replace
from datetime import datetime
from logging import ERROR, INFO, WARNING
from threading import Lock

from flows.jobs import Job
from flows.prefect_ui.words import run_name
from flows.reconciling.reconciliation import DIFFERENCES
from flows.report import RunReport

MOST = 200  # the latest: Prefect may be away for days
LEVELS = dict.fromkeys(("refused", "proposals", *DIFFERENCES), WARNING) | {"failed": ERROR}


@dataclass(frozen=True, slots=True)
class Past:
    """One run, and when it really was: Prefect dates what it is told by its own clock alone."""

    job: Job
    report: RunReport
    began: datetime
    ended: datetime

    @property
    def name(self) -> str:
        """What it is called in Prefect's lists."""
        return run_name(self.job, self.began, self.report.outcome() or ("failed" if self.report.failed else ""))

    def unseen(self) -> str:
        """Say in one line what it did and when, for one that Prefect did not see."""
        seconds = (self.ended - self.began).total_seconds()
        when = f"{self.began:%Y-%m-%d %H:%M:%S} UTC for {seconds:.1f} s"
        return f"{self.report}; ran at {when}, while Prefect was not there to show it"

    def lines(self) -> list[tuple[datetime, int, str]]:
        """Return its log: when, how grave (as Python's logging says), and what. Where it is, only the table tells."""
        found = Counter((name, f"{name}: {replace(each, where='')}") for name, each in self.report.findings())
        told = [
            (self.ended, LEVELS.get(name, INFO), said if number == 1 else f"{said} ({number} times)")
            for (name, said), number in found.items()
        ]
        return [(self.began, INFO, "begins"), (self.ended, INFO, str(self.report)), *told]


class Backlog:
    """Those not told yet: one thread adds, another takes. Runs that found all as it was are left out."""

    def __init__(self) -> None:
        """Begin with none."""
        self._runs: deque[Past] = deque(maxlen=MOST)
        self._lock = Lock()

    def add(self, run: Past) -> None:
        """Remember a run for Prefect."""
        if not run.report.quiet:
            with self._lock:
                self._runs.append(run)

    def first(self) -> Past | None:
        """Return the oldest; None where all were told."""
        with self._lock:
            return self._runs[0] if self._runs else None

    def told(self, run: Past) -> None:
        """Forget it."""
        with self._lock:
            if self._runs and self._runs[0] is run:  # otherwise it made room for a newer one meanwhile
                self._runs.popleft()
