"""What passes between the flows and every kind of partner system: `flows.connectors.manifest` says who does what."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from contracts.dead_letter import entry_of
from contracts.event import EventCancelled, EventPublished, EventWithdrawn
from contracts.fact import Fact
from contracts.wording import Wording

EventFact = EventPublished | EventCancelled | EventWithdrawn


@dataclass(frozen=True, slots=True)
class Item:
    """One thing as the partner system gave it: a CalDAV resource, a file."""

    source_id: str  # names it in the partner system: href, file name
    raw: bytes
    etag: str | None = None
    kept: bytes | None = None  # what dead letters hold of it instead of ``raw``, where that tells of people


@dataclass(frozen=True, slots=True)
class Reading:
    """What one look at a source brought.

    ``complete``: ``items`` and ``present`` are the whole window, so that what is missing counts as absent. Otherwise
    ``items`` is only what changed since ``cursor``. ``gone`` is what the source itself reported as deleted.

    An object that was last seen in a source id of ``unreadable``, or in one that now yields a ``Refused`` without
    ``not_public``, is not absent: it was present and could not be read.
    """

    items: tuple[Item, ...]
    complete: bool
    gone: tuple[str, ...] = ()
    cursor: str | None = None
    unreadable: tuple[str, ...] = ()  # source ids present but not whole, such as a file still being written
    present: tuple[str, ...] = ()  # source ids that are there and were not read again, as nothing of them has changed


@dataclass(frozen=True, slots=True)
class Refused:
    """One item, or a part of it, that cannot be taken; its neighbours can.

    ``not_public``: the source keeps the object to itself (CLASS:PRIVATE). Unlike what is broken it counts as absent, so
    that a thing made private is withdrawn.

    ``raw``: the part of the item that it is about, where the item holds much more, such as one row of a table.
    """

    source_id: str
    place: str  # property, line or component; never a value
    reason: Wording  # what was expected, what came (by kind, not by value), what to do
    not_public: bool = False
    raw: bytes | None = None

    def __str__(self) -> str:
        """Say it in one line, for a log."""
        return f"{entry_of(self.source_id)}: {self.place}: {self.reason}"


@dataclass(frozen=True, slots=True)
class Draft:
    """A fact as the source tells it now; its revision (1) is replaced by the one the flow allocates.

    ``origin`` is set where the hub itself wrote the thing there: the object it was written for. Such a draft is an
    echo, or, where its hash differs from the receipt's, a change made there: a proposal to the owner.

    ``rank``: where several items of one reading tell the same object, such as the versions of a dataset, the one with
    the greatest tells it; among equals, who told it before.

    ``place``: where in an item that tells many things, without a value; empty where it is the item.

    ``fingerprint``: what the ledger compares, where the fact tells a human: made with a key, so that nobody who reads
    the ledger can try known names out. Empty: the hash of the fact.
    """

    fact: Fact
    source_id: str
    flags: tuple[str, ...] = ()  # what was assumed or left out: "zone assumed", "dates cut"
    origin: str | None = None
    rank: tuple[int | str, ...] = ()
    place: str = ""
    fingerprint: str = ""


@dataclass(frozen=True, slots=True)
class Mapped:
    """All that one item says."""

    drafts: tuple[Draft, ...] = ()
    refused: tuple[Refused, ...] = ()


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a reading, for a partner who is told so.

    ``missing``: objects that were told before and are not now: source id and what that means by object id.
    """

    items: tuple[Item, ...]
    refused: tuple[Refused, ...]
    missing: Mapping[str, tuple[str, Literal["absent", "held", "withdrawn"]]]


@dataclass(frozen=True, slots=True)
class Receipt:
    """What we wrote into a partner system: enough to recognise it there and to change it safely."""

    object_id: str
    fact_id: str
    revision: int
    target_id: str  # href, file name
    etag: str | None
    content_hash: str  # of the draft that our own reading of the written thing gives


class SettingsWrongError(ValueError):
    """The agreement's ``[connector.settings]`` lead nowhere; the sentence says what to write."""


class SourceUnusableError(Exception):
    """The source answered, but not with what it should: wrong status, HTML for a calendar, a cut-off list.

    Nothing is concluded from such an answer; the run fails with this sentence and the next one asks again.
    """


class TargetRefusedError(Exception):
    """The target will never take this fact: it goes to the dead letters with this reason."""

    def __init__(self, reason: Wording) -> None:
        """Keep it in both languages."""
        super().__init__(reason.en)
        self.reason = reason
