"""The engine with one protection taken away at a time: what the checker must be able to find.

Each is put into a service's process at its start, as the points are; the engine itself has no switch for it.
"""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

from aiokafka import TopicPartition

from services.runtime import kafka
from services.runtime.engine import assignment, postgres_store, stateful
from services.runtime.engine.decider import Decision
from tests.faults.watch import replace

_Take = Callable[..., Awaitable[None]]


def _fencing_reversed() -> None:
    """Ask for the committed offset first, fence the former owner a second later."""
    kafka.TRANSACTION_TIMEOUT_MS = 60_000  # or the broker's patience with the frozen one would hide what is wrong

    def reversed_(_: _Take) -> _Take:
        async def take(owned: Any, consumer: Any, mode: Any) -> None:  # noqa: ANN401 - patched into its module
            async with owned.lock:
                committed = await consumer.committed(owned.tp)
                await asyncio.sleep(1)
                await owned.delivery.close()
                await owned.delivery.open()
                owned.position = await mode.recover(owned.delivery, owned.partition, committed)
                consumer.seek(owned.tp, owned.position)
                owned.waits_for = ""
            consumer.resume(owned.tp)

        return take

    replace(assignment.__name__, "_take", reversed_)


def _no_compare_and_set() -> None:
    """Move the cursor from wherever it is."""
    statement = postgres_store._MOVE_CURSOR  # noqa: SLF001 - the protection itself
    postgres_store._MOVE_CURSOR = statement.replace("next_offset = $4", "$4::bigint is not null")  # noqa: SLF001


def _revisions_ignored() -> None:
    """Apply whatever comes."""

    def always(_: Any) -> Any:  # noqa: ANN401
        return lambda _self, _state, fact: Decision("applied", (fact,))

    replace("services.runtime.by_revision", "ByRevision.decide", always)


def _outbox_forgotten() -> None:
    """Go on after a restart without publishing what the former owner had decided."""

    def forgetful(_: Any) -> Any:  # noqa: ANN401
        async def recover(self: Any, _delivery: Any, partition: Any, _committed: int) -> int:  # noqa: ANN401
            return int(await self.store.cursor(partition, 0))

        return recover

    replace(stateful.__name__, "Stateful.recover", forgetful)


def _read_uncommitted() -> None:
    """Read what belongs to open and aborted transactions."""
    kafka.CONSUMING["isolation_level"] = "read_uncommitted"


def _latest() -> None:
    """Go on at the end of the topic where the place is lost."""

    def guessing(_: Any) -> Any:  # noqa: ANN401
        async def committed(self: Any, tp: TopicPartition) -> int:  # noqa: ANN401
            found = await asked(self, tp)
            return int((await self.end_offsets([tp]))[tp] if found is None else found)

        return committed

    from aiokafka import AIOKafkaConsumer  # noqa: PLC0415

    asked = AIOKafkaConsumer.committed
    replace("aiokafka", "AIOKafkaConsumer.committed", guessing)


MUTANTS: dict[str, Callable[[], None]] = {
    "fencing reversed": _fencing_reversed,
    "compare-and-set removed": _no_compare_and_set,
    "revision check off": _revisions_ignored,
    "outbox skipped after restart": _outbox_forgotten,
    "read_uncommitted": _read_uncommitted,
    "auto_offset_reset latest": _latest,
}
