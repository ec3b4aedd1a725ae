"""What a user can do after the story, as commands that can be pasted as they are."""

import os
import shlex
from collections.abc import Iterator, Sequence
from pathlib import Path

from deploy.demo.calendar_server import USER as CITY
from deploy.demo.city import SECRET
from deploy.demo.stage import Stage
from deploy.demo.witness import PROGRAM

Advice = tuple[str, Sequence[str]]
"""A sentence, and commands."""


def leaving(running: Stage, *, keep: bool) -> Iterator[Advice]:
    """Say what becomes of everything: it is removed; or it goes on, how to look at it, and how to end it."""
    hub = typed(PROGRAM)
    if not keep:
        yield "That was all; everything is removed now. To have it go on, and look around:", [f"{hub} demo --keep"]
        return
    data, outside, ngo = running.stack.site.data, running.world.outside, running.world.ngo
    here, secret = f"HUB_DATA={typed(data)} {hub}", typed(running.stack.site.secrets / SECRET)
    yield "Everything goes on. Ask the hub:", [f"{here} {words}" for words in ("status", "deadletter list", "balance")]
    yield "Put .ics files into the NGO's 'in'; in 'out' lies what the others announced:", [f"ls {typed(ngo)}/*"]
    yield "Read the city's calendar:", [f'curl -s -u "{CITY}:$(cat {secret})" {outside.city.calendar}']
    yield (
        "To end it:",
        [
            f"{hub} down --data {typed(data)}",
            f"{hub} down --data {typed(outside.folder)}",
            f"rm -r {typed(running.folder)}",
        ],
    )


def typed(path: Path) -> str:
    """Write a path as it is typed in a shell: from here where it lies below."""
    here = Path(os.path.relpath(path))
    return shlex.quote(str(path if here.parts[0] == os.pardir else here))
