"""What a stateful service is to the engine: two pure functions and the form of its state."""

from dataclasses import dataclass
from typing import Literal, Protocol, TypeVar

from contracts.admission import Admitted
from contracts.refusal import Refusal

State = TypeVar("State")
Outcome = Literal["applied", "duplicate", "superseded"]


@dataclass(frozen=True, slots=True)
class Decision:
    """What a fact means for its object: the facts that now hold, in order (none for old news)."""

    outcome: Outcome
    facts: tuple[Admitted, ...] = ()


class Decider(Protocol[State]):
    """Decides about facts of one stream; both functions are pure."""

    def decide(self, state: State | None, fact: Admitted) -> Decision | Refusal:
        """Judge a fact against the state of its key."""
        ...

    def evolve(self, state: State | None, fact: Admitted) -> State:
        """Fold a recorded fact into the state."""
        ...

    def load(self, body: bytes) -> State:
        """Read a state."""
        ...

    def dump(self, state: State) -> bytes:
        """Write a state: the same state always gives the same bytes."""
        ...
