"""The decider of the stream ``enrolments``: a fact, what it means, and what follows from that until nothing does."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from contracts.admission import Admitted, Message
from contracts.enrolment import EnrolmentRequested
from contracts.envelope import Envelope, source_of
from contracts.offering import OfferingReminded
from contracts.refusal import Refusal
from contracts.topics import submitted
from services.enrolments import offering
from services.enrolments.consequences import consequences
from services.enrolments.folding import evolve
from services.enrolments.judging import Clock, judge
from services.enrolments.making import caused
from services.enrolments.offering import Offering
from services.runtime.engine.decider import Decision
from services.runtime.engine.delivery import Output
from services.runtime.settings import WAIT_HOURS

DUE = "due:"
"""The mark of an offering that is waited for, or for a place in which; the moment until which follows."""


def _now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class Places:
    """Implements the engine's `Decider`. Its clock counts once: what it gave is recorded, and folded as it stands.

    ``wait``: how long a request waits for an event that nobody has published.
    """

    wait: timedelta = timedelta(hours=WAIT_HOURS)
    now: Callable[[], datetime] = _now

    def decide(self, state: Offering | None, fact: Admitted) -> Decision | Refusal:
        """Judge a fact; what it and its consequences are is recorded, in order."""
        before = state or Offering()
        now = self.now()
        judged = judge(before, fact, Clock(now, now + self.wait))
        if isinstance(judged, Refusal):
            return judged
        facts = _followed(before, fact, judged)
        if fact.fact.stream != EnrolmentRequested.stream or fact.fact.by_hub:
            return Decision("heard", facts)
        return Decision("applied" if facts else "duplicate", facts)

    def evolve(self, state: Offering | None, fact: Admitted) -> Offering:
        """Fold a recorded fact in."""
        return evolve(state, fact.fact)

    def marks(self, state: Offering) -> frozenset[str]:
        """Return until when somebody waits."""
        return frozenset({DUE + state.due} if state.due else ())

    def load(self, body: bytes) -> Offering:
        """Read a state."""
        return offering.load(body)

    def dump(self, state: Offering) -> bytes:
        """Write a state."""
        return offering.dump(state)


def remind(key: str, moment: datetime) -> Output:
    """Make the reminder that a moment has come for an offering; it is submitted like any other fact."""
    fact = OfferingReminded(revision=1, offering_id=key, until=moment.replace(microsecond=0))
    envelope = Envelope(f"{key[:200]} {offering.told(moment)}", fact.type, offering.told(moment), source_of("hub"))
    message = caused(fact, Admitted(envelope, fact, b""))
    return Output(submitted(fact.stream), Message(key.encode(), message.payload, message.envelope.headers()))


def _followed(state: Offering, cause: Admitted, first: Sequence[Admitted]) -> tuple[Admitted, ...]:
    found: list[Admitted] = []
    new = first
    while new:
        for fact in new:
            state = evolve(state, fact.fact)
        found += new
        new = consequences(state, cause)
    return tuple(found)
