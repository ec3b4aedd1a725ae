"""Prefect beside the runner, in a thread of its own.

It takes many seconds to come and may go again; the sync waits for neither.
"""

import asyncio
import os
import tempfile
import threading
from collections.abc import Callable, Coroutine, Mapping, Sequence
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import TYPE_CHECKING, Any

import httpx
import structlog

from flows.jobs import Job
from flows.prefect_ui.past import Backlog, Past
from flows.report import RunReport
from services.runtime.engine.blame import told

if TYPE_CHECKING:
    from flows.prefect_ui.side import PrefectSide

LOOK = 1.0  # seconds between two looks at what is due, or whether Prefect is there
_DEFAULTS = {
    "DO_NOT_TRACK": "1",
    "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
    "PREFECT_API_REQUEST_TIMEOUT": "5",
    "PREFECT_CLIENT_MAX_RETRIES": "1",
    "PREFECT_CLIENT_SERVER_VERSION_CHECK_ENABLED": "false",
    "PREFECT_LOGGING_LEVEL": "WARNING",  # the runner's own log tells the runs
    "PREFECT_LOGGING_TO_API_ENABLED": "false",  # a run's state and its table tell it all
}


class PrefectThread:
    """Shows the runner's jobs in Prefect while its API answers."""

    def __init__(
        self,
        address: str,
        intervals: Mapping[Job, timedelta],
        run: Callable[[Job, bool], Coroutine[Any, Any, RunReport]],
        ask: Callable[[Job, object], None],
    ) -> None:
        """Remember whom to call; both callables belong to the runner's loop."""
        self._address, self._intervals, self._run, self._ask = address, intervals, run, ask
        self._runner = asyncio.get_running_loop()
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._live, name="prefect", daemon=True)
        self._home = tempfile.TemporaryDirectory(prefix="hub-prefect-")
        self._side: PrefectSide | None = None
        self._backlog = Backlog()

    @property
    def ready(self) -> bool:
        """Whether runs can be shown there now."""
        return self._side is not None

    @property
    def paused(self) -> frozenset[Job]:
        """Whose schedule somebody stopped there."""
        return self._side.paused if self._side else frozenset()

    def start(self) -> None:
        """Begin to look for Prefect."""
        self._thread.start()

    async def stop(self) -> None:
        """Leave Prefect; runs under way must have ended."""
        self._loop.call_soon_threadsafe(self._task.cancel)
        await asyncio.to_thread(self._thread.join, 5)

    async def carry(self, job: Job, requests: Sequence[object]) -> RunReport | None:
        """Run a job as a flow run; None: somebody cancelled it."""
        side = self._side
        if side is None:
            began = datetime.now(UTC)
            report = await self._run(job, False)  # noqa: FBT003 - as declared above
            self._backlog.add(Past(job, report, began, datetime.now(UTC)))
            return report
        return await asyncio.wrap_future(asyncio.run_coroutine_threadsafe(side.carry(job, requests), self._loop))

    def _live(self) -> None:
        self._task = self._loop.create_task(self._keep_connected())
        with self._home, suppress(asyncio.CancelledError):
            self._loop.run_until_complete(self._task)
        self._loop.close()

    def _prepare_environment(self) -> None:
        """Say where Prefect is, in its own words; it reads them when it is imported."""
        os.environ["PREFECT_API_URL"] = self._address
        for name, value in {**_DEFAULTS, "PREFECT_HOME": self._home.name}.items():
            os.environ.setdefault(name, value)

    async def _keep_connected(self) -> None:
        log = structlog.get_logger("flows")
        while True:
            await self._until_it_answers()
            try:
                await self._connected()
            except Exception as error:  # noqa: BLE001 - whatever ails Prefect, the sync goes on without it
                log.warning("prefect_lost", reason=told(error))
            finally:
                self._side = None
            await asyncio.sleep(LOOK)

    async def _until_it_answers(self) -> None:
        async with httpx.AsyncClient(timeout=2) as client:
            while True:
                try:
                    if (await client.get(f"{self._address}/health")).is_success:
                        return
                except httpx.HTTPError:
                    pass
                await asyncio.sleep(LOOK)

    async def _connected(self) -> None:
        self._prepare_environment()
        # Only now: the import alone takes two seconds, and the first pull needs none of it.
        from prefect.client.orchestration import get_client  # noqa: PLC0415

        from flows.prefect_ui.side import PrefectSide  # noqa: PLC0415

        async with get_client() as client:
            side = PrefectSide(client, self._start, self._backlog)
            await side.register(self._intervals)
            await side.tell_missed()  # first, so that what happened first is listed first
            self._side = side
            structlog.get_logger("flows").info("prefect_connected", deployments=len(self._intervals))
            for look in count():
                await side.tell_missed()
                await side.name_scheduled()
                for job, run in await side.due():
                    self._runner.call_soon_threadsafe(self._ask, job, run)
                if look % 5 == 0:
                    await side.note_paused()
                await asyncio.sleep(LOOK)

    def _start(self, job: Job, accept_shrinkage: bool) -> Any:  # noqa: ANN401, FBT001 - a concurrent Future, as `Start` says
        return asyncio.run_coroutine_threadsafe(self._run(job, accept_shrinkage), self._runner)
