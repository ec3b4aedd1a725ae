"""The stateful service alone: cursor, states, marks, outbox and publication, over a catalogue that is filled."""

from collections.abc import Iterator
from functools import partial

from contracts.topics import recorded, submitted
from tests.bench import catalogue
from tests.bench.feeding import feed
from tests.bench.letting_go import let_go
from tests.bench.messages import events
from tests.bench.names import EVENTS
from tests.bench.plan import Plan
from tests.bench.progress import tell
from tests.bench.samples import Sample
from tests.bench.setting_up import set_up
from tests.bench.stage import Stage
from tests.bench.stamping import stamped
from tests.bench.watching import Watcher

NEW = 4  # one fact in as many is about an event that the catalogue does not know


def numbers(plan: Plan, repetition: int) -> list[int]:
    """Return which events the facts of a repetition are about: most are known, a share is new."""
    new = range(plan.events + repetition * plan.facts, plan.events + (repetition + 1) * plan.facts)
    return [new[each] if each % NEW == 0 else each for each in range(plan.facts)]


def measure(plan: Plan) -> Iterator[Sample]:
    """Yield facts a second and microseconds of the service's CPU a fact."""
    with set_up(plan.partners) as stage:
        catalogue.fill(stage.stack.site.settings(), stage.partners[:1], plan.events, plan.seed)
        for repetition in range(plan.repetitions):
            watcher = Watcher(stage.kafka, stage.places(recorded("events")))
            feeding = partial(_feed, stage, plan, repetition)
            seconds, cpu, seen = let_go(stage, watcher, ("events",), feeding, plan.facts)
            rate, work = plan.facts / seconds, 1e6 * cpu / plan.facts
            tell(f"events {repetition + 1}: {rate:,.0f}/s, {work:.0f} us of CPU")
            yield Sample("events.rate", EVENTS, repetition, rate)
            yield Sample("events.work", EVENTS, repetition, work)
            yield Sample("events.records", EVENTS, repetition, seen)


def _feed(stage: Stage, plan: Plan, repetition: int) -> int:
    """Write facts as intake would have; a known event is told under its next revision."""
    told = events(stage.partners[0], numbers(plan, repetition), repetition + 2, plan.seed)
    return feed(stage.kafka, submitted("events"), map(stamped(stage.partners[0]), told))
