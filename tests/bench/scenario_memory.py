"""The memory of one service under load, from its first messages to its last."""

from collections.abc import Iterator

from contracts.topics import inbox, submitted
from tests.bench import topics
from tests.bench.feeding import feed
from tests.bench.messages import events
from tests.bench.names import INTAKE
from tests.bench.plan import Plan
from tests.bench.progress import tell
from tests.bench.samples import Sample
from tests.bench.setting_up import set_up
from tests.bench.watching import Watcher

MEGABYTE = 2**20


def measure(plan: Plan) -> Iterator[Sample]:
    """Yield the most megabytes that intake had resident during each portion; a repetition is a portion here."""
    with set_up(plan.partners) as stage:
        partner, places = stage.partners[0], stage.places(submitted("events"))
        messages = list(events(partner, range(plan.portion), seed=plan.seed))
        with stage.services("intake"):
            stage.await_ready("intake")
            for portion in range(plan.lifetime // plan.portion):
                watcher = Watcher(stage.kafka, places)
                watcher.of(stage.pid("intake"))
                feed(stage.kafka, inbox(partner), messages)
                curve = watcher.until(plan.portion, lambda: stage.failed("intake"))
                topics.empty(stage.cluster, [*places, *stage.places(inbox(partner))])
                tell(f"memory after {(portion + 1) * plan.portion:,}: {curve.memory / MEGABYTE:.0f} MB")
                yield Sample("memory.peak", INTAKE, portion, curve.memory / MEGABYTE)
                yield Sample("memory.records", INTAKE, portion, curve.last.seen)
