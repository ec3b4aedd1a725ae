import logging
from datetime import timedelta

from flows.jobs import Job
from flows.prefect_ui.past import MOST, Backlog, Past
from flows.report import Finding, RunReport
from tests.flows.partner import NOW

PULL = Job("stadt", "pull")


def past(report: RunReport) -> Past:
    """A run of that report, of half a second."""
    return Past(PULL, report, NOW, NOW + timedelta(seconds=0.5))


def pull(**counts: object) -> RunReport:
    """A pull that found this."""
    return RunReport("stadt", "pull", **counts)  # type: ignore[arg-type]


def test_a_run_is_named_after_what_it_did() -> None:
    """Lists show whose run, which way, when it really began, and its numbers or that it failed."""
    assert past(pull(read=9, new=5, unchanged=2, echoes=2)).name.endswith("UTC: 9 read, 5 new")
    assert past(pull(read=5, new=5)).name == "stadt pull 2026-11-24 12:00:00 UTC: 5 read, 5 new"
    assert past(pull(failed="expected an answer")).name == "stadt pull 2026-11-24 12:00:00 UTC: failed"


def test_a_run_that_prefect_did_not_see_tells_its_times() -> None:
    """Its message says when it ran, and for how long."""
    told = past(pull(failed="expected an answer")).unseen()
    assert told.startswith("stadt pull: failed: expected an answer; ran at 2026-11-24 12:00:00 UTC for 0.5 s, ")


def test_the_log_of_a_run_tells_each_reason_once() -> None:
    """What went wrong is a warning or an error; where it lay, maybe a person's name, stands in the table alone."""
    held = [Finding(f"erika-{number}.ics", "", "held: too much") for number in range(3)]
    lines = past(pull(held=held, refused=[Finding("erika.ics", "DTEND", "expected an end")], failed="away")).lines()
    assert [(moment - NOW, level, said) for moment, level, said in lines] == [
        (timedelta(), logging.INFO, "begins"),
        (timedelta(seconds=0.5), logging.INFO, "stadt pull: 3 held, 1 refused; failed: away"),
        (timedelta(seconds=0.5), logging.WARNING, "held: held: too much (3 times)"),
        (timedelta(seconds=0.5), logging.WARNING, "refused: DTEND: expected an end"),
        (timedelta(seconds=0.5), logging.ERROR, "failed: away"),
    ]


def test_the_backlog_keeps_the_latest_that_did_something() -> None:
    """Runs that found all as it was are left out; of very many the oldest make room."""
    backlog = Backlog()
    for number in range(MOST + 1):
        backlog.add(past(pull(read=3, unchanged=3, echoes=2)))
        backlog.add(past(pull(new=number + 1)))
    first = backlog.first()
    assert first is not None
    assert first.report.new == 2
    backlog.told(first)
    backlog.told(first)
    second = backlog.first()
    assert second is not None
    assert second.report.new == 3
