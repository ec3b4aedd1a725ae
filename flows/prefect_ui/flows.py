"""The flows as Prefect knows them: thin adapters that name the run, run the job and leave its table."""

import asyncio
from collections.abc import Awaitable, Callable
from contextvars import ContextVar
from datetime import UTC, datetime
from typing import Any

from prefect import State, flow
from prefect.artifacts import acreate_table_artifact
from prefect.runtime import flow_run
from prefect.states import Cancelled, Completed, Failed

from flows.jobs import Errand, Job
from flows.once import run_once
from flows.prefect_ui.words import COMPLETED, QUIET, run_name
from flows.report import RunReport
from services.runtime.settings import Settings

Carry = Callable[[Job, bool], Awaitable[RunReport]]


async def _by_itself(job: Job, accept_shrinkage: bool) -> RunReport:  # noqa: FBT001 - the type of `CARRY`
    """Run where nobody prepared anything: in a worker of a Prefect work pool."""
    return await run_once(Settings(), job.partner, job.direction, accept_shrinkage=accept_shrinkage)


CARRY: ContextVar[Carry] = ContextVar("carry", default=_by_itself)
"""Who runs the job: the runner, where the flow runs inside it."""


def _run_name() -> str:
    return run_name(f"{flow_run.parameters['partner']} {flow_run.flow_name}", datetime.now(UTC))


@flow(name="pull", flow_run_name=_run_name, persist_result=False)
async def pull(partner: str, accept_shrinkage: bool = False) -> State[Any]:  # noqa: FBT001, FBT002 - a field in Prefect's UI
    """Read a partner's system and put what is new into its inbox."""
    return await _carry_out(Job(partner, "pull"), accept_shrinkage=accept_shrinkage)


@flow(name="push", flow_run_name=_run_name, persist_result=False)
async def push(partner: str) -> State[Any]:
    """Write what lies in a partner's outbox into its system."""
    return await _carry_out(Job(partner, "push"), accept_shrinkage=False)


@flow(name="reconcile", flow_run_name=_run_name, persist_result=False)
async def reconcile(partner: str) -> State[Any]:
    """Compare a partner's system with what the hub holds, both ways; change nothing."""
    return await _carry_out(Job(partner, "reconcile"), accept_shrinkage=False)


FLOWS: dict[Errand, Any] = {"pull": pull, "push": push, "reconcile": reconcile}


async def _carry_out(job: Job, *, accept_shrinkage: bool) -> State[Any]:
    try:
        report = await CARRY.get()(job, accept_shrinkage)
    except asyncio.CancelledError:
        return Cancelled(message="Cancelled; what was done until then holds")
    await acreate_table_artifact(
        table=report.table(),
        key=f"{job.partner}-{job.direction}",
        description=str(report),
    )
    return ended(report)


def ended(report: RunReport) -> State[Any]:
    """Return the state of a run: one that found all as it was says so where runs are listed."""
    if report.failed:
        return Failed(message=str(report))
    return Completed(message=str(report), name=QUIET if report.quiet else COMPLETED)
