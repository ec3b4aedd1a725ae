"""Whose fault is an error? One table.

The message's: it becomes a dead letter. The world's: the partition waits, visibly, and tries again; a dead letter never
comes from it. Fenced: somebody else owns the partition; the assignment sequence runs again if we still have it.
"""

from enum import StrEnum

import asyncpg

from services.runtime.engine.delivery import FencedError
from services.runtime.engine.store import CursorMovedError


class Blame(StrEnum):
    """Who must change something before it can work."""

    MESSAGE = "message"
    WORLD = "world"
    FENCED = "fenced"


# First match counts; what is in no row is the world's, because waiting loses nothing.
TABLE: tuple[tuple[type[BaseException], Blame], ...] = (
    (FencedError, Blame.FENCED),
    (CursorMovedError, Blame.FENCED),
    (asyncpg.DataError, Blame.MESSAGE),  # class 22: a NUL in text, a number out of range
    (asyncpg.exceptions._base.DataError, Blame.MESSAGE),  # noqa: SLF001 - what asyncpg says before the server is asked
    (asyncpg.IntegrityConstraintViolationError, Blame.MESSAGE),  # class 23
    (asyncpg.ProgramLimitExceededError, Blame.MESSAGE),  # class 54: a key too long for an index
    (UnicodeError, Blame.MESSAGE),
)


def blame(error: BaseException) -> Blame:
    """Look an error up in the table."""
    return next((verdict for kind, verdict in TABLE if isinstance(error, kind)), Blame.WORLD)


def told(error: BaseException) -> str:
    """Say an error without what it may quote: our own sentences hold no values, other people's might."""
    ours = type(error).__module__.partition(".")[0] in ("contracts", "services", "flows")
    return str(error) if ours else type(error).__name__
