"""The whole way, inbox to outbox, all services on this machine; and the same with many times as many partners."""

from collections.abc import Iterator
from dataclasses import replace

from contracts.topics import UNIFIED, inbox, outbox
from tests.bench import catalogue, topics
from tests.bench.feeding import feed
from tests.bench.letting_go import let_go
from tests.bench.messages import events
from tests.bench.names import GROWN, HUB
from tests.bench.plan import Plan
from tests.bench.progress import tell
from tests.bench.samples import Sample
from tests.bench.setting_up import set_up
from tests.bench.stage import Stage
from tests.bench.watching import Watcher
from tests.bench.world import READERS

SERVICES = ("intake", "events", "dispatch")


def measure(plan: Plan) -> Iterator[Sample]:
    """Yield facts a second and microseconds of CPU a fact."""
    yield from _measure(plan, HUB)


def measure_grown(plan: Plan) -> Iterator[Sample]:
    """Yield the same for a hub with as many times the partners and events as the plan says, and as many facts."""
    yield from _measure(replace(plan, partners=plan.partners * plan.growth, events=plan.events * plan.growth), GROWN)


def _measure(plan: Plan, who: str) -> Iterator[Sample]:
    with set_up(plan.partners) as stage:
        catalogue.fill(stage.stack.site.settings(), stage.partners, plan.events, plan.seed)
        for repetition in range(plan.repetitions):
            seconds, work, seen = _once(stage, plan, repetition)
            tell(f"{who} {repetition + 1}: {plan.facts / seconds:,.0f}/s, {work:.0f} us of CPU")
            yield Sample("whole.rate", who, repetition, plan.facts / seconds)
            yield Sample("whole.work", who, repetition, work)
            yield Sample("whole.records", who, repetition, seen)


def _once(stage: Stage, plan: Plan, repetition: int) -> tuple[float, float, int]:
    """Return the seconds from the moment intake is let go to the last output, CPU a fact, and the outputs."""
    told = [UNIFIED, *map(outbox, stage.partners)]
    messages = {
        partner: list(events(partner, own, repetition + 2, plan.seed))
        for partner, own in catalogue.shares(stage.partners, plan.facts).items()
    }
    watcher = Watcher(stage.kafka, stage.places(*told))

    def feeding() -> None:
        for partner, own in messages.items():
            feed(stage.kafka, inbox(partner), own)

    seconds, cpu, seen = let_go(stage, watcher, SERVICES, feeding, plan.facts * (READERS + 1))
    topics.empty(stage.cluster, stage.places(*told, *map(inbox, stage.partners)))
    return seconds, 1e6 * cpu / plan.facts, seen
