"""What a run left, as the checker sees it: topics, tables and the partners' own ledger. Nothing of the engine's."""

from collections.abc import Mapping
from dataclasses import dataclass, field

Position = tuple[str, int]  # topic, partition
Name = tuple[str, str]  # the partner a fact comes from, and its CloudEvents id


@dataclass(frozen=True, slots=True)
class Row:
    """One record of a topic, for a reader of committed transactions."""

    topic: str
    partition: int
    offset: int
    key: bytes | None
    value: bytes
    headers: Mapping[str, bytes]
    at: float = 0.0  # when it was written: seconds since 1970

    def text(self, name: str) -> str:
        """Return a header, empty where there is none."""
        return self.headers.get(name, b"").decode(errors="replace")

    @property
    def source(self) -> str:
        """The partner: by the stamp of the hub, or by the inbox it lies in."""
        inbox = self.topic.endswith(".inbox")
        return self.topic.split(".")[1] if inbox else self.text("ce_source").rpartition("/")[2]

    @property
    def name(self) -> Name:
        """The fact that it is, whatever topic it lies in."""
        return self.source, self.text("ce_id")


@dataclass(frozen=True, slots=True)
class Agreement:
    """What a partner's agreement opens, as far as a reader of its file can tell."""

    partner: str
    contracts: tuple[str, ...]
    partners: tuple[str, ...]

    def opens(self, kind: str, source: str) -> bool:
        """Whether a fact goes into this partner's outbox."""
        return kind in self.contracts and source != self.partner and ("*" in self.partners or source in self.partners)


@dataclass(slots=True)
class Evidence:
    """All of it."""

    agreements: list[Agreement]
    inboxes: list[Row] = field(default_factory=list)
    submitted: list[Row] = field(default_factory=list)
    recorded: list[Row] = field(default_factory=list)
    outboxes: list[Row] = field(default_factory=list)
    unified: list[Row] = field(default_factory=list)
    letters: list[Row] = field(default_factory=list)
    rejections: list[Row] = field(default_factory=list)
    book: list[Row] = field(default_factory=list)  # of routes: which outbox was not served, from which record on
    states: dict[str, bytes] = field(default_factory=dict)
    tally: dict[tuple[str, str], int] = field(default_factory=dict)
    progress: dict[Position, int] = field(default_factory=dict)
    committed: dict[tuple[str, str, int], int] = field(default_factory=dict)  # group, topic, partition
    unpublished: int = 0  # outbox rows past Kafka's committed offset


@dataclass(slots=True)
class Findings:
    """What is wrong: each entry says what and where, never a payload."""

    lost: list[str] = field(default_factory=list)
    doubled: list[str] = field(default_factory=list)
    reordered: list[str] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)  # in a table, in a payload, or where it may not be

    def __bool__(self) -> bool:
        """Whether anything is wrong."""
        return bool(self.lost or self.doubled or self.reordered or self.wrong)

    def beyond(self, known: "Findings") -> "Findings":
        """Return what was not known."""
        pairs = ((getattr(self, kind), set(getattr(known, kind))) for kind in self.__slots__)
        return Findings(*([one for one in found if one not in before] for found, before in pairs))

    def told(self, most: int = 5) -> str:
        """Say it, with the first few of each kind."""
        kinds = (("lost", self.lost), ("doubled", self.doubled), ("reordered", self.reordered), ("wrong", self.wrong))
        return (
            "; ".join(f"{len(found)} {kind}: {', '.join(found[:most])}" for kind, found in kinds if found) or "nothing"
        )
