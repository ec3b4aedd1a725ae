"""The short run, one kind of faults after the other: nothing is lost, nothing happens twice, order holds per key."""

from collections.abc import Iterator

import pytest

from tests.faults.faults import FAULTS
from tests.faults.run import Run, running

pytestmark = pytest.mark.real
SEED = 1
SHORT = [fault for fault in FAULTS if fault.short]


@pytest.fixture(scope="module")
def run() -> Iterator[Run]:
    """Three Kafka nodes, PostgreSQL and the services, under load while faults happen."""
    with running(seed=SEED, rate=60, session_ms=6_000) as whole:
        yield whole


@pytest.mark.parametrize("kind", dict.fromkeys(fault.kind for fault in SHORT))
def test_nothing_is_lost_doubled_or_reordered(run: Run, kind: str) -> None:
    """Promises 1 to 6, 8, 9, 11 and 12, as a reader of topics, tables and the partners' ledger can tell."""
    faults = [(fault, fault.short) for fault in SHORT if fault.kind == kind]
    result = run.several(kind, faults)
    assert (result.findings.told(), result.times) == ("nothing", sum(times for _, times in faults))
