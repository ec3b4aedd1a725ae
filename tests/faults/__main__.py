"""``python -m tests.faults``: break everything, count what is left."""

import argparse
import json
import logging
import random
import sys
from pathlib import Path

from rich.console import Console

from tests.faults.faults import FAULTS
from tests.faults.report import as_json, table
from tests.faults.run import Result, running


def main() -> int:
    """Run; return 1 if anything was lost, doubled, reordered or wrong."""
    given = _arguments()
    logging.getLogger("aiokafka").setLevel(logging.CRITICAL)  # its complaints are what is wanted here
    seed = given.seed if given.seed is not None else random.SystemRandom().randrange(2**31)
    console = Console(stderr=True)
    chosen = [(fault, fault.short if given.short else fault.whole) for fault in FAULTS if given.only in fault.name]
    chosen = [(fault, given.times or times) for fault, times in chosen if times or given.times]
    session = 6_000 if given.short else 30_000
    print(f"seed {seed}, session {session // 1000} s, {given.rate:g} messages a second")  # noqa: T201
    results, unproven = list[Result](), dict[str, str]()
    harsh = any(fault.needs for fault, _ in chosen)
    with (
        console.status("") as status,
        running(seed=seed, rate=given.rate, session_ms=session, harsh=harsh, tell=status.update) as run,
    ):
        for fault, times in chosen:
            if reason := fault.unproven(run.parts):
                unproven[fault.name] = reason
                console.print(f"{fault.name}: not proven: {reason}", highlight=False)
                continue
            result = run.one(fault, times)
            results.append(result)
            console.print(f"{result.name}: {result.findings.told()}", highlight=False)
    print(table(results))  # noqa: T201
    if given.json:
        told = {"not_proven": unproven, **as_json(results, seed, session, given.rate)}
        given.json.write_text(json.dumps(told, indent=1) + "\n", encoding="utf-8")
    return int(any(result.findings for result in results))


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="make faults", description=__doc__)
    parser.add_argument("--short", action="store_true", help="the part that CI runs")
    parser.add_argument("--seed", type=int, help="repeat a run (a new one by default)")
    parser.add_argument("--rate", type=float, default=60, help="messages a second of all partners together")
    parser.add_argument("--only", default="", help="faults whose name holds this")
    parser.add_argument("--times", type=int, help="how often each of them")
    parser.add_argument("--json", type=Path, help="where to keep the result")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
