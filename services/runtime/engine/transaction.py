"""One Kafka transaction of a shard: what its partitions bring at one time becomes visible together, or not at all."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager, suppress

from aiokafka import AIOKafkaProducer, TopicPartition
from aiokafka.errors import KafkaError

from services.runtime.engine.delivery import FencedError, Output, Partition
from services.runtime.engine.outgoing import Outgoing
from services.runtime.kafka import TRANSACTION_TIMEOUT_MS

# The broker aborts a transaction at its timeout; an answer that takes longer than that can only be bad news.
PATIENCE = TRANSACTION_TIMEOUT_MS / 1000 + 5

Ended = Callable[[set[Partition], dict[Partition, int] | None], None]  # hears who took part; offsets, None: failed


class Transaction:
    """Partitions join it until the first of them is done; it is committed when the last one is."""

    def __init__(
        self, producer: AIOKafkaProducer, former: "Transaction | None", told: Ended, *, alone: bool = False
    ) -> None:
        """Take the producer, and what it still works on: partitions may join meanwhile, unless it is for one alone."""
        self._producer, self._former, self._told, self.alone = producer, former, told, alone
        self._at_work: set[Partition] = set()
        self._offsets: dict[Partition, int] = {}
        self._outgoing = Outgoing(producer)
        self._beginning = asyncio.create_task(self._begin())
        self._ending: asyncio.Task[None] | None = None
        self.ended: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    @property
    def may_be_joined(self) -> bool:
        """Whether nobody is done yet."""
        return not self._offsets and not self.ended.done()

    @property
    def failed(self) -> bool:
        """Whether nobody may go on with its producer."""
        if self.ended.done():
            return self.ended.exception() is not None
        return self._former is not None and self._former.failed

    async def join(self, partition: Partition) -> None:
        """Let a partition take part from its beginning on; it must `commit` or `give_up`.

        Raises:
            FencedError: as all that follows; nothing of the transaction counts, for nobody.
        """
        self._at_work.add(partition)
        try:
            await asyncio.wait([self._beginning])
            self.check()
        except BaseException:
            if self._beginning.done():
                await self.give_up(f"{partition} did not stay")
            else:
                self._at_work.discard(partition)
            raise

    async def send(self, outputs: Sequence[Output]) -> None:
        """Put messages into it, in order."""
        self.check()
        async with fenced():
            await self._outgoing.put(outputs)

    async def commit(self, partition: Partition, next_offset: int) -> None:
        """Be done with one partition, and wait for the others."""
        self.check()
        self._offsets[partition] = next_offset
        self._at_work.discard(partition)
        if not self._at_work:
            self._ending = asyncio.create_task(self._end())
        await asyncio.wait([self.ended], timeout=PATIENCE)
        if not self.ended.done():
            raise FencedError(f"a transaction of {partition} did not end")
        self.check()

    async def give_up(self, reason: str) -> None:
        """Abort, as well as that goes: the next owner's InitProducerId aborts it anyway."""
        if self.ended.done():
            return
        self._fail(FencedError(reason))
        if self._beginning.cancel():
            return
        if self._ending is not None:
            self._ending.cancel()
        await self._abort()

    async def _abort(self) -> None:
        with suppress(KafkaError, TimeoutError, AssertionError, ValueError):
            await asyncio.wait_for(self._producer.abort_transaction(), 1)

    def check(self) -> None:
        """Raise what it failed with, for each who takes part."""
        error = self.ended.exception() if self.ended.done() else None
        if error is not None:
            raise FencedError(str(error), getattr(error, "suspects", ())) from error

    async def _begin(self) -> None:
        try:
            if self._former is not None:
                await asyncio.wait([self._former.ended])
                self._former.check()
                self._former = None
            if not self._at_work:  # whoever wanted it went away
                self.ended.set_result(None)
                return
            async with fenced():
                await self._producer.begin_transaction()
        except FencedError as error:
            self._fail(error)
        else:
            if not self._at_work:  # just now
                self._fail(FencedError("nobody stayed"))

    async def _end(self) -> None:
        try:
            async with fenced():
                await self._outgoing.acknowledged()
                (group,) = {partition.group for partition in self._offsets}
                offsets = {TopicPartition(each.topic, each.number): next_ for each, next_ in self._offsets.items()}
                await self._producer.send_offsets_to_transaction(offsets, group)
                await self._producer.commit_transaction()
        except Exception as error:  # noqa: BLE001 - whatever it is, the partitions wait to hear of it
            await self._abort()  # or the client would go on trying to write what it has
            self._fail(error if isinstance(error, FencedError) else FencedError(type(error).__name__))
        if not self.ended.done():
            self._told({*self._offsets}, self._offsets)
            self.ended.set_result(None)

    def _fail(self, error: FencedError) -> None:
        if not self.ended.done():
            self._told({*self._offsets, *self._at_work}, None)
            self.ended.set_exception(error)
            self.ended.exception()  # asked, or it complains when it is collected
        self._outgoing.forget()


@asynccontextmanager
async def fenced() -> AsyncIterator[None]:
    """Say `FencedError` for every way in which a transaction's fate becomes unknown."""
    try:
        async with asyncio.timeout(PATIENCE):
            yield
    except (KafkaError, TimeoutError, AssertionError) as error:
        raise FencedError(f"a transaction ended with {type(error).__name__}") from error
