"""The port to Kafka without Kafka: for tests of handlers and routing. Fencing and rebalances need the real one."""

from collections.abc import Sequence

from contracts.admission import Message
from services.runtime.engine.delivery import FencedError, Output


class MemoryLog:
    """What Kafka would hold: committed messages by topic and the input's committed offset."""

    def __init__(self) -> None:
        """Start empty at offset 0, owned by nobody."""
        self.topics: dict[str, list[Message]] = {}
        self.committed = 0
        self.epoch = 0


class MemoryDelivery:
    """Implements `Delivery` on a `MemoryLog`; a newer one fences its elders."""

    def __init__(self, log: MemoryLog) -> None:
        """Take over: every delivery opened before on this log is fenced."""
        self._log = log
        log.epoch += 1
        self._epoch = log.epoch
        self.told = log.committed
        self._open: list[Output] | None = None

    def _check(self) -> list[Output]:
        if self._epoch != self._log.epoch:
            raise FencedError("a newer owner has taken over")
        if self._open is None:
            raise FencedError("no transaction is open")
        return self._open

    async def begin(self) -> None:
        """Open a transaction."""
        self._open = []
        self._check()

    async def send(self, outputs: Sequence[Output]) -> None:
        """Put messages into it."""
        self._check().extend(outputs)

    async def commit(self, next_offset: int) -> None:
        """Show messages and offset together."""
        for output in self._check():
            self._log.topics.setdefault(output.topic, []).append(output.message)
        self._log.committed = next_offset
        self._open = None

    async def abort(self) -> None:
        """Forget it."""
        self._open = None
