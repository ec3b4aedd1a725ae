"""What the runner shows in Prefect: deployments, runs, their ends. Lives in a thread and loop of its own."""

import asyncio
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import Future
from datetime import UTC, datetime, timedelta
from uuid import UUID

import structlog
from prefect.client.orchestration import PrefectClient
from prefect.client.schemas.filters import (
    DeploymentFilter,
    DeploymentFilterTags,
    FlowRunFilter,
    FlowRunFilterDeploymentId,
    FlowRunFilterState,
    FlowRunFilterStateType,
)
from prefect.client.schemas.objects import FlowRun, State, StateType
from prefect.exceptions import Abort
from prefect.flow_engine import run_flow_async
from prefect.states import Cancelled, Crashed
from prefect.types.entrypoint import EntrypointType

from flows.jobs import Job
from flows.prefect_flows import CARRY, FLOWS
from flows.report import RunReport

TAG = "learning-city-hub"
_OURS = DeploymentFilter(tags=DeploymentFilterTags(all_=[TAG]))
_UNENDED = [StateType.RUNNING, StateType.PENDING, StateType.CANCELLING]

Start = Callable[[Job, bool], "Future[RunReport]"]
"""Starts a job in the runner's own loop."""


class PrefectSide:
    """One connection to Prefect's API. Whatever it raises, the job itself is run exactly once."""

    def __init__(self, client: PrefectClient, start: Start) -> None:
        """Take an open client; ``start`` runs a job where its database connections live."""
        self._client, self._start = client, start
        self._deployments: dict[UUID, Job] = {}
        self._ours: set[UUID] = set()  # flow runs taken by this process
        self._running: dict[UUID, Future[RunReport]] = {}
        self.paused: frozenset[Job] = frozenset()  # whose schedule somebody stopped in the UI

    async def register(self, intervals: Mapping[Job, timedelta]) -> None:
        """Make the deployments those of the agreements, and end runs that a former runner left behind."""
        for job, interval in intervals.items():
            self._deployments[await _deploy(job, interval)] = job
        for deployment in await self._client.read_deployments(deployment_filter=_OURS):
            if deployment.id not in self._deployments:
                await self._client.delete_deployment(deployment.id)
        for run in await self._runs(_UNENDED):
            if run.id not in self._ours:
                await self._client.set_flow_run_state(run.id, Crashed(message="The runner ended"), force=True)

    async def due(self) -> list[tuple[Job, FlowRun]]:
        """Return the scheduled runs whose time has come, each once; and stop those that somebody cancelled."""
        found = await self._client.get_scheduled_flow_runs_for_deployments(
            list(self._deployments), scheduled_before=datetime.now(UTC)
        )
        for run in await self._runs([StateType.CANCELLING]) if self._running else ():
            if run.id in self._running:
                self._running[run.id].cancel()
        fresh = [run for run in found if run.id not in self._ours and run.deployment_id in self._deployments]
        self._ours.update(run.id for run in fresh)
        return [(self._deployments[run.deployment_id], run) for run in fresh if run.deployment_id]

    async def note_paused(self) -> None:
        """Ask whose schedule is stopped there."""
        found = await self._client.read_deployments(deployment_filter=_OURS)
        stopped = [each.id for each in found if each.paused or not any(one.active for one in each.schedules)]
        self.paused = frozenset(job for each, job in self._deployments.items() if each in stopped)

    async def carry(self, job: Job, asked: Sequence[object]) -> RunReport | None:
        """Run a job as a flow run: of those scheduled the most particular, or a new one. None: it was cancelled."""
        once = _Once(job, self._start)
        try:
            run = await self._chosen(job, [each for each in asked if isinstance(each, FlowRun)])
            self._ours.add(run.id)
            once.on_start = lambda future: self._running.__setitem__(run.id, future)
            CARRY.set(once)
            await run_flow_async(FLOWS[job.direction], flow_run=run, parameters=run.parameters, return_type="state")
            self._running.pop(run.id, None)
        except Abort:  # somebody cancelled it before it began
            return None
        except Exception:  # noqa: BLE001 - Prefect shows the sync; the sync does not wait for Prefect
            structlog.get_logger("flows").warning("prefect_lost_a_run", job=str(job), exc_info=True)
        return await once.result()

    async def _chosen(self, job: Job, scheduled: Iterable[FlowRun]) -> FlowRun:
        """Take the run with the most particular wish and the latest time; the others are done with it."""
        runs = sorted(scheduled, key=lambda run: (bool(run.parameters.get("accept_shrinkage")), run.created))
        for run in runs[:-1]:
            state: State[None] = Cancelled(name="Superseded", message=f"Done by the run {runs[-1].name}")
            await self._client.set_flow_run_state(run.id, state, force=True)
        if runs:
            return runs[-1]
        deployment = next(each for each, known in self._deployments.items() if known == job)
        return await self._client.create_flow_run_from_deployment(deployment)

    async def _runs(self, states: list[StateType]) -> list[FlowRun]:
        wanted = FlowRunFilter(
            deployment_id=FlowRunFilterDeploymentId(any_=list(self._deployments)),
            state=FlowRunFilterState(type=FlowRunFilterStateType(any_=states)),
        )
        return await self._client.read_flow_runs(flow_run_filter=wanted)


class _Once:
    """Runs a job at most once, for the flow or, where Prefect failed before that, without it."""

    def __init__(self, job: Job, start: Start) -> None:
        self._job, self._start = job, start
        self._future: Future[RunReport] | None = None
        self.on_start: Callable[[Future[RunReport]], None] = lambda _: None

    async def __call__(self, job: Job, accept_shrinkage: bool) -> RunReport:  # noqa: FBT001 - as `Carry` says
        if self._future is None:
            self._future = self._start(job, accept_shrinkage)
            self.on_start(self._future)
        return await asyncio.wrap_future(self._future)

    async def result(self) -> RunReport | None:
        try:
            return await self(self._job, False)  # noqa: FBT003 - as `Carry` says
        except asyncio.CancelledError:
            if self._future is not None and self._future.cancelled():
                return None
            raise


async def _deploy(job: Job, interval: timedelta) -> UUID:
    deployment = await FLOWS[job.direction].ato_deployment(
        name=str(job),
        interval=interval if job.direction == "pull" else None,
        parameters={"partner": job.partner},
        tags=[TAG, job.partner, job.direction],
        entrypoint_type=EntrypointType.MODULE_PATH,
    )
    identifier: UUID = await deployment.aapply()
    return identifier
