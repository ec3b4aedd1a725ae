"""Latency from inbox to outbox at an even pace, beside its floor: the same transactions with nothing done in them."""

import asyncio
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from statistics import quantiles

from contracts.admission import Message
from contracts.topics import inbox, outbox
from tests.bench import topics
from tests.bench.messages import events
from tests.bench.names import FLOOR, HUB
from tests.bench.pacing import latencies
from tests.bench.plan import Plan
from tests.bench.progress import tell
from tests.bench.repetitions import interleaved
from tests.bench.samples import Sample
from tests.bench.scenario_whole_way import SERVICES
from tests.bench.setting_up import set_up
from tests.bench.stage import Stage
from tests.bench.topics import CHAIN
from tests.bench.world import READERS

STATIONS = ((CHAIN[0], CHAIN[1], ""), (CHAIN[1], CHAIN[2], "row"), (CHAIN[2], CHAIN[3], ""))


def measure(plan: Plan) -> Iterator[Sample]:
    """Yield p50 and p99 in milliseconds of both."""
    with set_up(plan.partners) as stage:
        for repetition, (who, once) in interleaved(((HUB, _hub), (FLOOR, _floor)), plan.repetitions):
            found = once(stage, plan, repetition)[plan.warm_up * plan.pace :]
            percentiles = quantiles(found, n=100, method="inclusive")
            tell(f"latency {repetition + 1}: {who} {1e3 * percentiles[49]:.0f} / {1e3 * percentiles[98]:.0f} ms")
            yield Sample("latency.p50", who, repetition, 1e3 * percentiles[49])
            yield Sample("latency.p99", who, repetition, 1e3 * percentiles[98])
            yield Sample("latency.records", who, repetition, len(found))


def _messages(plan: Plan, partner: str, place: int, partners: int, repetition: int) -> list[Message]:
    own = range(place, plan.pace * plan.seconds, partners)
    return list(events(partner, own, repetition + 1, plan.seed))


def _hub(stage: Stage, plan: Plan, repetition: int) -> list[float]:
    """Partners take turns."""
    told = [
        [(inbox(partner), message) for message in _messages(plan, partner, place, len(stage.partners), repetition)]
        for place, partner in enumerate(stage.partners)
    ]
    outboxes = stage.places(*map(outbox, stage.partners))
    with stage.services(*SERVICES):
        stage.await_ready(*SERVICES)
        return asyncio.run(latencies(stage.kafka, _turns(told), outboxes, plan.pace, READERS))


def _floor(stage: Stage, plan: Plan, repetition: int) -> list[float]:
    told = [(CHAIN[0], message) for message in _messages(plan, stage.partners[0], 0, 1, repetition)]
    topics.empty(stage.cluster, stage.places(*CHAIN))  # the stations read from the first record on
    with ExitStack() as running:
        for station in STATIONS:
            running.enter_context(stage.peer("transactional_copy", *station))
        return asyncio.run(latencies(stage.kafka, told, stage.places(CHAIN[3]), plan.pace, 1))


def _turns(told: Sequence[Sequence[tuple[str, Message]]]) -> list[tuple[str, Message]]:
    return [own[turn] for turn in range(max(map(len, told))) for own in told if turn < len(own)]
