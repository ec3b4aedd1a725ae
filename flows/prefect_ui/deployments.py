"""The deployments of the hub's jobs: what Prefect's UI lists, schedules and offers a button for."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from prefect.schedules import Interval
from prefect.types.entrypoint import EntrypointType

from flows.jobs import Errand, Job
from flows.prefect_ui.flows import FLOWS
from flows.prefect_ui.words import TAG

_NIGHT = datetime(2026, 1, 1, 2, 30, tzinfo=UTC)
"""When a daily comparison begins: it reads the whole of a partner's system."""


async def deploy(job: Job, interval: timedelta) -> UUID:
    """Make the deployment of a job what its agreement says; its id stays the same."""
    timed: Mapping[Errand, dict[str, Any]] = {
        "pull": {"interval": interval},
        "reconcile": {"schedules": [Interval(interval, anchor_date=_NIGHT)]},
    }
    deployment = await FLOWS[job.direction].ato_deployment(
        name=str(job),
        **timed.get(job.direction, {}),
        parameters={"partner": job.partner},
        tags=[TAG, job.partner, job.direction],
        entrypoint_type=EntrypointType.MODULE_PATH,
    )
    identifier: UUID = await deployment.aapply()
    return identifier
