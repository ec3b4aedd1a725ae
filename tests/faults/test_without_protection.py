"""The run can fail: an engine with one protection removed, on real parts, and the fault that must be found."""

import random
import signal
import time
from collections.abc import Iterator

import pytest

from tests.faults.breaking.points import Break, await_point, kill_at, owns_all
from tests.faults.breaking.services import drop_offsets
from tests.faults.faults import Fault
from tests.faults.points import BY_NAME
from tests.faults.rig import Rig, wait
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


def _often(break_: Break) -> Break:
    """Do it four times: once may hit a moment in which nothing can go wrong."""

    def repeat(rig: Rig, dice: random.Random) -> None:
        for _ in range(4):
            break_(rig, dice)

    return repeat


def _zombie(rig: Rig, _: random.Random) -> None:
    """Freeze the first instance before it moves the cursor; it goes on when the second has taken its records."""
    rig.supervisor.run("events-2")
    rig.await_ready("events-1", "events-2")
    _freeze(rig, "events-1", "before compare-and-set")
    wait(lambda: owns_all(rig, "events-2"), "events-2 to own all")
    time.sleep(2)
    rig.kill("events-1", signal.SIGCONT)
    time.sleep(3)
    rig.supervisor.halt(["events-2"])


def _overtaken(rig: Rig, _: random.Random) -> None:
    """Let the first instance end its transaction between the moments in which the second asks and fences."""
    rig.supervisor.run("intake-2")
    rig.await_ready("intake-1", "intake-2")
    _freeze(rig, "intake-1", "before the end of the transaction")
    _freeze(rig, "intake-2", "before InitProducerId")
    rig.traps.set("intake-1", BY_NAME["after the Kafka transaction"], signal.SIGSTOP)  # it must not join again
    rig.kill("intake-1", signal.SIGCONT)
    await_point(rig, "intake-1", BY_NAME["after the Kafka transaction"])
    rig.kill("intake-2", signal.SIGCONT)
    time.sleep(4)
    rig.kill("intake-1", signal.SIGCONT)
    rig.supervisor.halt(["intake-2"])


def _freeze(rig: Rig, name: str, point: str) -> None:
    rig.traps.set(name, BY_NAME[point], signal.SIGSTOP)
    await_point(rig, name, BY_NAME[point])


def _offsets_gone_while_stopped(rig: Rig, dice: random.Random) -> None:
    drop_offsets(rig, "intake", dice)
    rig.supervisor.run("intake-1")
    rig.await_ready("intake-1")


@pytest.mark.parametrize(
    ("mutant", "service", "break_", "kind"),
    [
        ("revision check off", "events", _pause, "wrong"),
        ("outbox skipped after restart", "events", _often(kill_at("between database and Kafka", "events")), "lost"),
        ("read_uncommitted", "dispatch", _often(kill_at("before the end of the transaction", "events")), "doubled"),
        ("compare-and-set removed", "events", _zombie, "wrong"),
        ("fencing reversed", "intake", _overtaken, "doubled"),
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
