"""Ctrl-C and its kin: heeded once, wherever they come, and put off while things are made or taken down."""

import signal
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any

ENDINGS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


@contextmanager
def interruptible(stop: Callable[[], None]) -> Iterator[None]:
    """Let Ctrl-C, SIGTERM or a closed terminal end the block as a KeyboardInterrupt, then call ``stop``.

    To be wrapped around all that a program does: who is impatient and sends another one disturbs neither what the
    first one set off nor the end of the interpreter, which would complain or die of it.
    """
    try:
        with _handled(_interrupt) as afterwards:
            try:
                yield
            except KeyboardInterrupt:
                for number in afterwards:
                    afterwards[number] = signal.SIG_IGN
                raise
    except KeyboardInterrupt:
        stop()


@contextmanager
def undisturbed() -> Iterator[list[int]]:
    """Put Ctrl-C, SIGTERM and a closed terminal off until the block is done. Only the main thread gets signals.

    Yields:
        those that came, a list that grows.
    """
    pending: list[int] = []
    try:
        with _handled(lambda number, _: pending.append(number)):
            yield pending
    finally:
        if pending:
            signal.raise_signal(pending[-1])


def _interrupt(_: int, __: FrameType | None) -> None:
    # In the other case things are being taken down already. The exception is asked, nothing is remembered: Python
    # ignores what is raised while it collects garbage, and the next Ctrl-C must count then.
    if not isinstance(sys.exception(), KeyboardInterrupt):
        raise KeyboardInterrupt


@contextmanager
def _handled(handler: Callable[[int, FrameType | None], object]) -> Iterator[dict[signal.Signals, Any]]:
    """Handle the endings in the block. Yields what handles them afterwards; that may be changed."""
    if threading.current_thread() is not threading.main_thread():
        yield {}
        return
    heeded = [number for number in ENDINGS if signal.getsignal(number) != signal.SIG_IGN]  # nohup ignores SIGHUP
    afterwards: dict[signal.Signals, Any] = {number: signal.signal(number, handler) for number in heeded}
    try:
        yield afterwards
    finally:
        for number in reversed(heeded):  # Ctrl-C last: until then it is put off
            signal.signal(number, afterwards[number])
