"""The short run, fault by fault: nothing acknowledged is lost, nothing happens twice, order holds per key."""

from collections.abc import Iterator

import pytest

from tests.faults.faults import FAULTS, Fault
from tests.faults.run import Run, running

pytestmark = pytest.mark.real
SEED = 1


@pytest.fixture(scope="module")
def run() -> Iterator[Run]:
    """Three Kafka nodes, PostgreSQL and the services, under load while a fault happens."""
    with running(seed=SEED, rate=60, session_ms=6_000) as whole:
        yield whole


@pytest.mark.parametrize("fault", [fault for fault in FAULTS if fault.short], ids=lambda fault: fault.name)
def test_nothing_is_lost_doubled_or_reordered(run: Run, fault: Fault) -> None:
    """Promises 1 to 6, 8, 9, 11 and 12, as a reader of topics, tables and the partners' ledger can tell."""
    assert run.one(fault, fault.short).findings.told() == "nothing"
