from datetime import timedelta

import pytest

from contracts.agreements import EXAMPLES, load_agreements
from flows.jobs import Job, UnknownJobError, interval_of, job_of, jobs_of


@pytest.mark.parametrize("direction", ["pull", "push", "reconcile"])
def test_a_partner_with_a_kafka_client_has_nothing_to_run(direction: str) -> None:
    """Who asks for it is told why, not only what others have."""
    words = "universitaet-wuppertal has none: it sends and reads with its own Kafka client"
    with pytest.raises(UnknownJobError, match=words):
        job_of(load_agreements(EXAMPLES), "universitaet-wuppertal", direction)


def test_every_partner_with_a_connector_is_compared_as_its_agreement_says() -> None:
    """Once a day where it says nothing; pulls keep their own interval."""
    agreements = load_agreements(EXAMPLES)
    daily = jobs_of(agreements)
    compared = {job.partner for job in daily if job.direction == "reconcile"}
    assert compared == {each.id for each in agreements.values() if each.connector}
    job = job_of(agreements, "stadt-gelsenkirchen", "reconcile")
    weekly = daily[job].model_copy(update={"reconcile": timedelta(days=7)})
    spans = [interval_of(job, each).days for each in (daily[job], weekly)]
    assert (spans, interval_of(Job(job.partner, "pull"), daily[job])) == ([1, 7], timedelta(minutes=5))
