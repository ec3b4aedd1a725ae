"""A stack that leaves nothing behind: free ports, a temporary folder."""

import secrets
import shutil
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from deploy import parts
from deploy.few import few
from deploy.interruption import undisturbed
from deploy.process import Process
from deploy.site import throwaway
from deploy.stack import Stack, Tell
from services.runtime.settings import WAIT_HOURS


@contextmanager
def temporary(
    names: Iterable[str] = parts.ALL,
    *,
    agreements: Path | None = None,
    tell: Tell = lambda _: None,
    more: Iterable[Process] = (),
    wait_hours: float = WAIT_HOURS,
) -> Iterator[Stack]:
    """Run a stack; at the end no process, port or file of it is left. Arguments and errors as `Stack` has them.

    Agreements are the few of `deploy.few`, unless given.
    """
    with ExitStack() as ending:
        folder = emptied(ending, "hub-")
        # As deep as in the checkout: what they name from there stays in this folder.
        told = agreements or few(folder / "contracts" / "agreements")
        stack = Stack(
            throwaway(folder, told).model_copy(update={"wait_hours": wait_hours}), names, tell=tell, more=more
        )
        ending.callback(stack.down)
        stack.up()
        yield stack


def emptied(ending: ExitStack, prefix: str) -> Path:
    """Return a new temporary folder that goes with everything in it at the end of ``ending``."""
    # Named before it is made: also who is interrupted in between knows what to remove.
    folder = Path(tempfile.gettempdir(), f"{prefix}{secrets.token_hex(8)}")
    ending.callback(_remove, folder)
    folder.mkdir(mode=0o700)
    folder.chmod(0o711)  # PostgreSQL may run as another user
    return folder


def _remove(folder: Path) -> None:
    with undisturbed():
        shutil.rmtree(folder, ignore_errors=True)
