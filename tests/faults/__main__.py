"""``python -m tests.faults``: break everything, count what is left."""

import argparse
import logging
import random
import sys
from collections.abc import Callable, Iterable, Sequence
from contextlib import AbstractContextManager
from functools import partial
from pathlib import Path
from typing import Any

from rich.console import Console

from deploy.readiness import NotReadyError
from tests.faults.calendars.run import running as calendars_running
from tests.faults.calendars.table import CALENDARS
from tests.faults.checker.evidence import Findings
from tests.faults.faults import FAULTS
from tests.faults.report import Kept, table
from tests.faults.run import Result, running

RIGS: tuple[tuple[Sequence[Any], Callable[..., AbstractContextManager[Any]]], ...] = (
    (FAULTS, running),
    (CALENDARS, calendars_running),
)
"""Each table of faults with what starts the parts that it breaks."""


def main() -> int:
    """Run; return 1 if anything was lost, doubled, reordered or wrong."""
    given = _arguments()
    logging.getLogger("aiokafka").setLevel(logging.CRITICAL)  # its complaints are what is wanted here
    seed = given.seed if given.seed is not None else random.SystemRandom().randrange(2**31)
    session = 6_000 if given.short else 30_000
    print(f"seed {seed}, session {session // 1000} s, {given.rate:g} messages a second")  # noqa: T201
    kept = Kept(_folder(given), seed, session, given.rate)
    for faults, start in RIGS:
        chosen = [(fault, fault.short if given.short else fault.whole) for fault in faults if given.only in fault.name]
        if chosen := [(fault, given.times or times) for fault, times in chosen if times or given.times]:
            harsh = any(fault.needs for fault, _ in chosen)
            whole = partial(start, seed=seed, rate=given.rate, session_ms=session, harsh=harsh)
            _run(chosen, whole, kept)
    print(table(kept.results))  # noqa: T201
    return int(any(result.findings for result in kept.results))


def _folder(given: argparse.Namespace) -> Path:
    """Say where the result is kept: beside the documentation, if it is that of a whole run."""
    whole = not (given.short or given.only or given.times)
    return given.output or Path("docs" if whole else ".hub", "measurements")


def _run(chosen: Iterable[tuple[Any, int]], start: Callable[..., AbstractContextManager[Any]], kept: Kept) -> None:
    """Break one rig, fault after fault."""
    console = Console(stderr=True)
    with console.status("") as status, start(tell=status.update) as run:
        for fault, times in chosen:
            if reason := fault.unproven(run.parts):
                kept.unproven(fault.name, reason)
                console.print(f"{fault.name}: not proven: {reason}", highlight=False)
                continue
            kept.add(_tried(run, fault, times))
            console.print(f"{fault.name}: {kept.results[-1].findings.told()}", highlight=False)


def _tried(run: Any, fault: Any, times: int) -> Result:  # noqa: ANN401 - of either rig
    """Let a fault happen. One that could not, or after which a part did not come back, is a finding."""
    try:
        result: Result = run.one(fault, times)
    except (TimeoutError, NotReadyError) as error:
        return Result(fault.name, times, 0, [], Findings(wrong=[f"broken off: {error}"]))
    return result


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="make faults", description=__doc__)
    parser.add_argument("--short", action="store_true", help="the part that CI runs")
    parser.add_argument("--seed", type=int, help="repeat a run (a new one by default)")
    parser.add_argument("--rate", type=float, default=60, help="messages a second of all partners together")
    parser.add_argument("--only", default="", help="faults whose name holds this")
    parser.add_argument("--times", type=int, help="how often each of them")
    parser.add_argument("--output", type=Path, help="folder of the result")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
