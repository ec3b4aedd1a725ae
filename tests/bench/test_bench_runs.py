"""A bench of a few hundred messages: that it counts right, never how fast it is."""

from collections.abc import Callable, Iterator

import pytest

from tests.bench import scenario_events, scenario_intake, scenario_latency, scenario_memory, scenario_whole_way
from tests.bench.contestant import BENCH_PYTHON, CONTESTANTS
from tests.bench.names import EVENTS, FLOOR, GROWN, HUB, INTAKE, QUIX
from tests.bench.plan import TINY, Plan
from tests.bench.samples import Sample
from tests.bench.world import READERS

pytestmark = pytest.mark.real


def _counted(samples: Iterator[Sample], kind: str) -> dict[str, float]:
    rows = list(samples)
    assert all(row.value >= 0 for row in rows)  # a small number of records may take less CPU than is counted
    return {row.who: row.value for row in rows if row.what == kind}


def test_intake_and_its_peers_put_out_what_they_were_given() -> None:
    """Each contestant's outputs, read back, are as many as its messages; one that takes one at a time may be ahead."""
    here = [each for each in CONTESTANTS if each.name != QUIX or BENCH_PYTHON.exists()]  # only 'make bench' makes it
    counted = _counted(scenario_intake.measure(TINY, here), "intake.records")
    assert counted.keys() == {each.name for each in here}
    for each in here:
        given = each.share(TINY)
        assert counted[each.name] == given or given == TINY.one_by_one <= counted[each.name]


@pytest.mark.parametrize(
    ("measure", "kind", "expected"),
    [
        (scenario_events.measure, "events.records", {EVENTS: TINY.facts}),
        (scenario_whole_way.measure, "whole.records", {HUB: TINY.facts * (READERS + 1)}),
        (scenario_whole_way.measure_grown, "whole.records", {GROWN: TINY.facts * (READERS + 1)}),
        (scenario_latency.measure, "latency.records", dict.fromkeys((HUB, FLOOR), TINY.pace * 2)),
        (scenario_memory.measure, "memory.records", {INTAKE: TINY.portion}),
    ],
    ids=["events", "whole way", "grown", "latency", "memory"],
)
def test_everything_comes_out_once(
    measure: Callable[[Plan], Iterator[Sample]], kind: str, expected: dict[str, float]
) -> None:
    """No output is missing and none is double, wherever the clock runs."""
    assert _counted(measure(TINY), kind) == expected
