"""What the catalogue of events must make of each submitted fact, said once more from the design. Not the service's."""

import hashlib
import json
from dataclasses import dataclass, field

from tests.faults.checker.evidence import Row
from tests.faults.messages import PUBLISHED
from tests.faults.plan import UNLIKABLE


@dataclass(frozen=True, slots=True)
class Verdict:
    """applied, duplicate, superseded or refused; of which object, at which revision."""

    outcome: str
    partner: str
    key: str
    revision: int
    digest: str


@dataclass(slots=True)
class Catalogue:
    """Judges fact after fact by revision."""

    known: dict[str, tuple[int, str]] = field(default_factory=dict)

    def take(self, row: Row) -> Verdict:
        """Judge, and remember what was applied."""
        body, kind = json.loads(row.value), row.text("ce_type")
        key, revision = body["event_id"], body["revision"]
        digest = hashlib.sha256(kind.encode() + b"\n" + row.value).hexdigest()
        outcome = self._outcome(key, revision, digest, kind)
        if outcome == "applied":
            self.known[key] = revision, digest
        return Verdict(outcome, row.text("ce_source").rpartition("/")[2], key, revision, digest)

    def _outcome(self, key: str, revision: int, digest: str, kind: str) -> str:
        if UNLIKABLE in key:
            return "refused"
        if key not in self.known:
            return "applied" if kind == PUBLISHED else "refused"
        last, told = self.known[key]
        if revision == last:
            return "duplicate" if digest == told else "refused"
        return "applied" if revision > last else "superseded"
