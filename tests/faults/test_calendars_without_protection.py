"""The run of calendars can fail: a sync with one protection removed, and the mishap that must be found."""

from collections.abc import Iterator

import pytest

from tests.faults.calendars import mishaps
from tests.faults.calendars.mishaps import LISTS, Mishap
from tests.faults.calendars.mutants import without
from tests.faults.calendars.run import CalendarRun, running
from tests.faults.calendars.table import CalendarFault

pytestmark = pytest.mark.real
FORGETFUL = ("forgetful",)  # each reading is one of everything
FEW, HALF = Mishap(mishaps.few_missing, LISTS), Mishap(mishaps.every_second, LISTS)


@pytest.fixture(scope="module")
def run() -> Iterator[CalendarRun]:
    """One rig for all: each case takes a protection away and gives it back."""
    with running(seed=7) as whole:
        yield whole


@pytest.mark.parametrize(("mishap", "pulls"), [(HALF, 2), (FEW, 1)])
def test_each_guard_holds_alone(run: CalendarRun, mishap: Mishap, pulls: int) -> None:
    """Though nobody confirms deletions, half a list deletes nothing, and neither does one list that lacks a few."""
    with without("deletions unconfirmed"):
        found = run.one(CalendarFault("unconfirmed", mishap, 1, 1, FORGETFUL, pulls), 1).findings
    assert not found.lost, found.told()


@pytest.mark.parametrize(
    ("mutant", "mishap", "pulls", "words"),
    [
        ("deletions unconfirmed", FEW, 2, "withdrawn 1 times, deleted 0 times"),
        ("unconfirmed, and shrinkage believed", HALF, 2, "withdrawn 1 times, deleted 0 times"),
        ("unconfirmed, and one absence believed", FEW, 1, "deleted 0 times"),
        ("Retry-After ignored", Mishap(mishaps.busy), 1, "requests before the time"),
        ("unchanged entries told", Mishap(mishaps.slow(0.1)), 1, "without a change"),
    ],
)
def test_a_missing_protection_is_found(run: CalendarRun, mutant: str, mishap: Mishap, pulls: int, words: str) -> None:
    """The judgement tells what went wrong."""
    with without(mutant):
        found = run.one(CalendarFault(f"without: {mutant}", mishap, 1, 1, FORGETFUL, pulls), 1).findings
    assert words in found.told(most=100)
