"""What a stateful service is to the engine: three pure functions and the form of its state."""

from dataclasses import dataclass
from typing import Literal, Protocol, TypeVar

from contracts.admission import Admitted
from contracts.refusal import Refusal

State = TypeVar("State")
Outcome = Literal["applied", "duplicate", "superseded", "heard"]
"""``heard``: a fact of another stream or of the hub itself, which no partner's account counts."""
MAX_MARK = 200
"""Characters of a mark: with a key of 300 it fits an index entry of PostgreSQL (2,704 bytes) in any script."""


@dataclass(frozen=True, slots=True)
class Decision:
    """What a fact means for its object: the facts that now hold, in order (none for old news)."""

    outcome: Outcome
    facts: tuple[Admitted, ...] = ()


class Decider(Protocol[State]):
    """Decides about facts of one stream; all functions are pure."""

    def decide(self, state: State | None, fact: Admitted) -> Decision | Refusal:
        """Judge a fact against the state of its key."""
        ...

    def evolve(self, state: State | None, fact: Admitted) -> State:
        """Fold a recorded fact into the state."""
        ...

    def marks(self, state: State) -> frozenset[str]:
        """Return what other objects of the service may have in common with this one, or nothing.

        The engine keeps an index of them (``engine.mark``), so that who shares a mark is found without reading every
        state. They follow from the state alone, and two objects never wait for each other over a mark they share.

        Returns:
            Texts of at most `MAX_MARK` characters.
        """
        ...

    def load(self, body: bytes) -> State:
        """Read a state."""
        ...

    def dump(self, state: State) -> bytes:
        """Write a state: the same state always gives the same bytes."""
        ...
