"""The stateless mode: each record becomes outputs by a pure rule; one Kafka transaction a batch.

Outputs, dead letters and the input's offset become visible together, so after a death the next owner starts exactly
where the last commit ended. What outputs need first is kept before the transaction begins: partitions share it, and
those that need nothing must not wait. A death between the two leaves it kept and the batch to come again.
"""

from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from contracts.admission import Message
from contracts.refusal import Refusal
from contracts.wording import expected
from services.runtime.engine.blame import Blame, blame
from services.runtime.engine.burial import bury
from services.runtime.engine.delivery import Delivery, Output, Partition, Record, publish
from services.runtime.engine.observation import Observe, Seen

PORTION = 200  # records that are judged before they are sent: few, so that they are still in the processor's cache

Rule = Callable[[str, Message], Sequence[Output] | Refusal]
"""A service's rule: (input topic, message) to outputs, or why not. Pure."""

Keep = Callable[[Sequence[Any]], Awaitable[None]]
"""Makes durable what outputs need first; more than once does no harm."""


@dataclass(frozen=True, slots=True)
class Stateless:
    """A service without a state; ``keep`` says by input topic where its outputs' ``first`` is kept."""

    service: str
    rule: Rule
    observe: Observe
    keep: Mapping[str, Keep] = field(default_factory=dict)

    async def recover(self, delivery: Delivery, partition: Partition, committed: int) -> int:  # noqa: ARG002 - the other mode needs them
        """Return where to go on: Kafka's committed offset is all there is."""
        return committed

    async def process(self, delivery: Delivery, partition: Partition, position: int, records: Sequence[Record]) -> None:
        """Take a batch. One whose ``first`` cannot be kept as it is, is halved down to the message.

        Raises:
            FencedError: nothing of it counts; the assignment sequence must run.
            OSError, asyncpg.PostgresError: what must be kept first is not; nothing was written.
        """
        seen: list[Seen] = []
        outputs: Iterable[list[Output]] = self._portions(partition, records, seen)
        if keep := self.keep.get(partition.topic):
            outputs = list(outputs)
            try:
                await _kept(keep, outputs)
            except Exception as error:
                if blame(error) is not Blame.MESSAGE:
                    raise
                await self._halve(delivery, partition, position, records, error)
                return
        await publish(delivery, outputs, records[-1].offset + 1)
        self.observe(self.service, partition, seen)

    async def idle(self, delivery: Delivery, partition: Partition, position: int, reached: int) -> bool:  # noqa: ARG002 - the other mode needs it
        """Step over what is no record.

        Raises:
            FencedError: the step does not count; the assignment sequence must run.
        """
        if reached > position:
            await publish(delivery, (), reached)
        return False

    async def release(self, partition: Partition) -> None:
        """Nothing is kept of it."""

    async def _halve(
        self, delivery: Delivery, partition: Partition, position: int, records: Sequence[Record], error: Exception
    ) -> None:
        middle = len(records) // 2
        if middle == 0:
            refusal = Refusal("store-refused", "the whole message", expected("storable", error=type(error).__name__))
            await self.process(delivery, partition, position, [records[0]._replace(refusal=refusal)])
            return
        await self.process(delivery, partition, position, records[:middle])
        await self.process(delivery, partition, position, records[middle:])

    def _portions(self, partition: Partition, records: Sequence[Record], seen: list[Seen]) -> Iterator[list[Output]]:
        for start in range(0, len(records), PORTION):
            outputs, outcomes = self.outputs(partition, records[start : start + PORTION])
            seen += outcomes
            yield outputs

    def outputs(self, partition: Partition, records: Sequence[Record]) -> tuple[list[Output], list[Seen]]:
        """Say what a batch becomes: its outputs and dead letters in order, and each record's outcome."""
        outputs: list[Output] = []
        seen: list[Seen] = []
        for record in records:
            result = record.refusal or self._judge(partition.topic, record.message)
            if isinstance(result, Refusal):
                seen.append(Seen(record, "refused", result))
                outputs += bury(self.service, partition, record, result)
            else:
                seen.append(Seen(record, "passed"))
                outputs += result
        return outputs, seen

    def _judge(self, topic: str, message: Message) -> Sequence[Output] | Refusal:
        try:
            return self.rule(topic, message)
        except Exception as error:  # noqa: BLE001 - a rule that breaks on a message must not stop its neighbours
            return Refusal("rule-failed", "the whole message", expected("judgeable", error=type(error).__name__))


async def _kept(keep: Keep, outputs: Iterable[Sequence[Output]]) -> None:
    first = [output.first for portion in outputs for output in portion if output.first is not None]
    if first:
        await keep(first)
