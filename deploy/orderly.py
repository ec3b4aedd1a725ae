"""Work that is never left to itself: interrupted, an event loop, a thread or a program ends before the caller goes on.

Each has a moment in which it runs and nobody has a name for it yet; on a busy machine Ctrl-C does come just then.
"""

import asyncio
import subprocess
from collections.abc import Callable, Coroutine, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any, TypeVar

from deploy.interruption import undisturbed

T = TypeVar("T")
LOOK_EVERY_S = 0.05


@contextmanager
def beside(*works: Callable[[], T]) -> Iterator[list[Future[T]]]:
    """Run functions in threads; whatever happens, they have ended when the block has."""
    pool = ThreadPoolExecutor(len(works) or 1)
    try:
        with undisturbed():
            begun = [pool.submit(work) for work in works]
        yield begun
    finally:
        with undisturbed():
            pool.shutdown()


def loop(work: Callable[[], Coroutine[Any, Any, T]]) -> T:
    """Run ``work`` as asyncio.run does; interrupted, it is cancelled and its loop closed.

    asyncio heeds Ctrl-C only while the loop turns. Torn while it is made or closed, the loop complains of it when the
    interpreter ends.
    """
    with undisturbed() as pending:
        return asyncio.run(_until(pending, work))


async def _until(pending: list[int], work: Callable[[], Coroutine[Any, Any, T]]) -> T:
    task = asyncio.create_task(work())
    while not pending and not task.done():
        await asyncio.wait([task], timeout=LOOK_EVERY_S)
    if pending:
        task.cancel()
    return await task


def program(words: Sequence[str], environment: Mapping[str, str]) -> "subprocess.CompletedProcess[str]":
    """Run a program to its end and return what it printed; interrupted, it is killed."""
    child: subprocess.Popen[str] | None = None
    try:
        with undisturbed():
            child = subprocess.Popen(  # noqa: S603 - our own commands
                words, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
            )
        told, complaints = child.communicate()
        return subprocess.CompletedProcess(words, child.returncode, told, complaints)
    finally:
        if child is not None:
            with undisturbed():
                child.kill()
                child.wait()
