"""A stack that leaves nothing behind: free ports, a temporary folder."""

import shutil
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from contracts.agreements import EXAMPLES
from deploy import parts
from deploy.interruption import undisturbed
from deploy.process import Process
from deploy.site import throwaway
from deploy.stack import Stack, Tell


@contextmanager
def temporary(
    names: Iterable[str] = parts.ALL,
    *,
    agreements: Path = EXAMPLES,
    tell: Tell = lambda _: None,
    more: Iterable[Process] = (),
) -> Iterator[Stack]:
    """Run a stack; at the end no process, port or file of it is left. Arguments and errors as `Stack` has them."""
    folder = Path(tempfile.mkdtemp(prefix="hub-"))
    try:
        folder.chmod(0o711)  # PostgreSQL may run as another user
        stack = Stack(throwaway(folder, agreements), names, tell=tell, more=more)
        try:
            stack.up()
            yield stack
        finally:
            stack.down()
    finally:
        with undisturbed():
            shutil.rmtree(folder, ignore_errors=True)
