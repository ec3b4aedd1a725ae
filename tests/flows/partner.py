"""A partner's system in memory: entries by name, read as a whole or as changes, and written to."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from contracts.event import EventCancelled, EventPublished
from contracts.fact import Fact
from contracts.zoned_time import ZonedTime
from flows.connector import (
    Draft,
    EventFact,
    Item,
    Mapped,
    Reading,
    Receipt,
    Refused,
    TargetRefusedError,
)
from flows.ledger.known import content_hash
from flows.wording import expected

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
PARTNER = "stadt"
NO_DATE = expected("start")


def event(object_id: str, title: str = "Kurs", ends: datetime | None = None, revision: int = 1) -> EventPublished:
    """An event with at most one date, which lasts an hour."""
    sessions = []
    if ends is not None:
        start, end = (ZonedTime.of(moment, "Europe/Berlin") for moment in (ends - timedelta(hours=1), ends))
        sessions = [{"session_id": "single", "start": start, "end": end}]
    return EventPublished.model_validate(
        {
            "event_id": object_id,
            "revision": revision,
            "texts": [{"language": "de", "title": title}],
            "organiser": {"name": "Stadt Gelsenkirchen"},
            "sessions": sessions,
            "licence": "CC-BY-4.0",
        }
    )


def cancelled(object_id: str, revision: int = 1) -> EventCancelled:
    """The same event, cancelled."""
    return EventCancelled(event_id=object_id, revision=revision)


@dataclass
class FakeSource:
    """Holds what each source id tells: an event, a `Refused` as it stands, or words that break the mapping."""

    entries: dict[str, Fact | Refused | str] = field(default_factory=dict)
    origins: dict[str, str] = field(default_factory=dict)
    complete: bool = True
    gone: tuple[str, ...] = ()
    unreadable: tuple[str, ...] = ()
    flags: dict[str, str] = field(default_factory=dict)
    only: Sequence[str] | None = None  # what a partial reading brings
    cursors: list[str | None] = field(default_factory=list)

    async def read(self, cursor: str | None) -> Reading:
        """Look once."""
        self.cursors.append(cursor)
        names = self.entries if self.only is None else self.only
        items = tuple(Item(name, b"") for name in names if name not in self.unreadable)
        return Reading(items, self.complete, self.gone, f"after {len(self.cursors)}", self.unreadable)

    def map(self, item: Item, _: datetime) -> Mapped:
        """Translate one entry."""
        entry = self.entries[item.source_id]
        if isinstance(entry, Refused):
            return Mapped(refused=(entry,))
        if isinstance(entry, str):
            raise ValueError(entry)  # noqa: TRY004 - any error of a mapping
        flags = (self.flags[item.source_id],) if item.source_id in self.flags else ()
        return Mapped((Draft(entry, item.source_id, flags, self.origins.get(item.source_id)),))

    def tell(self, *names: str, title: str = "Kurs") -> None:
        """Hold one event per name, of the partner's own."""
        for name in names:
            self.entries[name] = event(f"{PARTNER}:{name}", title)


@dataclass
class FakeTarget:
    """Remembers what was written; refuses the objects of ``refuses``, is away while ``away``."""

    held: dict[str, EventFact] = field(default_factory=dict)
    writes: list[str] = field(default_factory=list)
    refuses: set[str] = field(default_factory=set)
    breaks: set[str] = field(default_factory=set)
    away: set[str] = field(default_factory=set)
    closed: int = 0

    async def write(self, fact: EventFact, receipt: Receipt | None, fact_id: str) -> Receipt | None:
        """Write one fact, unless it was written before."""
        if receipt is not None and receipt.revision >= fact.revision:
            return receipt
        if fact.subject in self.away:
            raise ConnectionError("expected an answer, came none")
        if fact.subject in self.refuses:
            raise TargetRefusedError(NO_DATE)
        if fact.subject in self.breaks:
            raise KeyError(fact.subject)
        self.writes.append(fact_id)
        if fact.type.endswith("withdrawn.v1"):
            self.held.pop(fact.subject, None)
            return None
        self.held[fact.subject] = fact
        return Receipt(fact.subject, fact_id, fact.revision, f"{fact.subject}.ics", None, content_hash(fact))

    async def close(self) -> None:
        """Finish a batch."""
        self.closed += 1
