"""What the runner writes into Prefect beside the runs under way: runs that are over, names of runs to come.

Prefect dates the states of a run by its own clock alone, and its API takes no other times. So a run that was over
before Prefect was there bears its real times in its name, message and log, and a tag; what Prefect calls its start and
end is when it was told. Nor is there a setting for the names that Prefect's scheduler gives: they are changed.
"""

import json
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import httpx
from prefect.client.orchestration import PrefectClient
from prefect.client.schemas.actions import ArtifactCreate
from prefect.client.schemas.objects import FlowRun

from flows.jobs import Job
from flows.prefect_ui.flows import ended
from flows.prefect_ui.past import Past
from flows.prefect_ui.words import AFTERWARDS, BY_SCHEDULE, run_name


async def tell(client: PrefectClient, deployment: UUID, past: Past) -> None:
    """Make a run that is over, with its table and log; told twice, it is one run."""
    state, key = ended(past.report), f"{past.job} {past.began.isoformat()}"
    state.message = past.unseen()
    run = await client.create_flow_run_from_deployment(
        deployment, name=past.name, state=state, tags=[AFTERWARDS], idempotency_key=key
    )
    table = ArtifactCreate(
        key=f"{past.job.partner}-{past.job.direction}",
        type="table",
        description=past.unseen(),
        data=json.dumps(past.report.table()),
        flow_run_id=run.id,
    )
    await client.create_artifact(table)
    await _write_log(client, run.id, past)


async def tell_outcome(client: PrefectClient, run: UUID, past: Past) -> None:
    """Put what a run did where people look first: into its name and its log."""
    await client.update_flow_run(run, name=past.name)
    await _write_log(client, run, past)


async def give_name(client: PrefectClient, run: FlowRun, job: Job) -> None:
    """Name a scheduled run after its job and time."""
    tags = [tag for tag in run.tags if tag != BY_SCHEDULE]  # so that it is not looked at again
    with suppress(httpx.HTTPStatusError):  # somebody removed it meanwhile
        await client.update_flow_run(
            run.id, name=run_name(job, run.expected_start_time or datetime.now(UTC)), tags=tags
        )


async def _write_log(client: PrefectClient, run: UUID, past: Past) -> None:
    lines: list[dict[str, Any]] = [
        {"name": "hub", "level": level, "message": said, "timestamp": moment.isoformat(), "flow_run_id": str(run)}
        for moment, level, said in past.lines()
    ]
    await client.create_logs(lines)
