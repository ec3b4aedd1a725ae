"""Two instances of intake beside one: only where there are cores for them."""

import os
from collections.abc import Iterator

from contracts.topics import inbox, submitted
from tests.bench import catalogue, topics
from tests.bench.feeding import feed
from tests.bench.messages import events
from tests.bench.names import ONE, TWO
from tests.bench.plan import Plan
from tests.bench.progress import tell
from tests.bench.repetitions import interleaved
from tests.bench.samples import Sample
from tests.bench.setting_up import NAMELESS, set_up
from tests.bench.stage import Stage
from tests.bench.watching import Watcher

CORES = 6


def measure(plan: Plan) -> Iterator[Sample]:
    """Yield records a second of one and of two; nothing on a machine of fewer cores."""
    if (os.cpu_count() or 1) < CORES:
        tell(f"two instances: not measured, a machine of {CORES} cores is needed")
        return
    with set_up(plan.partners) as stage:
        for partner, own in catalogue.shares(stage.partners, plan.messages).items():
            feed(stage.kafka, inbox(partner), events(partner, own, seed=plan.seed))
        for repetition, who in interleaved((ONE, TWO), plan.repetitions):
            rate = _once(stage, plan, who)
            tell(f"instances {repetition + 1}: {who} {rate:,.0f}/s")
            yield Sample("instances.rate", who, repetition, rate)


def _once(stage: Stage, plan: Plan, who: str) -> float:
    stage.rewind("hub.intake", *map(inbox, stage.partners))
    watcher = Watcher(stage.kafka, stage.places(submitted("events")))
    running = NAMELESS if who == TWO else NAMELESS[:1]
    with stage.services(*running):
        rate = watcher.until(plan.messages, lambda: stage.failed(*running)).rate
    topics.empty(stage.cluster, stage.places(submitted("events")))
    return rate
