"""How much is measured: all sizes in one place, once for a full run and once for a look in passing."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Plan:
    """The sizes of one run."""

    name: str
    seed: int = 1
    repetitions: int = 5
    messages: int = 200_000  # of one repetition, intake alone
    one_by_one: int = 5_000  # of them for a peer that takes one at a time
    facts: int = 60_000  # of one repetition, where a database takes part
    partners: int = 10
    events: int = 100_000  # in the catalogue before the clock runs; at least as many as facts
    growth: int = 10  # how many times as many partners and events
    pace: int = 500  # facts a second, for latency
    seconds: int = 60  # of that
    warm_up: int = 5  # seconds of it that do not count
    lifetime: int = 5_000_000  # messages in the life of one process, for its memory
    portion: int = 200_000  # of them at once


FULL = Plan("full")
QUICK = Plan(
    "quick",
    repetitions=3,
    messages=40_000,
    one_by_one=2_000,
    facts=12_000,
    events=20_000,
    seconds=15,
    lifetime=200_000,
    portion=40_000,
)
TINY = Plan(
    "tiny",
    repetitions=1,
    messages=600,
    one_by_one=60,
    facts=300,
    partners=3,
    events=400,
    growth=2,
    pace=50,
    seconds=3,
    warm_up=1,
    lifetime=600,
    portion=300,
)
PLANS = {plan.name: plan for plan in (FULL, QUICK, TINY)}
