import pytest

from contracts.agreements import EXAMPLES, load_agreements
from flows.jobs import UnknownJobError, job_of


@pytest.mark.parametrize("direction", ["pull", "push"])
def test_a_partner_with_a_kafka_client_has_nothing_to_run(direction: str) -> None:
    """Who asks for it is told why, not only what others have."""
    words = "universitaet-wuppertal has none: it sends and reads with its own Kafka client"
    with pytest.raises(UnknownJobError, match=words):
        job_of(load_agreements(EXAMPLES), "universitaet-wuppertal", direction)
