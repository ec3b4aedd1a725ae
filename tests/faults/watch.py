"""Putting points around the functions of the engine, in a process that was started to be broken."""

import inspect
from collections.abc import Callable
from importlib import import_module
from typing import Any

from tests.faults.points import DELIVERY, POINTS, Point
from tests.faults.traps import Traps


def watch(process: str, service: str, traps: Traps) -> None:
    """Put all points of a service around the functions of the engine.

    Raises:
        AttributeError: the engine has no such function any more.
    """
    load = Load()
    replace(DELIVERY, "KafkaDelivery.send", load.noting)
    for point in POINTS:
        if service in point.services:
            replace(
                point.module,
                point.function,
                lambda f, at=point: _watched(f, at, lambda: load.springs(process, at, traps)),
            )


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


class Load:
    """Whether the transaction that is open has messages. A process works on one at a time."""

    def __init__(self) -> None:
        """Begin with none."""
        self._messages = 0

    def noting(self, send: Any) -> Any:  # noqa: ANN401 - a function of the engine
        """Return a ``send`` that notes how many messages it was given."""

        async def noted(delivery: Any, outputs: Any) -> Any:  # noqa: ANN401
            self._messages = len(outputs)
            return await send(delivery, outputs)

        return noted

    def springs(self, process: str, point: Point, traps: Traps) -> None:
        """Let a process come to a point."""
        if self._messages or not point.loaded:
            traps.reached(process, point)


def _watched(function: Any, point: Point, reached: Callable[[], None]) -> Any:  # noqa: ANN401 - whatever is watched
    def passed(moment: str) -> None:
        if moment == point.moment:
            reached()

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
