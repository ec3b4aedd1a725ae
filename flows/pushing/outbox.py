"""A partner's outbox, from outside: facts come in order, and the cursor moves in one transaction with dead letters."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from types import TracebackType
from typing import Protocol, Self

from aiokafka import TopicPartition

from contracts.topics import outbox
from services.runtime.engine.delivery import Output, Partition, Record, publish
from services.runtime.engine.kafka_delivery import Deliveries
from services.runtime.kafka import Kafka
from services.runtime.reading import record_of

LARGEST_BATCH = 100
_PATIENCE = 15  # seconds without an answer before the run gives up; the next one goes on


class CursorLostError(Exception):
    """The push group has no place in the outbox: guessing one would lose or double facts."""


@dataclass(frozen=True, slots=True)
class Batch:
    """Facts of an outbox in order, and the offset that follows them."""

    records: Sequence[Record]
    next_offset: int


class Outbox(Protocol):
    """Where a push finds facts."""

    async def batch(self) -> Batch | None:
        """Return what comes next; None once all is read that lay there at the beginning."""
        ...

    async def done(self, outputs: Sequence[Output], next_offset: int) -> None:
        """Move the cursor and write dead letters, both or neither."""
        ...


class KafkaOutbox:
    """Implements `Outbox`. Opening it shuts out a former reader before the cursor is asked for."""

    def __init__(self, partner: str, kafka: Kafka) -> None:
        """Name the outbox and its group."""
        self._partition = Partition(f"hub.push.{partner}", outbox(partner), 0)
        self._place = TopicPartition(self._partition.topic, 0)
        self._delivery = Deliveries(kafka).of(self._partition)
        self._consumer = kafka.consumer(group=self._partition.group)
        self._end = 0

    async def __aenter__(self) -> Self:
        """Fence, ask for the cursor afresh, go there.

        Raises:
            CursorLostError: there is no cursor.
        """
        try:
            async with asyncio.timeout(_PATIENCE):
                await self._delivery.open()
                await self._consumer.start()
                self._consumer.assign([self._place])
                self._consumer.seek(self._place, await self._cursor())
                self._end = (await self._consumer.end_offsets([self._place]))[self._place]
        except BaseException:
            await self._close()
            raise
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop both clients."""
        await self._close()

    async def _cursor(self) -> int:
        committed: int | None = await self._consumer.committed(self._place)
        if committed is None:
            raise CursorLostError(
                f"expected a committed offset of group {self._partition.group} for {self._partition}, found none: "
                "run 'hub apply': it sets a new outbox's cursor, and for an old one tells the 'hub cursor set' to use"
            )
        return committed

    async def batch(self) -> Batch | None:
        """Read up to `LARGEST_BATCH` records, past the markers of the transactions that wrote them.

        Raises:
            TimeoutError: Kafka does not answer.
        """
        first = position = await self._consumer.position(self._place)
        records: list[Record] = []
        async with asyncio.timeout(_PATIENCE):
            while position < self._end and len(records) < LARGEST_BATCH:
                found = await self._consumer.getmany(
                    self._place, timeout_ms=100, max_records=LARGEST_BATCH - len(records)
                )
                records += map(record_of, found.get(self._place, ()))
                position = await self._consumer.position(self._place)
        return Batch(records, position) if position > first else None

    async def done(self, outputs: Sequence[Output], next_offset: int) -> None:
        """Write dead letters and cursor in one Kafka transaction.

        Raises:
            FencedError: somebody else reads this outbox now.
        """
        await publish(self._delivery, [outputs], next_offset)

    async def _close(self) -> None:
        await self._consumer.stop()
        await self._delivery.close()
