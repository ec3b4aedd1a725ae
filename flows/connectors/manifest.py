"""What every kind of partner system offers to the flows.

A connector is a folder with ``client.py`` (I/O), ``mapping.py`` (pure), ``manifest.py`` (one ``MANIFEST`` row).
Pull and push are written once against the two protocols below.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol

from contracts.agreement import Agreement
from flows.connectors.connector import EventFact, Item, Mapped, Reading, Receipt
from services.runtime.settings import Settings


class Source(Protocol):
    """Where a pull reads."""

    async def read(self, cursor: str | None) -> Reading:
        """Look once.

        Raises:
            SourceUnusableError: the answer cannot be trusted as a whole.
            OSError: the system cannot be reached; the next run tries again.
        """
        ...

    def map(self, item: Item, now: datetime) -> Mapped:
        """Translate one item; pure. ``now`` bounds the window in which recurrences are unfolded."""
        ...


class Target(Protocol):
    """Where a push writes."""

    async def write(self, fact: EventFact, receipt: Receipt | None, fact_id: str) -> Receipt | None:
        """Bring one fact into the partner system; repeating it changes nothing.

        Args:
            fact: the fact to tell.
            receipt: what we wrote for this object before, None at the first time.
            fact_id: the CloudEvents id, noted in the receipt.

        Returns:
            The new receipt, or None where the object is no longer there.

        Raises:
            TargetRefusedError: the target refuses it for good.
            OSError: not reachable; the push tries again.
        """
        ...

    async def close(self) -> None:
        """Finish a batch: write what is told as a whole, such as a catalogue."""
        ...


@dataclass(frozen=True, slots=True)
class Manifest:
    """The row of one kind of partner system."""

    kind: str
    title: Mapping[str, str]  # by language: de, en
    directions: Sequence[str]  # pull, push
    owner: str
    source: Callable[[Agreement, Settings], Source]
    target: Callable[[Agreement, Settings], Target]
    settings: Mapping[str, str] = field(default_factory=dict)  # name: what it is, for the documentation

    def open(self, direction: str, agreement: Agreement, settings: Settings) -> Any:  # noqa: ANN401 - one of the two protocols
        """Make the client for one direction."""
        return {"pull": self.source, "push": self.target}[direction](agreement, settings)
