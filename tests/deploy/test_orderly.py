import asyncio
import os
import signal
import sys
import time

import psutil
import pytest

from deploy import orderly

SLEEP = (sys.executable, "-c", "import time; time.sleep(600)")


def ctrl_c() -> None:
    """Press Ctrl-C."""
    signal.raise_signal(signal.SIGINT)


def test_program_says_what_it_said() -> None:
    """Exit code, output and complaints of a program are told, and it gets the environment."""
    words = (sys.executable, "-c", "import os, sys; print(os.environ['WORD']); sys.exit('no')")
    done = orderly.program(words, {**os.environ, "WORD": "yes"})
    assert (done.returncode, done.stdout, done.stderr) == (1, "yes\n", "no\n")


@pytest.mark.usefixtures("nameless")
def test_program_interrupted_before_it_has_a_name() -> None:
    """Ctrl-C between the start of a program and the return of its handle leaves no process."""
    with pytest.raises(KeyboardInterrupt):
        orderly.program(SLEEP, os.environ)
    assert not [child for child in psutil.Process().children() if list(SLEEP) == child.cmdline()]


def test_loop_returns_and_raises() -> None:
    """Uninterrupted, a loop gives what its work gives: a value or an error."""

    async def value() -> int:
        return 3

    async def failure() -> None:
        raise ZeroDivisionError

    assert orderly.loop(value) == 3
    with pytest.raises(ZeroDivisionError):
        orderly.loop(failure)


def test_loop_ends_in_order() -> None:
    """Ctrl-C, also more than once, cancels the work, lets it tidy up, and closes the loop before it counts."""
    loops: list[asyncio.AbstractEventLoop] = []
    tidied: list[bool] = []

    async def work() -> None:
        loops.append(asyncio.get_running_loop())
        try:
            ctrl_c()
            await asyncio.sleep(600)
        finally:
            ctrl_c()
            await asyncio.sleep(0)
            tidied.append(True)

    with pytest.raises(KeyboardInterrupt):
        orderly.loop(work)
    assert tidied
    assert loops[0].is_closed()


def test_loop_interrupted_while_it_is_made(monkeypatch: pytest.MonkeyPatch) -> None:
    """Ctrl-C before the loop turns leaves a closed loop as well, and the work is not done."""
    make = asyncio.new_event_loop
    loops: list[asyncio.AbstractEventLoop] = []

    def interrupted() -> asyncio.AbstractEventLoop:
        ctrl_c()
        loops.append(make())
        return loops[0]

    monkeypatch.setattr(asyncio.events, "new_event_loop", interrupted)
    with pytest.raises(KeyboardInterrupt):
        orderly.loop(lambda: asyncio.sleep(600))
    assert loops[0].is_closed()


def test_threads_have_ended() -> None:
    """Interrupted, also more than once, a block is left when the work beside it is done."""
    done: list[bool] = []

    def work() -> None:
        time.sleep(0.2)
        done.append(True)

    def interrupted() -> None:
        with orderly.beside(work, work):
            try:
                ctrl_c()
            finally:
                ctrl_c()

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    assert done == [True, True]


def test_threads_give_their_results() -> None:
    """Results come in the order of the functions; no function is no work."""
    with orderly.beside(lambda: 1, lambda: 2) as works:
        assert [work.result() for work in works] == [1, 2]
    with orderly.beside() as works:
        assert works == []
