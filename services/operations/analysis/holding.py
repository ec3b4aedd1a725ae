"""What holds of each object, from the facts told of it: the latest one, beside what it was begun with. Pure."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from typing import Any

from contracts.envelope import Envelope, partner_of
from contracts.fact import Fact
from contracts.registry import CONTRACTS, STREAMS, kind_of
from contracts.speaking import day_of, speaks_of_people
from services.operations.analysis.columns import Column, Kind, columns, dictionary

GONE = "withdrawn"
"""What is told no more: nothing holds of it."""

NAMED = frozenset({"creators"})
"""The fields that name humans, who made that public themselves with a work, as long as it is."""


def state_of(contract: str) -> str:
    """Return what a fact makes of its object, which is its contract's participle."""
    return contract.split(".")[-2]


@cache
def about() -> tuple[Column, ...]:
    """Return the columns of what is known of each fact beside its body."""
    rows = dictionary()["column"].items()
    return tuple(Column(name, (name,), Kind(row["kind"]), row["en"], row["de"]) for name, row in rows)


def columns_of(contracts: Iterable[type[Fact]]) -> tuple[Column, ...]:
    """Return the columns of one kind of object, those of every fact first."""
    return (*about(), *columns(contracts))


def kinds() -> dict[str, list[type[Fact]]]:
    """Return the contracts of what is recorded by kind of object; the first one of each begins an object."""
    found: dict[str, list[type[Fact]]] = {}
    for name, contract in CONTRACTS.items():
        if contract.stream in STREAMS:
            found.setdefault(kind_of(name), []).append(contract)
    return found


@dataclass(frozen=True, slots=True)
class Told:
    """One fact of the unified stream."""

    envelope: Envelope
    recorded: datetime
    body: Mapping[str, Any]

    def row(self) -> dict[str, Any]:
        """The fact with what is known of it beside its body; of a fact about people, times are days."""
        about, recorded = self.envelope, self.recorded.isoformat()
        told_of_people = speaks_of_people(CONTRACTS[about.type])
        return {
            "told_by": partner_of(about.source),
            "state": state_of(about.type),
            "fact_type": about.type,
            "fact_id": about.id,
            "fact_time": about.time,
            "recorded_at": day_of(recorded) if told_of_people else recorded,
            **self.body,
        }


@dataclass(slots=True)
class Withdrawn:
    """Which objects were withdrawn at last, from facts in the order in which they were recorded."""

    _since: dict[tuple[str, str], int] = field(default_factory=dict)

    def take(self, about: Envelope) -> None:
        """Take one fact; an older revision than that of the withdrawal brings nothing back."""
        if about.type not in CONTRACTS:
            return
        key, revision = (kind_of(about.type), about.subject), about.revision or 0
        if state_of(about.type) == GONE:
            self._since[key] = max(revision, self._since.get(key, 0))
        elif revision > self._since.get(key, revision):
            del self._since[key]

    def row(self, told: Told) -> dict[str, Any]:
        """The fact's row; of an object that was withdrawn without the people whom it named."""
        row = told.row()
        if (kind_of(told.envelope.type), told.envelope.subject) in self._since:
            row |= dict.fromkeys(NAMED & row.keys())
        return row


@dataclass(slots=True)
class Holding:
    """The objects of one kind. Facts come in the order in which they were recorded."""

    begins: str  # the type of the contract that begins an object
    _latest: dict[str, tuple[Told | None, Told]] = field(default_factory=dict)

    def take(self, told: Told) -> None:
        """Take one fact; an older revision than the one known changes nothing."""
        subject = told.envelope.subject
        begun, latest = self._latest.get(subject, (None, None))
        if latest is not None and (told.envelope.revision or 0) < (latest.envelope.revision or 0):
            return
        if state_of(told.envelope.type) == GONE:
            begun = None
        self._latest[subject] = (told if told.envelope.type == self.begins else begun, told)

    def rows(self) -> Iterator[dict[str, Any]]:
        """Yield what holds, an object a row; nothing of those that were withdrawn."""
        for begun, latest in self._latest.values():
            if state_of(latest.envelope.type) != GONE:
                yield {**(begun.body if begun else {}), **latest.row()}
