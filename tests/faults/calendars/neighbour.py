"""Another partner, which publishes while the city's calendar server is ill: its messages must not wait for that."""

import time
from dataclasses import dataclass

from deploy import orderly
from deploy.demo import university
from services.runtime.settings import Settings
from tests.faults.calendars.story import Story
from tests.faults.calendars.told import CITY
from tests.faults.checker.reading import Reader

_WITHIN = 20.0  # seconds


@dataclass(slots=True)
class Neighbour:
    """The university, with a Kafka client of its own."""

    settings: Settings
    reader: Reader
    announced: int = 0

    def announce(self, story: Story) -> None:
        """Publish one event more."""
        self.announced += 1
        whole = university.lecture(story.today)
        fact = whole.model_copy(update={"event_id": f"{whole.event_id}-{self.announced}"})
        orderly.loop(lambda: university.announce(self.settings, fact))

    def unheard(self) -> list[str]:
        """Wait until all of it is in the city's outbox; return what is not."""
        until = time.monotonic() + _WITHIN
        while (arrived := self._arrived()) < self.announced:
            if time.monotonic() > until:
                return [f"{self.announced - arrived} messages of another partner, not there within {_WITHIN:.0f} s"]
            time.sleep(0.1)
        return []

    def _arrived(self) -> int:
        self.reader.topics()
        return sum(row.topic == f"partner.{CITY}.outbox" for row in self.reader.evidence.outboxes)
