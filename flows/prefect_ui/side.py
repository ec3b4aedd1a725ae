"""What the runner shows in Prefect: deployments, runs, their ends. Lives in a thread and loop of its own."""

from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import Future
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import httpx
import structlog
from prefect.client.orchestration import PrefectClient
from prefect.client.schemas.filters import (
    DeploymentFilter,
    DeploymentFilterTags,
    FlowRunFilter,
    FlowRunFilterDeploymentId,
    FlowRunFilterState,
    FlowRunFilterStateType,
    FlowRunFilterTags,
)
from prefect.client.schemas.objects import FlowRun, State, StateType
from prefect.client.schemas.sorting import FlowRunSort
from prefect.exceptions import Abort
from prefect.flow_engine import run_flow_async
from prefect.states import Cancelled, Crashed

from flows.jobs import Job
from flows.prefect_ui.deployments import deploy
from flows.prefect_ui.flows import CARRY, FLOWS
from flows.prefect_ui.once import Once, Start
from flows.prefect_ui.past import Backlog, Past
from flows.prefect_ui.telling import give_name, tell, tell_outcome
from flows.prefect_ui.words import BY_SCHEDULE, TAG, run_name
from flows.report import RunReport

_OURS = DeploymentFilter(tags=DeploymentFilterTags(all_=[TAG]))
_UNENDED = [StateType.RUNNING, StateType.PENDING, StateType.CANCELLING]
_NAMED_AT_ONCE = 25  # so that naming many does not keep a run waiting that is due


class PrefectSide:
    """One connection to Prefect's API. Whatever it raises, the job itself is run exactly once."""

    def __init__(self, client: PrefectClient, start: Start, backlog: Backlog) -> None:
        """Take an open client; ``start`` runs a job where its database connections live."""
        self._client, self._start, self._backlog = client, start, backlog
        self._deployments: dict[UUID, Job] = {}
        self._ours: set[UUID] = set()  # flow runs taken by this process
        self._running: dict[UUID, Future[RunReport]] = {}
        self.paused: frozenset[Job] = frozenset()  # whose schedule somebody stopped in the UI

    async def register(self, intervals: Mapping[Job, timedelta]) -> None:
        """Make the deployments those of the agreements, and end runs that a former runner left behind."""
        for job, interval in intervals.items():
            self._deployments[await deploy(job, interval)] = job
        for deployment in await self._client.read_deployments(deployment_filter=_OURS):
            if deployment.id not in self._deployments:
                await self._client.delete_deployment(deployment.id)
        for run in await self._runs(_UNENDED):
            if run.id not in self._ours:
                state: State[None] = Crashed(message="The runner or Prefect ended before this run did")
                await self._client.set_flow_run_state(run.id, state, force=True)

    async def tell_missed(self) -> None:
        """Show the runs that were over before Prefect was there."""
        while (run := self._backlog.first()) is not None:
            try:
                await tell(self._client, self._deployment(run.job), run)
            except httpx.HTTPStatusError as error:
                if error.response.is_server_error:
                    raise
                structlog.get_logger("flows").warning("prefect_refused_a_run", job=str(run.job), exc_info=True)
            self._backlog.told(run)

    async def name_scheduled(self) -> None:
        """Give our names to what Prefect's scheduler has made since: its own are words at random."""
        tag = FlowRunFilterTags(all_=[BY_SCHEDULE])
        order = FlowRunSort.NEXT_SCHEDULED_START_TIME_ASC
        for run in await self._runs([StateType.SCHEDULED], tag, sort=order, limit=_NAMED_AT_ONCE):
            await self._named(run)

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
        for run in fresh:
            await self._named(run)
        return [(self._deployments[run.deployment_id], run) for run in fresh if run.deployment_id]

    async def note_paused(self) -> None:
        """Ask whose schedule is stopped there."""
        found = await self._client.read_deployments(deployment_filter=_OURS)
        stopped = [each.id for each in found if each.paused or not any(one.active for one in each.schedules)]
        self.paused = frozenset(job for each, job in self._deployments.items() if each in stopped)

    async def carry(self, job: Job, asked: Sequence[object]) -> RunReport | None:
        """Run a job as a flow run: of those scheduled the most particular, or a new one. None: it was cancelled."""
        once, began, shown = Once(job, self._start), datetime.now(UTC), False
        try:
            run = await self._chosen(job, [each for each in asked if isinstance(each, FlowRun)])
            self._ours.add(run.id)
            once.on_start = lambda future: self._running.__setitem__(run.id, future)
            CARRY.set(once)
            await run_flow_async(FLOWS[job.direction], flow_run=run, parameters=run.parameters, return_type="state")
            self._running.pop(run.id, None)
            shown = True
            if (report := await once.result()) is not None and not report.quiet:
                await tell_outcome(self._client, run.id, Past(job, report, began, datetime.now(UTC)))
        except Abort:  # somebody cancelled it before it began
            return None
        except Exception:  # noqa: BLE001 - Prefect shows the sync; the sync does not wait for Prefect
            structlog.get_logger("flows").warning("prefect_lost_a_run", job=str(job), exc_info=True)
        report = await once.result()
        if report is not None and not shown:
            self._backlog.add(Past(job, report, began, datetime.now(UTC)))
        return report

    async def _chosen(self, job: Job, scheduled: Iterable[FlowRun]) -> FlowRun:
        """Take the run with the most particular wish and the latest time; the others are done with it."""
        runs = sorted(scheduled, key=lambda run: (bool(run.parameters.get("accept_shrinkage")), run.created))
        for run in runs[:-1]:
            state: State[None] = Cancelled(name="Superseded", message=f"Done by the run {runs[-1].name}")
            await self._client.set_flow_run_state(run.id, state, force=True)
        if runs:
            return runs[-1]
        name = run_name(job, datetime.now(UTC))
        return await self._client.create_flow_run_from_deployment(self._deployment(job), name=name)

    async def _named(self, run: FlowRun) -> None:
        job = self._deployments.get(run.deployment_id) if run.deployment_id else None
        if job is not None and not run.name.startswith(f"{job} "):
            await give_name(self._client, run, job)

    def _deployment(self, job: Job) -> UUID:
        return next(each for each, known in self._deployments.items() if known == job)

    async def _runs(self, states: list[StateType], tags: FlowRunFilterTags | None = None, **how: Any) -> list[FlowRun]:  # noqa: ANN401 - sort and limit, in Prefect's words
        wanted = FlowRunFilter(
            deployment_id=FlowRunFilterDeploymentId(any_=list(self._deployments)),
            state=FlowRunFilterState(type=FlowRunFilterStateType(any_=states)),
            tags=tags,
        )
        return await self._client.read_flow_runs(flow_run_filter=wanted, **how)
