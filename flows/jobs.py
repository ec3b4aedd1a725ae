"""What there is to do: one job per partner and direction, from the agreements."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Literal

from contracts.agreement import Agreement, Connector, Direction

Errand = Direction | Literal["reconcile"]
"""What a job does: one of the directions, or comparing both."""

RECONCILE: Literal["reconcile"] = "reconcile"


class UnknownJobError(Exception):
    """No agreement opens this direction for this partner through a connector."""


@dataclass(frozen=True, slots=True, order=True)
class Job:
    """Pull one partner, push to it, or compare its system with the hub."""

    partner: str
    direction: Errand

    def __str__(self) -> str:
        """``<partner> pull``: names runs, deployments and locks."""
        return f"{self.partner} {self.direction}"


def jobs_of(agreements: Mapping[str, Agreement]) -> dict[Job, Connector]:
    """Return every job with the connector that does it."""
    return {
        Job(agreement.id, direction): agreement.connector
        for agreement in agreements.values()
        if agreement.connector is not None
        for direction in (*agreement.connector.directions, RECONCILE)
    }


def interval_of(job: Job, connector: Connector) -> timedelta:
    """Return how often a job runs by itself; pushes follow arrivals."""
    return connector.reconcile if job.direction == RECONCILE else connector.interval


def job_of(agreements: Mapping[str, Agreement], partner: str, direction: str) -> Job:
    """Find one job by its words.

    Raises:
        UnknownJobError: there is none; the message lists what there is.
    """
    if partner in agreements and agreements[partner].connector is None:
        raise UnknownJobError(
            f"expected a partner with a connector, {partner} has none: it sends and reads with its own Kafka client, "
            f"and there is nothing to {direction}"
        )
    known = jobs_of(agreements)
    found = next((job for job in known if str(job) == f"{partner} {direction}"), None)
    if found is None:
        listed = ", ".join(map(str, sorted(known))) or "none: no agreement has a [connector]"
        raise UnknownJobError(f"expected one of: {listed}; came {partner} {direction}")
    return found
