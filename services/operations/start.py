"""Where the ``hub`` command begins, before anything that takes time is imported."""

import os
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

INTERRUPTED = 130  # what shells say of a program that Ctrl-C ended
UNREAD = 141  # and of one whose reader went away before it had said all, as head does


def main() -> None:
    """Load the ``hub`` command and run it."""
    with loading():
        from services.operations import hub  # noqa: PLC0415 - Ctrl-C is prepared for now
    hub.main()


@contextmanager
def loading() -> Iterator[None]:
    """Let Ctrl-C end the program at once while modules are imported: nothing that would have to be stopped runs yet.

    Raised in the middle of an import, KeyboardInterrupt shows as a traceback, or other people's modules swallow it.
    """
    former = signal.getsignal(signal.SIGINT)
    if former == signal.SIG_IGN or threading.current_thread() is not threading.main_thread():
        yield
        return
    signal.signal(signal.SIGINT, _end)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, former)


def _end(_: int, __: FrameType | None) -> None:
    os._exit(INTERRUPTED)
