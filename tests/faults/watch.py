"""Putting points around the functions of the engine, in a process that was started to be broken."""

import inspect
from collections.abc import Callable
from functools import partial
from importlib import import_module
from typing import Any

from tests.faults.points import POINTS, TRANSACTION, Point
from tests.faults.traps import Traps


def watch(process: str, service: str, traps: Traps) -> None:
    """Put all points of a service around the functions of the engine.

    Raises:
        AttributeError: the engine has no such function any more.
    """
    load = Load()
    replace("aiokafka", "AIOKafkaProducer.begin_transaction", load.begun)
    replace(TRANSACTION, "Transaction.send", load.sent)

    def reached(point: Point, holder: Any) -> None:  # noqa: ANN401 - whatever the function is of
        if load.at(point, holder):
            traps.reached(process, point)

    for point in POINTS:
        if service in point.services:
            replace(point.module, point.function, lambda f, at=point: _watched(f, at, partial(reached, at)))


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
    """Which producers have a transaction open that has messages. Shards work side by side, each with its own."""

    def __init__(self) -> None:
        """Begin with none."""
        self._loaded: set[int] = set()

    def begun(self, begin: Any) -> Any:  # noqa: ANN401 - a function of the engine
        """Return a ``begin`` that notes that there are none yet."""

        async def noted(producer: Any) -> Any:  # noqa: ANN401
            self._loaded.discard(id(producer))
            return await begin(producer)

        return noted

    def sent(self, send: Any) -> Any:  # noqa: ANN401 - a function of the engine
        """Return a ``send`` that notes that there are some."""

        async def noted(transaction: Any, outputs: Any) -> Any:  # noqa: ANN401
            if outputs:
                self._loaded.add(id(transaction._producer))  # noqa: SLF001 - points of aiokafka know the producer alone
            return await send(transaction, outputs)

        return noted

    def at(self, point: Point, holder: Any) -> bool:  # noqa: ANN401 - a producer, or what has one
        """Whether a point is passed in the way that it asks for."""
        return not point.loaded or id(getattr(holder, "_producer", holder)) in self._loaded


def _watched(function: Any, point: Point, reached: Callable[[Any], None]) -> Any:  # noqa: ANN401 - whatever is watched
    def passed(moment: str, holder: object) -> None:
        if moment == point.moment:
            reached(holder)

    async def slowly(*given: Any, **more: Any) -> Any:  # noqa: ANN401
        passed("before", given[0])
        answer = await function(*given, **more)
        passed("after", given[0])
        return answer

    def at_once(*given: Any, **more: Any) -> Any:  # noqa: ANN401
        passed("before", given[0])
        answer = function(*given, **more)
        passed("after", given[0])
        return answer

    return slowly if inspect.iscoroutinefunction(function) else at_once
