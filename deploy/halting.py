"""How supervisord's processes are stopped, also those that it started a moment ago."""

import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from xmlrpc.client import Fault

FRESH_S = 5
AGAIN_S = 1.0
PAUSE_S = 0.05


@dataclass(frozen=True, slots=True)
class State:
    """How a process is: supervisord's word for it, its process id (0: none), the second it was started."""

    word: str
    pid: int
    since: int


def halt(call: Callable[..., Any], states: Callable[[], Mapping[str, State]], names: Iterable[str]) -> None:
    """Stop processes at the same time and wait until they are gone.

    Args:
        call: asks supervisord.
        states: what it says of its processes; empty where it is gone or ending.
        names: whom to stop.
    """
    wanted = set(names)
    before = {name: state for name, state in states().items() if name in wanted}
    for name in before:
        _told(call, "stopProcess", name, False)  # noqa: FBT003 - XML-RPC knows positions only
    fresh = {name for name, state in before.items() if time.time() - state.since < FRESH_S}
    again = time.monotonic() + AGAIN_S
    while left := {name for name, state in states().items() if name in before and state.pid}:
        time.sleep(PAUSE_S)
        if fresh & left and time.monotonic() > again:
            _repeat(call, fresh & left)
            again += AGAIN_S


def _repeat(call: Callable[..., Any], names: set[str]) -> None:
    """Send the signal that stops a process once more.

    Between fork and exec the child still has supervisord's own handlers, and a signal is lost. supervisord itself
    would wait for 20 seconds, then kill.
    """
    for row in call("getAllConfigInfo"):
        if row["name"] in names:
            _told(call, "signalProcess", row["name"], str(row["stopsignal"]))


def _told(call: Callable[..., Any], *words: object) -> None:
    try:
        call(*words)
    except Fault:  # it does not run
        return
