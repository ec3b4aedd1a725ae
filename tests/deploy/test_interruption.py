import signal
from collections.abc import Iterator
from contextlib import suppress

import pytest

from deploy.interruption import ENDINGS, interruptible, undisturbed


@pytest.fixture(autouse=True)
def _handlers() -> Iterator[None]:
    """Give pytest its own handlers back: an interrupted program stays deaf."""
    before = {number: signal.getsignal(number) for number in ENDINGS}
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


def ctrl_c() -> None:
    """Press Ctrl-C."""
    signal.raise_signal(signal.SIGINT)


@pytest.mark.parametrize("number", ENDINGS)
def test_whatever_ends_it_is_heeded_once(number: signal.Signals) -> None:
    """The first one ends the block; those that follow disturb neither what it set off, nor the end of the program."""
    steps: list[str] = []

    def stop() -> None:
        ctrl_c()
        steps.append("stopped")

    with interruptible(stop):
        try:
            signal.raise_signal(number)
            steps.append("went on")
        finally:
            ctrl_c()
            with undisturbed():
                ctrl_c()
            steps.append("taken down")
    ctrl_c()
    assert steps == ["taken down", "stopped"]


def test_a_lost_ctrl_c_does_not_make_deaf() -> None:
    """Where somebody swallowed the exception, the next Ctrl-C counts again."""
    steps: list[str] = []
    with interruptible(lambda: steps.append("stopped")):
        with suppress(KeyboardInterrupt):
            ctrl_c()
        steps.append("swallowed")
        ctrl_c()
        steps.append("went on")
    assert steps == ["swallowed", "stopped"]


def test_uninterrupted_it_leaves_no_trace() -> None:
    """A block that ends by itself is not stopped, and the handlers are the former ones."""
    before = [signal.getsignal(number) for number in ENDINGS]
    with interruptible(pytest.fail):
        pass
    assert [signal.getsignal(number) for number in ENDINGS] == before


def test_put_off_until_the_block_is_done() -> None:
    """Ctrl-C in an undisturbed block counts after it, also where the block fails."""
    steps: list[str] = []

    def fail() -> None:
        with undisturbed() as pending:
            ctrl_c()
            steps.append("done")
            assert pending == [signal.SIGINT]
            raise ZeroDivisionError

    with pytest.raises(KeyboardInterrupt):
        fail()
    assert steps == ["done"]
