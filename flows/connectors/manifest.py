"""What every kind of partner system offers to the flows, and its row.

A connector is a folder with ``client.py`` (I/O), ``mapping.py`` (pure), ``settings.py`` (what an agreement says of it)
and ``manifest.py`` (one ``MANIFEST`` row). Pull and push are written once against the two protocols below.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pkgutil import resolve_name
from typing import Any, Protocol, TypeVar, runtime_checkable

from pydantic import ValidationError

from contracts.agreement import Agreement, Direction, Part
from contracts.rejection import FactRejected
from flows.connector import EventFact, Item, Mapped, Outcome, Reading, Receipt, SettingsWrongError
from services.runtime.settings import Settings

Told = TypeVar("Told", bound=Part)


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


@runtime_checkable
class Answering(Protocol):
    """A source whose partner is told what became of what it gave: a table, with an answer beside it."""

    async def answer(self, outcome: Outcome) -> None:
        """Tell it; the same again changes nothing.

        Raises:
            OSError: it cannot be told; the run fails, and the next one tries again.
        """
        ...


@runtime_checkable
class Remembering(Protocol):
    """A source whose cursor also knows what was there: a reading afresh must not forget it."""

    def afresh(self, cursor: str | None) -> str | None:
        """Return the cursor by which the next reading is a whole one, with what ``cursor`` knows."""
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


@runtime_checkable
class Hearing(Protocol):
    """A target that is also told what the hub refused of what its partner's system told."""

    async def hear(self, told: FactRejected, object_id: str, revision: int) -> None:
        """Take note of it; the same again changes nothing.

        Args:
            told: the rejection.
            object_id: whose fact it was.
            revision: which one.

        Raises:
            OSError: not reachable; the push tries again.
        """
        ...


@dataclass(frozen=True, slots=True)
class Manifest:
    """The row of one kind of partner system, an entry point of the group ``hub.connectors`` under the kind's name.

    ``source`` and ``target`` name classes, ``module:Class``, with a class method ``of(agreement, settings)``: who only
    reads agreements does not load what they need. ``target`` is empty where the kind cannot push, ``source`` where it
    cannot pull.
    """

    title: Mapping[str, str]  # by language: de, en
    directions: Sequence[Direction]
    owner: str
    settings: type[Part]  # the model of [connector.settings]
    source: str = ""
    target: str = ""
    readback: str = ""  # a source of what stands in the target; empty where the kind cannot read back what it wrote
    tells: Sequence[str] = ("event",)  # kinds of objects that a pull can read in it
    push_alone: bool = True  # False: what a push wrote is only kept right by the pulls beside it
    objects: Sequence[str] = ("event",)  # kinds of objects whose facts a push can write into it

    @property
    def ends(self) -> Mapping[str, str]:
        """The classes by what they are opened for."""
        return {"pull": self.source, "push": self.target, "readback": self.readback}

    def open(self, end: str, agreement: Agreement, settings: Settings) -> Any:  # noqa: ANN401 - one of the two protocols
        """Make the client for one direction, or for reading the target back."""
        return resolve_name(self.ends[end]).of(agreement, settings)


def settings_of(agreement: Agreement, model: type[Told]) -> Told:
    """Return the settings of an agreement as the model of its kind.

    Raises:
        SettingsWrongError: they are none; one that was read from a file was judged by this model there.
    """
    try:
        return model.model_validate(agreement.connector.settings if agreement.connector else {})
    except ValidationError:
        raise SettingsWrongError(
            f"agreement {agreement.id}: expected the [connector.settings] of its kind, came others: hub apply --check"
        ) from None
