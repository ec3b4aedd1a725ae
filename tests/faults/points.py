"""The named places of the engine at which a process can be made to die or to freeze.

The engine knows nothing of them: `watch` puts them around its functions in a process that was started for that. A place
does something only while a trap for it lies in the folder of traps, and each trap works once.
"""

import inspect
import os
import signal
from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any, Literal

ALL = ("intake", "events", "dispatch")
_ENGINE = "services.runtime.engine"


@dataclass(frozen=True, slots=True)
class Point:
    """One place: a function and the moment before or after it, in which services it is passed."""

    name: str
    module: str
    function: str  # dotted below the module
    moment: Literal["before", "after"]
    services: tuple[str, ...] = ALL

    @property
    def slug(self) -> str:
        """The name as a part of a file's name."""
        return self.name.replace(" ", "-")


_STATEFUL = f"{_ENGINE}.stateful"
_POSTGRES = f"{_ENGINE}.postgres_store"
_DELIVERY = f"{_ENGINE}.kafka_delivery"
POINTS = (
    Point("after poll", f"{_ENGINE}.ownership", "Ownership.process", "before"),
    Point("after validation", f"{_ENGINE}.stateless", "Stateless.outputs", "after", ("intake", "dispatch")),
    Point("after reading", _STATEFUL, "read_all", "after", ("events",)),
    Point("before compare-and-set", _POSTGRES, "PostgresStore.batch", "before", ("events",)),
    Point("after compare-and-set", _POSTGRES, "PostgresBatch.load", "before", ("events",)),
    Point("inside the database transaction", _POSTGRES, "PostgresBatch.save", "after", ("events",)),
    Point("between database and Kafka", _STATEFUL, "Stateful._keep", "after", ("events",)),
    Point("inside the Kafka transaction", _DELIVERY, "KafkaDelivery.send", "after"),
    Point("before the offsets are added", "aiokafka", "AIOKafkaProducer.send_offsets_to_transaction", "before"),
    Point("before the end of the transaction", "aiokafka", "AIOKafkaProducer.commit_transaction", "before"),
    Point("after the Kafka transaction", _DELIVERY, "KafkaDelivery.commit", "after"),
    Point("before InitProducerId", _DELIVERY, "KafkaDelivery.open", "before"),
    Point("after InitProducerId", _DELIVERY, "KafkaDelivery.open", "after"),
)
BY_NAME = {point.name: point for point in POINTS}


@dataclass(frozen=True, slots=True)
class Traps:
    """The folder of traps of all processes."""

    folder: Path

    def set(self, process: str, point: Point, what: signal.Signals) -> None:
        """Let a process get a signal when it next comes to a point."""
        new = self.folder / f"{process}.{point.slug}.new"
        new.write_text(what.name)
        new.rename(self.folder / f"{process}.{point.slug}")

    def sprung(self, process: str, point: Point) -> int | None:
        """Return the pid that went into the trap; None while nobody did."""
        mark = self.folder / f"{process}.{point.slug}.sprung"
        if not mark.exists():
            return None
        pid = int(mark.read_text())
        mark.unlink()
        return pid

    def take_away(self, process: str, point: Point) -> None:
        """Remove a trap into which nobody went."""
        (self.folder / f"{process}.{point.slug}").unlink(missing_ok=True)

    def take_protection(self, service: str, mutant: str = "") -> None:
        """Let a service run without a protection from its next start on; with it again, where none is named."""
        (self.folder / f"{service}.without").write_text(mutant)

    def without(self, service: str) -> str:
        """Return the protection that a service has to do without."""
        file = self.folder / f"{service}.without"
        return file.read_text() if file.exists() else ""

    def reached(self, process: str, point: Point) -> None:
        """Spring the trap, if there is one."""
        trap = self.folder / f"{process}.{point.slug}"
        if not trap.exists():
            return
        what = signal.Signals[trap.read_text()]
        half = trap.with_suffix(".half")
        half.write_text(str(os.getpid()))
        trap.unlink()
        half.rename(trap.with_name(f"{trap.name}.sprung"))
        os.kill(os.getpid(), what)


def watch(process: str, service: str, traps: Traps) -> None:
    """Put all points of a service around the functions of the engine.

    Raises:
        AttributeError: the engine has no such function any more.
    """
    for point in POINTS:
        if service in point.services:
            replace(point.module, point.function, lambda function, at=point: _watched(function, at, process, traps))


def replace(module: str, function: str, by: Callable[[Any], Any]) -> None:
    """Put something in the place of a function.

    Args:
        module: where it is looked up.
        function: its name, dotted below the module.
        by: makes the new function from the old one.
    """
    holder: Any = import_module(module)
    *path, name = function.split(".")
    for step in path:
        holder = getattr(holder, step)
    setattr(holder, name, by(getattr(holder, name)))


def _watched(function: Any, point: Point, process: str, traps: Traps) -> Any:  # noqa: ANN401 - whatever is watched
    def passed(moment: str) -> None:
        if moment == point.moment:
            traps.reached(process, point)

    async def slowly(*given: Any, **more: Any) -> Any:  # noqa: ANN401
        passed("before")
        answer = await function(*given, **more)
        passed("after")
        return answer

    def at_once(*given: Any, **more: Any) -> Any:  # noqa: ANN401
        passed("before")
        answer = function(*given, **more)
        passed("after")
        return answer

    return slowly if inspect.iscoroutinefunction(function) else at_once
