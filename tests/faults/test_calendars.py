"""The short run of what befalls calendar servers: whatever they answer, it deletes nothing, and sync converges."""

from collections.abc import Iterator

import pytest

from tests.faults.calendars.run import CalendarRun, running
from tests.faults.calendars.table import CALENDARS, CalendarFault

pytestmark = pytest.mark.real
SEED = 1


@pytest.fixture(scope="module")
def run() -> Iterator[CalendarRun]:
    """A calendar server, the hub, and between them a proxy; the calendar changes all the time."""
    with running(seed=SEED) as whole:
        yield whole


@pytest.mark.parametrize("fault", [fault for fault in CALENDARS if fault.short], ids=lambda fault: fault.name)
def test_nothing_is_deleted_by_a_mishap_and_all_converges(run: CalendarRun, fault: CalendarFault) -> None:
    """Promises 7 and 10, as a reader of topics and the owner of the calendar can tell."""
    assert run.one(fault, fault.short).findings.told() == "nothing"
