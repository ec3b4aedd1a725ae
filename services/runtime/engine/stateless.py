"""The stateless mode: each record becomes outputs by a pure rule; one Kafka transaction a batch.

Outputs, dead letters and the input's offset become visible together, so after a death the next owner starts exactly
where the last commit ended.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from contracts.admission import Message
from contracts.refusal import Refusal
from contracts.wording import expected
from services.runtime.engine.burial import bury
from services.runtime.engine.delivery import Delivery, Output, Partition, Record, publish
from services.runtime.engine.observation import Observe, Seen

PORTION = 200  # records that are judged before they are sent: few, so that they are still in the processor's cache

Rule = Callable[[str, Message], Sequence[Output] | Refusal]
"""A service's rule: (input topic, message) to outputs, or why not. Pure."""


@dataclass(frozen=True, slots=True)
class Stateless:
    """A service that keeps nothing."""

    service: str
    rule: Rule
    observe: Observe

    async def recover(self, delivery: Delivery, partition: Partition, committed: int) -> int:  # noqa: ARG002 - the other mode needs them
        """Return where to go on: Kafka's committed offset is all there is."""
        return committed

    async def process(self, delivery: Delivery, partition: Partition, position: int, records: Sequence[Record]) -> None:  # noqa: ARG002 - the other mode needs it
        """Take a batch.

        Raises:
            FencedError: nothing of it counts; the assignment sequence must run.
        """
        seen: list[Seen] = []
        await publish(delivery, self._portions(partition, records, seen), records[-1].offset + 1)
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
