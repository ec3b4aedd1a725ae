"""A job that runs at most once, whatever becomes of the flow run that shows it."""

import asyncio
from collections.abc import Callable
from concurrent.futures import Future

from flows.jobs import Job
from flows.report import RunReport

Start = Callable[[Job, bool], "Future[RunReport]"]
"""Starts a job in the runner's own loop."""


class Once:
    """Runs a job at most once, for the flow or, where Prefect failed before that, without it."""

    def __init__(self, job: Job, start: Start) -> None:
        """Nothing is started yet; ``on_start`` is told the future once it is."""
        self._job, self._start = job, start
        self._future: Future[RunReport] | None = None
        self.on_start: Callable[[Future[RunReport]], None] = lambda _: None

    async def __call__(self, job: Job, accept_shrinkage: bool) -> RunReport:  # noqa: FBT001 - as `Carry` says
        """Run it, or wait for it where it runs already."""
        if self._future is None:
            self._future = self._start(job, accept_shrinkage)
            self.on_start(self._future)
        return await asyncio.wrap_future(self._future)

    async def result(self) -> RunReport | None:
        """Return the report, running the job where nobody did; None: it was cancelled."""
        try:
            return await self(self._job, False)  # noqa: FBT003 - as `Carry` says
        except asyncio.CancelledError:
            if self._future is not None and self._future.cancelled():
                return None
            raise
