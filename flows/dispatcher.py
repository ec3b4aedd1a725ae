"""Who runs when: one run per job at a time.

What is asked for meanwhile is one further run; a push that failed is tried again.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Sequence
from time import monotonic

from flows.jobs import Job
from flows.report import RunReport

AT_ONCE = 4  # runs of different jobs; each holds two database connections
LONGEST_PAUSE = 60.0  # seconds between two tries while a target is away

Request = object
"""What was asked for: a scheduled run of Prefect, or `JUST_RUN`."""

JUST_RUN: Request = "run"
Execute = Callable[[Job, Sequence[Request]], Awaitable[RunReport | None]]


class Dispatcher:
    """One worker per job."""

    def __init__(self, jobs: Iterable[Job], execute: Execute) -> None:
        """Prepare; `serve` starts the workers."""
        self._asked: dict[Job, list[Request]] = {job: [] for job in jobs}
        self._bells = {job: asyncio.Event() for job in self._asked}
        self._execute = execute
        self._places = asyncio.Semaphore(AT_ONCE)
        self.stopping = False
        self.asked_at: dict[Job, float] = {}  # on the clock of `monotonic`

    def ask(self, job: Job, request: Request = JUST_RUN) -> None:
        """Ask for a run of a job, soon."""
        self.asked_at[job] = monotonic()
        self._asked[job].append(request)
        self._bells[job].set()

    async def serve(self) -> None:
        """Run what is asked for until `stop`."""
        async with asyncio.TaskGroup() as workers:
            for job in self._asked:
                workers.create_task(self._work(job), name=str(job))

    def stop(self) -> None:
        """Let the runs under way end, then end `serve`."""
        self.stopping = True
        for bell in self._bells.values():
            bell.set()

    async def _work(self, job: Job) -> None:
        pause = 1.0
        while True:
            await self._bells[job].wait()
            if self.stopping:
                return
            self._bells[job].clear()
            requests, self._asked[job] = self._asked[job], []
            async with self._places:
                report = await self._execute(job, requests)
            failed = report is not None and bool(report.failed)
            if failed and job.direction == "push":  # a pull has its interval; a push would wait for the next arrival
                asyncio.get_running_loop().call_later(pause, self.ask, job)
            pause = min(pause * 2, LONGEST_PAUSE) if failed else 1.0
