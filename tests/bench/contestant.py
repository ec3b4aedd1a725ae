"""Who is measured on the way from an inbox to the first output: a row each."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from contracts.topics import inbox, submitted
from tests.bench.curve import Curve
from tests.bench.names import COPY, INTAKE, ONE_BY_ONE, QUIX
from tests.bench.plan import Plan
from tests.bench.stage import Stage
from tests.bench.topics import OUT
from tests.bench.watching import Watcher

BENCH_PYTHON = Path(__file__).parents[2] / ".hub" / "bench" / "bin" / "python"


@dataclass(frozen=True, slots=True)
class Contestant:
    """One row: its name, how many messages it gets, and how it is run to its last output."""

    name: str
    share: Callable[[Plan], int]
    run: Callable[[Stage, str, int], Curve]


def _ours(stage: Stage, partner: str, number: int) -> Curve:
    stage.rewind("hub.intake", inbox(partner))
    watcher = Watcher(stage.kafka, stage.places(submitted("events")))
    with stage.services("intake"):
        watcher.of(stage.pid("intake"))
        return watcher.until(number, lambda: stage.failed("intake"))


def _peer(module: str, python: Path | None = None) -> Callable[[Stage, str, int], Curve]:
    def run(stage: Stage, partner: str, number: int) -> Curve:
        watcher = Watcher(stage.kafka, stage.places(OUT))
        with stage.peer(module, inbox(partner), OUT, python=python) as peer:
            watcher.of(peer.pid)
            return watcher.until(number, lambda: stage.ended(module, peer))

    return run


def _all(plan: Plan) -> int:
    return plan.messages


CONTESTANTS = (
    Contestant(INTAKE, _all, _ours),
    Contestant(QUIX, _all, _peer("quix_exactly_once", BENCH_PYTHON)),
    Contestant(COPY, _all, _peer("aiokafka_copy")),
    Contestant(ONE_BY_ONE, lambda plan: plan.one_by_one, _peer("faststream_one_by_one")),
)
