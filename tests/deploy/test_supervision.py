import os
import signal
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from deploy.process import Process
from deploy.readiness import wait_until
from deploy.supervision import Supervisor

pytestmark = pytest.mark.real

Living = Callable[[Path], list[str]]
AND_SO_ON = "while :; do sleep 0.1; done"
SLOW = Process("slow", ("/bin/sh", "-c", f"trap 'sleep 1; exit' TERM; echo ready; {AND_SO_ON}"))
# As between fork and exec, the first signal is lost.
DEAF = Process(
    "deaf",
    ("/bin/sh", "-c", f"trap '' TERM; echo ready; sleep 0.5; trap 'echo ended; exit' TERM; {AND_SO_ON}"),
)


def nothing() -> None:
    """Say that nothing is known to have failed."""


@pytest.fixture
def supervisor(tmp_path: Path) -> Iterator[Supervisor]:
    """A process manager, not started; stopped at the end."""
    supervisor = Supervisor(tmp_path)
    yield supervisor
    supervisor.shutdown()


@pytest.mark.usefixtures("nameless")
@pytest.mark.parametrize("leashed", [True, False])
def test_interrupted_before_it_has_a_name(
    supervisor: Supervisor, tmp_path: Path, living_processes: Living, *, leashed: bool
) -> None:
    """Ctrl-C when the process manager has just been forked: who takes down knows of it, and it is gone afterwards."""
    with pytest.raises(KeyboardInterrupt):
        supervisor.start([], leashed=leashed)
    supervisor.shutdown()
    assert not living_processes(tmp_path)


def test_nothing_to_stop(supervisor: Supervisor) -> None:
    """Before it was started there is nothing to stop, and saying so is no failure."""
    supervisor.halt(["slow"])
    supervisor.shutdown()
    assert supervisor.states() == {}


def test_who_is_ending_already_is_waited_for(supervisor: Supervisor, tmp_path: Path, living_processes: Living) -> None:
    """Stopping what somebody else stops at this moment is no failure, and returns when nobody answers any more."""
    supervisor.start([SLOW], leashed=True)
    wait_until(supervisor.answers, nothing, "the process manager")
    supervisor.run(SLOW.name)
    wait_until(lambda: "ready" in supervisor.log(SLOW.name).read_text(), nothing, SLOW.name)
    os.kill(int((tmp_path / "run" / "supervisord.pid").read_text()), signal.SIGTERM)
    wait_until(lambda: not supervisor.states(), nothing, "the beginning of the end")
    other = Supervisor(tmp_path)
    other.halt([SLOW.name])
    other.shutdown()
    assert not other.answers()
    wait_until(lambda: not living_processes(tmp_path), nothing, "the end of the process manager")


def test_who_lost_the_signal_gets_it_again(supervisor: Supervisor) -> None:
    """A process that is to stop when it has just been started is not left to be killed after 20 seconds."""
    supervisor.start([DEAF], leashed=True)
    wait_until(supervisor.answers, nothing, "the process manager")
    supervisor.run(DEAF.name)
    wait_until(lambda: "ready" in supervisor.log(DEAF.name).read_text(), nothing, DEAF.name)
    supervisor.halt([DEAF.name])
    assert supervisor.log(DEAF.name).read_text() == "ready\nended\n"
