"""The sync with one protection taken away at a time: what the judgement must be able to find.

The flows have no switch for it: something else is put in the place of a function or a number, and taken away again.
"""

import uuid
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from importlib import import_module
from typing import Any
from unittest.mock import patch


async def _gone(*_: object) -> None:
    """Every entry that a list lacks is gone when it is asked for."""


def _at_once(*_: object) -> float:
    return 0.05


def _never_the_same(_: object) -> str:
    return uuid.uuid4().hex


_Instead = dict[str, Any]  # by what is replaced: module:name
_UNCONFIRMED: _Instead = {"flows.connectors.caldav.client:CalendarClient.get": _gone}
MUTANTS: dict[str, _Instead] = {
    "deletions unconfirmed": _UNCONFIRMED,
    "unconfirmed, and shrinkage believed": {**_UNCONFIRMED, "flows.pulling.silence:SHRINKAGE": 0},
    "unconfirmed, and one absence believed": {**_UNCONFIRMED, "flows.pulling.silence:CERTAIN": 1},
    "Retry-After ignored": {"flows.connectors.caldav.exchange:Exchange._wait": _at_once},
    "unchanged entries told": {"flows.pulling.snapshot:content_hash": _never_the_same},
}


@contextmanager
def without(mutant: str) -> Iterator[None]:
    """Take a protection away while the block runs."""
    with ExitStack() as ending:
        for place, instead in MUTANTS[mutant].items():
            module, _, name = place.partition(":")
            holder: Any = import_module(module)
            *path, name = name.split(".")
            for step in path:
                holder = getattr(holder, step)
            ending.enter_context(patch.object(holder, name, instead))
        yield
