"""The run can fail: an engine with one protection removed, on real parts, and the fault that must be found."""

import random
import signal
import time
from collections.abc import Iterator

import pytest

from deploy.readiness import wait_until
from tests.faults.breaking.points import Break, await_point, kill_at, owns_all
from tests.faults.breaking.services import drop_offsets
from tests.faults.faults import Fault
from tests.faults.points import BY_NAME
from tests.faults.rig import PATIENCE, Rig
from tests.faults.run import Run, running

pytestmark = pytest.mark.real


@pytest.fixture(scope="module")
def run() -> Iterator[Run]:
    """One rig for all: each case takes a protection away and gives it back."""
    with running(seed=7, rate=40, session_ms=6_000) as whole:
        yield whole


def _found(run: Run, mutant: str, service: str, break_: Break) -> dict[str, int]:
    """Run a service without a protection, break something, and count what is found."""
    name = f"{service}-1"
    run.parts.traps.take_protection(service, mutant)
    run.parts.kill(name)
    time.sleep(1)
    run.parts.await_ready(name)
    try:
        found = run.one(Fault(f"without {mutant}", (break_,), 1, 1), 1).findings
    finally:
        run.parts.traps.take_protection(service)
        run.parts.kill(name)
    return {kind: len(getattr(found, kind)) for kind in ("lost", "doubled", "reordered", "wrong")}


def _pause(_: Rig, __: random.Random) -> None:
    time.sleep(3)


def _zombie(point: str, service: str, *, meanwhile: str = "") -> Break:
    """Freeze the first instance at a point until the second has all, or has come to the point ``meanwhile``."""

    def freeze(rig: Rig, _: random.Random) -> None:
        first, second = f"{service}-1", f"{service}-2"
        rig.supervisor.run(second)
        rig.await_ready(first, second)
        rig.traps.set(first, BY_NAME[point], signal.SIGSTOP)
        await_point(rig, first, BY_NAME[point])
        if meanwhile:
            rig.traps.set(second, BY_NAME[meanwhile], signal.SIGSTOP)
            await_point(rig, second, BY_NAME[meanwhile])
        else:
            wait_until(lambda: owns_all(rig, second), lambda: None, f"{second} to own all", PATIENCE)
            time.sleep(2)
        rig.kill(first, signal.SIGCONT)
        time.sleep(2)
        rig.kill(second, signal.SIGCONT)
        time.sleep(2)
        rig.supervisor.halt([second])

    return freeze


def _offsets_gone_while_stopped(rig: Rig, dice: random.Random) -> None:
    drop_offsets(rig, "intake", dice)
    rig.supervisor.run("intake-1")
    rig.await_ready("intake-1")


@pytest.mark.parametrize(
    ("mutant", "service", "break_", "kind"),
    [
        ("revision check off", "events", _pause, "wrong"),
        ("outbox skipped after restart", "events", kill_at("between database and Kafka", "events"), "lost"),
        ("read_uncommitted", "dispatch", kill_at("before the end of the transaction", "events"), "doubled"),
        ("compare-and-set removed", "events", _zombie("before compare-and-set", "events"), "wrong"),
        (
            "fencing reversed",
            "intake",
            _zombie("before the end of the transaction", "intake", meanwhile="before InitProducerId"),
            "doubled",
        ),
        ("auto_offset_reset latest", "intake", _offsets_gone_while_stopped, "lost"),
    ],
)
def test_a_missing_protection_is_found(run: Run, mutant: str, service: str, break_: Break, kind: str) -> None:
    """The checker tells what went wrong, by its kind."""
    assert _found(run, mutant, service, break_)[kind]


def test_the_whole_engine_is_found_right_afterwards(run: Run) -> None:
    """With all protections back nothing new is wrong: what was found came from what was taken away."""
    time.sleep(2)
    run.parts.await_ready("intake-1", "events-1", "dispatch-1")
    assert not run.one(Fault("nothing", (_pause,), 1, 1), 1).findings.lost
