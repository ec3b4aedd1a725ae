"""Ledger, receipts and doors without PostgreSQL and Kafka, for the rules that stand above them."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from contracts.admission import Message
from contracts.dead_letter import DeadLetter
from contracts.registry import tells_a_person
from flows.connector import Reading, Receipt, Refused
from flows.ledger.holds import settled
from flows.ledger.known import Change, Diff, Known
from flows.ledger.outgoing import Outgoing, allocate
from flows.ledger.receipts import Delivered
from flows.pulling.burials import dead_letters, mended
from flows.pushing.outbox import Batch
from services.runtime.engine.delivery import Output, Record
from tests.flows.partner import NOW


class Died(Exception):  # noqa: N818 - a test's own death
    """The process died here."""


@dataclass
class MemoryLedger:
    """As `Ledger`."""

    rows: dict[str, Known] = field(default_factory=dict)
    waiting: list[Outgoing] = field(default_factory=list)
    refusals: list[Refused] = field(default_factory=list)
    saved: str | None = None

    async def clock(self) -> datetime:
        """As `Ledger.clock`."""
        return NOW

    async def known(self) -> dict[str, Known]:
        """As `Ledger.known`."""
        return dict(self.rows)

    async def record(self, changes: Sequence[Change]) -> list[Outgoing]:
        """As `Ledger.record`; an expectation takes the place of the lock."""
        facts = [allocate(change, "2026-11-24T12:00:00Z") for change in changes]
        for change, fact in zip(changes, facts, strict=True):
            before = self.rows.get(fact.object_id)
            assert fact.revision == (before.revision if before else 0) + 1
            self.rows[fact.object_id] = replace(change.after, revision=fact.revision)
        self.waiting += facts
        return facts

    async def forget_unsent(self) -> None:
        """As `Ledger.forget_unsent`."""
        unsent = [fact for fact in self.waiting if tells_a_person(fact.type)]
        self.waiting = [fact for fact in self.waiting if fact not in unsent]
        for fact in unsent:
            self.rows[fact.object_id] = replace(self.rows[fact.object_id], content_hash="")

    async def pending(self) -> list[Outgoing]:
        """As `Ledger.pending`."""
        return list(self.waiting)

    async def sent(self, facts: Sequence[Outgoing]) -> None:
        """As `Ledger.sent`."""
        self.waiting = [fact for fact in self.waiting if fact not in facts]

    async def mark(self, rows: Sequence[Known]) -> None:
        """As `Ledger.mark`."""
        self.rows |= {row.object_id: row for row in rows}

    async def note_refusals(self, refused: Sequence[Refused], *_: object, **__: object) -> None:
        """As `Ledger.note_refusals`."""
        self.refusals = list(refused)

    async def cursor(self) -> str | None:
        """As `Ledger.cursor`."""
        return self.saved

    async def save_cursor(self, cursor: str | None) -> None:
        """As `Ledger.save_cursor`."""
        self.saved = cursor


@dataclass
class MemoryHolds:
    """As `Holds`."""

    ids: frozenset[str] = frozenset()

    async def all(self) -> frozenset[str]:
        """As `Holds.all`."""
        return self.ids

    async def note(self, found: Diff, told: Collection[str], *, complete: bool) -> None:
        """As `Holds.note`."""
        kept = frozenset[str]() if complete else self.ids - settled(found, told)
        self.ids = kept | frozenset(found.held)


@dataclass
class MemoryReceipts:
    """As `Receipts`."""

    rows: dict[str, Delivered] = field(default_factory=dict)
    at: datetime = datetime(2026, 11, 1, tzinfo=NOW.tzinfo)

    async def all(self) -> dict[str, Delivered]:
        """As `Receipts.all`."""
        return dict(self.rows)

    async def save(self, object_id: str, _: str, revision: int, receipt: Receipt | None) -> Delivered:
        """As `Receipts.save`."""
        self.rows[object_id] = Delivered(object_id, revision, receipt, self.at)
        return self.rows[object_id]


@dataclass
class MemoryInbox:
    """Takes facts; dies after having taken them where told so."""

    facts: list[Outgoing] = field(default_factory=list)
    dies: bool = False

    async def put(self, facts: Sequence[Outgoing]) -> None:
        """As `Inbox.put`."""
        self.facts += facts
        if self.dies and facts:
            raise Died

    def told(self) -> list[tuple[str, int, str]]:
        """Object, revision and kind of every fact, in order."""
        return [(fact.object_id, fact.revision, fact.type.split(".")[-2]) for fact in self.facts]


@dataclass
class MemoryBurials:
    """Keeps the dead letters by their ids, and the ids of those that are closed."""

    letters: dict[str, DeadLetter] = field(default_factory=dict)
    closed: list[str] = field(default_factory=list)

    async def bury(self, refused: Sequence[Refused], reading: Reading) -> None:
        """As `Burials.bury`."""
        found = dead_letters("stadt", refused, reading.items, "2026-11-01T00:00:00Z")
        still = {letter.id: letter for letter in found}
        ended = mended(self.letters.keys() - set(self.closed), still, reading)
        self.letters |= still
        self.closed = [each for each in (*self.closed, *ended) if each not in still]


@dataclass
class MemoryOutbox:
    """Holds messages; dies before the cursor moves where told so."""

    messages: list[Message] = field(default_factory=list)
    cursor: int = 0
    letters: list[Output] = field(default_factory=list)
    dies: bool = False
    size: int = 100

    def __post_init__(self) -> None:
        """Begin at the cursor."""
        self.position = self.cursor

    async def batch(self) -> Batch | None:
        """As `Outbox.batch`."""
        here = self.messages[self.position : self.position + self.size]
        records = [Record(self.position + number, message) for number, message in enumerate(here)]
        self.position += len(here)
        return Batch(records, self.position) if records else None

    async def done(self, outputs: Sequence[Output], next_offset: int) -> None:
        """As `Outbox.done`."""
        if self.dies:
            raise Died
        self.letters += outputs
        self.cursor = next_offset
