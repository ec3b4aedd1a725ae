"""The deployments of the hub's jobs: what Prefect's UI lists, schedules and offers a button for."""

from datetime import timedelta
from uuid import UUID

from prefect.types.entrypoint import EntrypointType

from flows.jobs import Job
from flows.prefect_flows import FLOWS
from flows.prefect_words import TAG


async def deploy(job: Job, interval: timedelta) -> UUID:
    """Make the deployment of a job what its agreement says; its id stays the same."""
    deployment = await FLOWS[job.direction].ato_deployment(
        name=str(job),
        interval=interval if job.direction == "pull" else None,
        parameters={"partner": job.partner},
        tags=[TAG, job.partner, job.direction],
        entrypoint_type=EntrypointType.MODULE_PATH,
    )
    identifier: UUID = await deployment.aapply()
    return identifier
