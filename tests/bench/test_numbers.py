import json
import subprocess
import sys
from itertools import pairwise

import pytest

from contracts.admission import Admitted, admit
from contracts.agreements import load_agreements
from tests.bench import plot, report, scenario_events, world
from tests.bench.curve import Curve, Point
from tests.bench.figures import FIGURES, results
from tests.bench.machine import ROOT
from tests.bench.messages import events
from tests.bench.names import COPY, GROWN, HUB, INTAKE, QUIX
from tests.bench.plan import PLANS, TINY, Plan
from tests.bench.repetitions import interleaved
from tests.bench.samples import Sample, Spread, ratios, spread

MACHINE = {"date": "2026-11-24", "cores": 2, "packages": {"aiokafka": "0.14.0"}}
RATES = [Sample("intake.rate", who, n, rate) for n in range(3) for who, rate in ((INTAKE, 20.0 + n), (QUIX, 10.0))]


def test_every_round_runs_everybody_and_begins_with_another() -> None:
    """Nobody always runs first, and no repetition lacks anybody."""
    rounds = list(interleaved("abc", 4))
    assert [who for n, who in rounds if n == 1] == ["b", "c", "a"]
    assert all(sorted(who for n, who in rounds if n == each) == ["a", "b", "c"] for each in range(4))


def test_a_rate_counts_neither_the_start_nor_what_came_with_it() -> None:
    """Ten records were there when something was seen first; the other ninety took two seconds and a second of CPU."""
    looks = ((0, 0, 0), (5, 0, 3), (6, 10, 4), (7, 50, 4.5), (8, 100, 5), (9, 100, 9))
    curve = Curve(tuple(Point(at, seen, cpu, memory=at) for at, seen, cpu in looks))
    assert (curve.rate, round(curve.work)) == (45, 11_111)
    assert curve.memory == 9


def test_what_comes_at_once_is_counted_from_the_last_look_that_saw_nothing() -> None:
    """One commit brings all: without that rule it would take no time."""
    curve = Curve((Point(0, 0, 0, 0), Point(5, 0, 0, 0), Point(5.5, 100, 1, 0)))
    assert curve.rate == 200


def test_spread_is_the_median_between_its_quartiles() -> None:
    """Of fewer than three numbers, between its ends; of none, nothing."""
    assert spread([5, 1, 2, 3, 4]) == Spread(3, 2, 4, 5)
    assert spread([4, 2]) == Spread(3, 2, 4, 2)
    assert spread([]) is None


def test_ratios_are_taken_within_a_round() -> None:
    """A round that one of the two lacks is left out."""
    rows = [*RATES, Sample("intake.rate", INTAKE, 7, 99.0)]
    assert ratios(rows, "intake.rate", INTAKE, QUIX) == [2.0, 2.1, 2.2]


def test_a_figure_is_judged_by_its_median_and_never_guessed() -> None:
    """Between the bars it has reached the lower; lower is better for times; without numbers it is not measured."""
    rows = [*RATES, *(Sample("latency.p99", HUB, n, 500.0) for n in range(3))]
    rows += [Sample("whole.rate", who, 0, rate) for who, rate in ((HUB, 100.0), (GROWN, 95.0))]
    verdicts = {result.figure.name: result.verdict for result in results(rows)}
    assert verdicts["intake / quixstreams exactly-once"] == "reached"
    assert verdicts["latency p99"] == "missed"
    assert verdicts["cost of a fact, grown / base"] == "reached"
    assert verdicts["two instances / one"] == "not measured"


def test_memory_is_flat_if_its_end_is_like_its_beginning() -> None:
    """The first tenth, in which everything is met for the first time, is not the beginning."""
    rows = [Sample("memory.peak", INTAKE, n, 60.0 if n < 2 else 100.0) for n in range(20)]
    flat = next(result for result in results(rows) if result.figure.name.endswith("last / first"))
    assert (flat.spread, flat.verdict) == (Spread(1, 1, 1, 1), "aim reached")


def test_a_report_holds_every_number_and_every_figure() -> None:
    """What was read back is what was written; the page has a row for each figure."""
    page = report.page(TINY, MACHINE, RATES)
    assert all(f"| {figure.name}, {figure.unit} |" in page for figure in FIGURES)
    assert "| intake / quixstreams exactly-once, x | 2.10 | 2.05 to 2.15 | ≥ 1.60 | ≥ 2.20 | reached |" in page


def test_a_report_is_read_back(tmp_path_factory: pytest.TempPathFactory) -> None:
    """The JSON is enough to tell everything again."""
    path = report.written(tmp_path_factory.mktemp("bench"), TINY, MACHINE, RATES)
    assert report.read(path) == RATES
    assert json.loads(path.read_text())["plan"]["seed"] == TINY.seed


def test_the_plot_shows_the_fastest_first() -> None:
    """Its data are each contestant's repetitions."""
    rows = [{"what": "intake.rate", "who": who, "value": value} for who, value in ((INTAKE, 2), (COPY, 5), (INTAKE, 3))]
    rows.append({"what": "intake.work", "who": QUIX, "value": 9})
    assert plot.bars({"samples": rows}) == [(COPY, [5]), (INTAKE, [2, 3])]


def test_messages_are_admitted_and_of_the_size_that_is_told(tmp_path_factory: pytest.TempPathFactory) -> None:
    """About 700 bytes, the same for the same seed, others for another; the door lets all of them in."""
    folder = tmp_path_factory.mktemp("agreements")
    partner = world.write(folder, 3)[0]
    messages = list(events(partner, range(300)))
    assert {type(admit(message, load_agreements(folder)[partner])) for message in messages} == {Admitted}
    assert 650 < sum(len(message.value or b"") for message in messages) / len(messages) < 750
    assert messages == list(events(partner, range(300)))
    assert messages != list(events(partner, range(300), seed=2))


def test_every_fact_goes_to_the_same_number_of_outboxes(tmp_path_factory: pytest.TempPathFactory) -> None:
    """However many partners there are: or a hundred of them could not be compared with ten."""
    for partners in (3, 10):
        folder = tmp_path_factory.mktemp("agreements")
        world.write(folder, partners)
        agreements = load_agreements(folder)
        kind = next(iter(agreements.values())).inbox.contracts[0]
        readers = {sum(each.receives(kind, source) for each in agreements.values()) for source in agreements}
        assert readers == {world.READERS}


@pytest.mark.parametrize("plan", PLANS.values(), ids=PLANS)
def test_no_fact_is_told_twice(plan: Plan) -> None:
    """A fact under a revision that is known is no news and has no output: the bench would wait for it for ever."""
    assert plan.facts <= plan.events
    told = [set(scenario_events.numbers(plan, repetition)) for repetition in range(2)]
    assert all(len(each) == plan.facts for each in told)
    new = [{number for number in each if number >= plan.events} for each in told]
    assert all(not before & after for before, after in pairwise(new))


def test_help_is_told_without_a_stack() -> None:
    """``make bench ARGS=--help`` starts nothing."""
    command = [sys.executable, "-m", "tests.bench", "--help"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=60)  # noqa: S603
    assert (done.returncode, "--quick" in done.stdout) == (0, True)
