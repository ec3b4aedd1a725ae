"""Reminders: what a service must hear when its time has come, and nobody else would tell.

An object that waits has a mark that says until when. The owner of the first input partition looks for marks whose time
has come and writes a message for each into the service's own input, inside a transaction of its partition. It is taken
like any other then: decided under the object's lock, by whoever owns its partition. A reminder that is written twice
finds nothing to do the second time, one that is lost is written again at the next look.
"""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from services.runtime.engine.delivery import Output, Partition
from services.runtime.engine.store import Store

PAUSE = 3.0  # seconds between two looks
AT_ONCE = 500


@dataclass(slots=True)
class Reminders:
    """The reminders of one service.

    Attributes:
        topic: its input; the owner of partition 0 looks.
        mark: what the marks begin with; a moment follows, RFC 3339 in UTC and whole seconds.
        remind: makes the message from an object's key and the present.
    """

    topic: str
    mark: str
    remind: Callable[[str, datetime], Output]
    again: float = 0.0  # the event loop's time of the next look

    async def due(self, store: Store, partition: Partition) -> Sequence[Output]:
        """Return what is to be written now.

        Raises:
            OSError, asyncpg.PostgresError: the database is away.
        """
        now = asyncio.get_running_loop().time()
        if partition.topic != self.topic or partition.number or now < self.again:
            return ()
        self.again = now + PAUSE
        moment = datetime.now(UTC)
        found = await store.marked(self.mark, f"{self.mark}{moment:%Y-%m-%dT%H:%M:%SZ}", AT_ONCE)
        return [self.remind(key, moment) for _, key in found]
