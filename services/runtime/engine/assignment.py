"""The assignment sequence: the only order of steps in which a partition may change hands.

aiokafka refreshes committed offsets before it awaits a rebalance listener, swallows the listener's exceptions and sends
no group metadata with transactional offsets. So ownership does not rest on the group alone: see `_take`.
"""

import asyncio

from aiokafka import AIOKafkaConsumer

from services.runtime.engine.mode import Mode
from services.runtime.engine.owned import Owned

LONGEST_PAUSE = 5.0  # seconds between two tries while the world is away


class CursorLostError(Exception):
    """The group has no committed offset for a partition it owns: guessing would lose or double records."""


async def take_until_it_holds(owned: Owned, consumer: AIOKafkaConsumer, mode: Mode) -> None:
    """Run the sequence for a paused partition, again and again until it has come to its end."""
    pause = 0.1 * 2 ** min(owned.failures, 6)
    if owned.failures > 1:  # the sequence succeeds, but the batch after it fails again and again
        await asyncio.sleep(min(pause, LONGEST_PAUSE))
    while True:
        try:
            await _take(owned, consumer, mode)
        except Exception as error:  # noqa: BLE001 - waits and tries again, visibly, for whatever reason
            owned.wait(error)
            await asyncio.sleep(pause)
            pause = min(pause * 2, LONGEST_PAUSE)
        else:
            return


async def _take(owned: Owned, consumer: AIOKafkaConsumer, mode: Mode) -> None:
    """Fence, ask, recover, seek, resume."""
    async with owned.lock:
        await owned.delivery.close()
        await owned.delivery.open()  # InitProducerId: from here on no former owner can write
        committed = await consumer.committed(owned.tp)  # asked afresh; aiokafka's own copy may be older
        if committed is None:
            raise CursorLostError(
                f"expected a committed offset of group {owned.partition.group} for {owned.partition}, found none: "
                "run 'hub apply': it sets a new topic's cursor and tells the 'hub cursor set' to use for an old one"
            )
        owned.delivery.told = committed
        committed = max(committed, owned.delivery.last_commit)  # Kafka may not tell yet what it has already taken
        owned.position = await mode.recover(owned.delivery, owned.partition, committed)
        first = (await consumer.beginning_offsets([owned.tp]))[owned.tp]
        if owned.position < first:
            raise CursorLostError(
                f"expected {owned.partition} to hold offset {owned.position}, it begins at {first}: retention took "
                "what was not read; 'hub cursor set' lets the reader go on from there"
            )
        consumer.seek(owned.tp, owned.position)  # drops what was prefetched from elsewhere
        owned.waits_for = ""
    consumer.resume(owned.tp)
