"""Ctrl-C and its kin: made an exception wherever they come, and put off while things are taken down."""

import signal
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from types import FrameType

ENDINGS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


@contextmanager
def interruptible() -> Iterator[None]:
    """Turn SIGTERM and a closed terminal into KeyboardInterrupt, as Ctrl-C is, so that everything is taken down."""

    def interrupt(_: int, __: FrameType | None) -> None:
        raise KeyboardInterrupt

    # Python's own handler of Ctrl-C stays: asyncio knows it and ends its loop in order instead of being torn out of it.
    with _handled(interrupt, tuple(number for number in ENDINGS if number != signal.SIGINT)):
        yield


@contextmanager
def undisturbed() -> Iterator[None]:
    """Put Ctrl-C, SIGTERM and a closed terminal off until the block is done. Only the main thread gets signals."""
    pending: list[int] = []
    with _handled(lambda number, _: pending.append(number)):
        yield
    if pending:
        signal.raise_signal(pending[-1])


@contextmanager
def _handled(handler: Callable[[int, FrameType | None], object], endings: Sequence[int] = ENDINGS) -> Iterator[None]:
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    heeded = [number for number in endings if signal.getsignal(number) != signal.SIG_IGN]  # nohup ignores SIGHUP
    before = {number: signal.signal(number, handler) for number in heeded}
    try:
        yield
    finally:
        for number, former in before.items():
            signal.signal(number, former)
