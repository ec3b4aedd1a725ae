"""Breaking a service at a named point: it dies there, or it freezes and comes back as a zombie."""

import random
import signal
import time
from collections.abc import Callable

from tests.faults.points import BY_NAME, Point
from tests.faults.rig import Rig, wait

Break = Callable[[Rig, random.Random], None]


def kill_at(point: str, service: str) -> Break:
    """SIGKILL to a service when it next comes to a point."""

    def kill(rig: Rig, _: random.Random) -> None:
        at, name = BY_NAME[point], f"{service}-1"
        rig.traps.set(name, at, signal.SIGKILL)
        if "InitProducerId" in point:  # passed at a start only
            rig.kill(name)
        await_point(rig, name, at)
        rig.await_ready(name)

    return kill


def freeze_at(point: str, service: str) -> Break:
    """SIGSTOP to a service at a point until another instance has its partitions; then it goes on: the zombie."""

    def freeze(rig: Rig, _: random.Random) -> None:
        at, first, second = BY_NAME[point], f"{service}-1", f"{service}-2"
        starting = "InitProducerId" in point
        frozen, successor = (second, first) if starting else (first, second)
        if starting:
            rig.traps.set(second, at, signal.SIGSTOP)
        rig.supervisor.run(second)
        if not starting:
            rig.await_ready(first, second)
            rig.traps.set(first, at, signal.SIGSTOP)
        await_point(rig, frozen, at)
        try:
            wait(lambda: owns_all(rig, successor), f"{successor} to own all")
        finally:  # also if it never does: the faults to come need both as they were
            rig.kill(frozen, signal.SIGCONT)
            time.sleep(2)  # the zombie tries
            rig.supervisor.halt([second])
        rig.await_ready(first)

    return freeze


def await_point(rig: Rig, name: str, at: Point) -> None:
    """Wait until a process came to a point at which there was a trap.

    Raises:
        NotReadyError: it did not: the fault did not happen, and nothing is proven.
    """
    wait(lambda: rig.traps.sprung(name, at), f"{name} to come to the point {at.name!r}")


def owns_all(rig: Rig, name: str) -> bool:
    """Whether an instance has all partitions of its service, and all run."""
    told = rig.health(name)
    return bool(told) and told["ready"] and told["partitions"] == rig.partitions[name.rpartition("-")[0]]
