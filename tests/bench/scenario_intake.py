"""Intake alone, and what a user would pick instead: one inbox of one partition, the same messages for everybody."""

from collections.abc import Iterator, Sequence

from contracts.topics import inbox, submitted
from tests.bench import topics
from tests.bench.contestant import CONTESTANTS, Contestant
from tests.bench.feeding import feed
from tests.bench.messages import events
from tests.bench.plan import Plan
from tests.bench.progress import tell
from tests.bench.repetitions import interleaved
from tests.bench.samples import Sample
from tests.bench.setting_up import set_up


def measure(plan: Plan, contestants: Sequence[Contestant] = CONTESTANTS) -> Iterator[Sample]:
    """Yield for each contestant records a second and microseconds of CPU a record."""
    with set_up(plan.partners) as stage:
        partner = stage.partners[0]
        feed(stage.kafka, inbox(partner), events(partner, range(plan.messages), seed=plan.seed))
        for repetition, contestant in interleaved(contestants, plan.repetitions):
            curve = contestant.run(stage, partner, contestant.share(plan))
            topics.empty(stage.cluster, stage.places(topics.OUT, submitted("events")))
            tell(f"intake {repetition + 1}: {contestant.name} {curve.rate:,.0f}/s, {curve.work:.0f} us of CPU")
            yield Sample("intake.rate", contestant.name, repetition, curve.rate)
            yield Sample("intake.work", contestant.name, repetition, curve.work)
            yield Sample("intake.records", contestant.name, repetition, curve.last.seen)
