"""``make bench``: measures the hub's engine against what a user would pick instead, and writes what came out."""

import argparse
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from deploy.interruption import interruptible
from tests.bench import (
    report,
    scenario_events,
    scenario_instances,
    scenario_intake,
    scenario_latency,
    scenario_memory,
    scenario_whole_way,
)
from tests.bench.contestant import BENCH_PYTHON
from tests.bench.machine import ROOT, machine
from tests.bench.plan import FULL, PLANS, QUICK, Plan
from tests.bench.samples import Sample

SCENARIOS: Mapping[str, Callable[[Plan], Iterator[Sample]]] = {
    "intake": scenario_intake.measure,
    "events": scenario_events.measure,
    "whole": scenario_whole_way.measure,
    "latency": scenario_latency.measure,
    "memory": scenario_memory.measure,
    "instances": scenario_instances.measure,
    "grown": scenario_whole_way.measure_grown,
}
KEPT = ROOT / "docs" / "measurements"
PASSING = ROOT / ".hub" / "measurements"


def run(plan: Plan, names: Sequence[str], folder: Path) -> list[Sample]:
    """Measure some scenarios and write the results after each, so that an interrupted run keeps what it has."""
    about, samples = machine(), list[Sample]()
    for name in names:
        samples += SCENARIOS[name](plan)
        written = report.written(folder, plan, about, samples)
    if BENCH_PYTHON.exists():
        subprocess.run([BENCH_PYTHON, "-m", "tests.bench.plot", str(written)], cwd=ROOT, check=True)  # noqa: S603
    return samples


def main(words: Sequence[str]) -> None:
    """Read the words, measure, tell."""
    parser = argparse.ArgumentParser(prog="make bench", description=__doc__)
    parser.add_argument("--only", nargs="+", choices=SCENARIOS, default=list(SCENARIOS), help="some scenarios")
    parser.add_argument("--plan", choices=PLANS, default=FULL.name, help="the sizes by name")
    parser.add_argument("--quick", dest="plan", action="store_const", const=QUICK.name, help="minutes, not an hour")
    parser.add_argument("--repetitions", type=int, help="how often each contestant runs")
    parser.add_argument("--seed", type=int, help="of the messages")
    parser.add_argument("--output", type=Path, help="folder of the results")
    given = parser.parse_args(words)
    plan = PLANS[given.plan]
    plan = replace(plan, **{name: value for name in ("repetitions", "seed") if (value := getattr(given, name))})
    whole = plan.name == FULL.name and given.only == list(SCENARIOS)
    folder = given.output or (KEPT if whole else PASSING)
    with interruptible(lambda: sys.exit(130)):
        samples = run(plan, given.only, folder)
    sys.stdout.write(f"{report.told(samples)}\n\n{folder / report.PAGE}\n")


if __name__ == "__main__":
    main(sys.argv[1:])
