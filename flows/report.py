"""What a run found and did, as data, as numbers and as a table that an operator reads."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from contracts.dead_letter import entry_of
from flows.connector import Refused
from flows.failures import reason

MOST_ROWS = 50  # of one kind in the table; the numbers are always whole

# The order in which a run is told. Lists count their entries.
PULL = (
    "resent", "read", "new", "changed", "unchanged", "withdrawn", "unheard", "echoes",
    "absent", "held", "accepted", "refused", "proposals", "assumed",
)  # fmt: skip
PUSH = ("read", "written", "removed", "superseded", "refused")
RECONCILE = (
    "read", "recorded", "readback", "underway", "unrecorded", "differing", "vanished", "held", "misremembered",
    "unclaimed", "deleted", "edited", "outdated", "leftover", "unwritten", "unread", "refused", "repaired",
)  # fmt: skip
NUMBERS: Mapping[str, tuple[str, ...]] = {"pull": PULL, "push": PUSH, "reconcile": RECONCILE}
_AS_FOUND = frozenset(
    {"unchanged", "echoes", "assumed", "recorded", "readback", "underway", "unclaimed", "unwritten", "unread"}
)  # nothing moved, and nobody needs to know


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing worth telling: where in the partner's system or outbox, which part of it, and why.

    Tables and terminals show it, so ``where`` is an id, an offset or the hash of an entry's name, never the name.
    """

    where: str
    place: str
    reason: str

    def __str__(self) -> str:
        """One line."""
        return ": ".join(part for part in (self.where, self.place, self.reason) if part)


@dataclass(slots=True)
class RunReport:
    """One run. ``failed`` says why it did not come to its end; what it counts until then holds.

    Pull: ``read`` items of the source; ``new``, ``changed`` and ``withdrawn`` facts reached the inbox (``resent`` ones
    of an earlier run too); ``unheard`` objects were cancelled before anybody heard of them; ``echoes`` are what the hub
    wrote there itself; ``absent`` objects are missed for the first time; ``held`` would be withdrawn if so much at once
    were believed, ``accepted`` ones are, because an operator said so; ``proposals`` are changes to what others own.
    Push: ``read`` facts of the outbox, of which ``written``, ``removed``, ``superseded`` or ``refused``.
    """

    partner: str
    direction: str
    read: int = 0
    resent: int = 0
    new: int = 0
    changed: int = 0
    unchanged: int = 0
    withdrawn: int = 0
    unheard: int = 0
    echoes: int = 0
    written: int = 0
    removed: int = 0
    superseded: int = 0
    absent: list[Finding] = field(default_factory=list)
    held: list[Finding] = field(default_factory=list)
    accepted: list[Finding] = field(default_factory=list)
    refused: list[Finding] = field(default_factory=list)
    proposals: list[Finding] = field(default_factory=list)
    assumed: list[Finding] = field(default_factory=list)
    asked_by: str = ""  # the operator who wanted a repair
    failed: str = ""
    error_kind: str = ""

    def counts(self) -> dict[str, int]:
        """Return every number of this direction by its name."""
        values = ((name, getattr(self, name)) for name in NUMBERS[self.direction])
        return {name: len(value) if isinstance(value, list) else value for name, value in values}

    @property
    def quiet(self) -> bool:
        """Whether the run came to its end and found all as it was."""
        return not self.failed and not any(n for name, n in self.counts().items() if name not in {"read", *_AS_FOUND})

    def findings(self) -> list[tuple[str, Finding]]:
        """Return what is worth telling one by one, each with the word for what it is."""
        lists = [(name, getattr(self, name)) for name in NUMBERS[self.direction]]
        found = [(name, each) for name, value in lists if isinstance(value, list) for each in value[:MOST_ROWS]]
        return [*found, ("failed", Finding("", "", self.failed))] if self.failed else found

    def table(self) -> list[dict[str, str | int]]:
        """Return the rows: first the numbers, then each finding with its place and reason."""
        rows: list[dict[str, str | int]] = [
            {"what": name, "number": number, "where": "", "place": "", "reason": ""}
            for name, number in self.counts().items()
        ]
        return rows + [row(name, finding) for name, finding in self.findings()]

    def refuse(self, refused: Iterable[Refused]) -> None:
        """Add refusals of the source."""
        self.refused += [Finding(entry_of(each.source_id), each.place, each.reason.en) for each in refused]

    def fail(self, error: BaseException) -> None:
        """Note why the run did not come to its end; the first reason counts."""
        if not self.failed:
            self.failed, self.error_kind = reason(error), type(error).__name__

    def __str__(self) -> str:
        """One line: ``city pull: 12 read, 3 new``; what is zero is left out."""
        told = [_listed(self.counts())] if any(self.counts().values()) else []
        failed = [f"failed: {self.failed}"] if self.failed else []
        return f"{self.partner} {self.direction}: {'; '.join([*told, *failed]) or 'nothing new'}"

    def outcome(self) -> str:
        """Return in a few words what it read and did: ``12 read, 3 new``; empty where that is nothing."""
        return _listed({name: number for name, number in self.counts().items() if name not in _AS_FOUND})


def _listed(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{number} {name}" for name, number in counts.items() if number)


def row(what: str, finding: Finding) -> dict[str, str | int]:
    """Return the row of one finding."""
    return {"what": what, "number": "", "where": finding.where, "place": finding.place, "reason": finding.reason}
