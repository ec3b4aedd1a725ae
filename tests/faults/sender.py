"""The partners of a run: they send what the plan says and keep what was acknowledged to them."""

import asyncio
import time
from dataclasses import dataclass, field
from typing import Any

from aiokafka.errors import KafkaError

from contracts.topics import inbox
from services.runtime.kafka import Kafka
from services.runtime.settings import Settings
from tests.faults.beside import Beside
from tests.faults.messages import PARTNERS, Sending
from tests.faults.plan import Plan

_AGAIN = 0.5  # seconds until a partner that lost its connection tries again


@dataclass(frozen=True, slots=True)
class Acknowledged:
    """Where Kafka put a message, and when it said so (seconds, the system's clock)."""

    partition: int
    offset: int
    at: float


@dataclass(slots=True)
class Ledger:
    """Everything that was sent, by number; and what of it was acknowledged. The rest may have arrived or not."""

    sent: dict[int, Sending] = field(default_factory=dict)
    acknowledged: dict[int, Acknowledged] = field(default_factory=dict)


class Load(Beside):
    """Partners that send at a steady pace while the block runs; at its end all of it is acknowledged or given up."""

    def __init__(self, settings: Settings, plan: Plan, ledger: Ledger, rate: float) -> None:
        """Take ``rate``, messages a second of all partners together."""
        self._settings, self._story, self._ledger, self._rate = settings, iter(plan), ledger, rate
        super().__init__(lambda: asyncio.run(self._send()))

    async def _send(self) -> None:
        lanes = {partner: _Lane(Kafka(self._settings, f"partner-{partner}"), self._ledger) for partner in PARTNERS}
        await asyncio.gather(*(lane.open() for lane in lanes.values()))
        begin, number = time.monotonic(), 0
        while not self._end.is_set():
            message = next(self._story)
            self._ledger.sent[message.number] = message
            await lanes[message.partner].put(message)
            number += 1
            await asyncio.sleep(max(0.0, begin + number / self._rate - time.monotonic()))
        await asyncio.gather(*(lane.close() for lane in lanes.values()))


class _Lane:
    """One partner's client."""

    def __init__(self, kafka: Kafka, ledger: Ledger) -> None:
        self._kafka, self._ledger = kafka, ledger
        self._producer: Any = None
        self._waiting: set[asyncio.Task[None]] = set()
        self._broken = False

    async def open(self) -> None:
        while True:
            self._producer = self._kafka.producer()
            try:
                await self._producer.start()
            except (KafkaError, OSError):
                await self._stop()
                await asyncio.sleep(_AGAIN)
            else:
                self._broken = False
                return

    async def put(self, message: Sending) -> None:
        if self._broken:  # an idempotent producer that lost a message has lost its sequence
            await self._stop()
            await self.open()
        try:
            future = await self._producer.send(
                inbox(message.partner), value=message.value, key=message.key, headers=[*message.headers().items()]
            )
        except (KafkaError, TimeoutError):
            self._broken = True
            return
        task = asyncio.create_task(self._keep(message, future))
        self._waiting.add(task)
        task.add_done_callback(self._waiting.discard)

    async def close(self) -> None:
        await asyncio.gather(*self._waiting)
        await self._stop()

    async def _keep(self, message: Sending, future: Any) -> None:  # noqa: ANN401 - aiokafka ships no types
        try:
            told = await future
        except (KafkaError, TimeoutError):
            self._broken = True
        else:
            self._ledger.acknowledged[message.number] = Acknowledged(told.partition, told.offset, time.time())

    async def _stop(self) -> None:
        try:
            async with asyncio.timeout(5):
                await self._producer.stop()
        except (KafkaError, TimeoutError):
            pass
