"""A batch of records through a decider: pure, in order, each key's state carried from record to record."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Generic

from contracts.admission import Admitted, Message, read
from contracts.refusal import Refusal
from contracts.topics import recorded
from contracts.wording import expected
from services.runtime.engine.burial import bury, partner_behind
from services.runtime.engine.decider import Decider, Decision, State
from services.runtime.engine.delivery import Output, Partition, Record
from services.runtime.engine.observation import Seen
from services.runtime.engine.store import Work


@dataclass(frozen=True, slots=True)
class Reading:
    """A record and what it says, or why it says nothing."""

    record: Record
    content: Admitted | Refusal


def read_all(records: Sequence[Record]) -> list[Reading]:
    """Read each record of one of the hub's own topics."""
    return [Reading(record, record.refusal or read(record.message)) for record in records]


def keys_of(readings: Sequence[Reading]) -> list[str]:
    """Return the keys whose states the batch needs."""
    return [reading.content.fact.key for reading in readings if isinstance(reading.content, Admitted)]


@dataclass(slots=True)
class Deciding(Generic[State]):
    """One batch being decided: ``work`` and ``seen`` grow with each record."""

    service: str
    partition: Partition
    decider: Decider[State]
    stored: Mapping[str, bytes]
    work: Work = field(default_factory=Work)
    seen: list[Seen] = field(default_factory=list)
    states: dict[str, State] = field(default_factory=dict)
    changed: set[str] = field(default_factory=set)

    def settled(self) -> Work:
        """Return all that the batch changes; each state is written once, however many records changed it."""
        self.work.states |= {key: self.decider.dump(self.states[key]) for key in sorted(self.changed)}
        return self.work

    def take(self, reading: Reading) -> None:
        """Decide one record: its facts, or a dead letter, go into the outbox."""
        verdict = self._decide(reading.content)
        if isinstance(verdict, Refusal):
            self.refuse(reading.record, verdict)
            return
        for fact in verdict.facts:
            self.work.outbox.append((reading.record.offset, _recorded(fact)))
        self._count(reading.record, verdict.outcome)

    def fold(self, fact: Admitted) -> None:
        """Take a recorded fact over as it is: it was decided before."""
        self._evolve(fact.fact.key, self._state(fact.fact.key), (fact,))

    def refuse(self, record: Record, refusal: Refusal) -> None:
        """Put a record's dead letter into the outbox."""
        self.work.outbox += ((record.offset, each) for each in bury(self.service, self.partition, record, refusal))
        self._count(record, "refused", refusal)

    def _decide(self, content: Admitted | Refusal) -> Decision | Refusal:
        if isinstance(content, Refusal):
            return content
        key = content.fact.key
        try:
            before = self._state(key)
            verdict = self.decider.decide(before, content)
            if isinstance(verdict, Decision) and verdict.facts:
                self._evolve(key, before, verdict.facts)
        except Exception as error:  # noqa: BLE001 - a rule that breaks on a fact must not stop its neighbours
            return Refusal("rule-failed", "the whole message", expected("judgeable", error=type(error).__name__))
        return verdict

    def _state(self, key: str) -> State | None:
        if key not in self.states and key in self.stored:
            self.states[key] = self.decider.load(self.stored[key])
        return self.states.get(key)

    def _evolve(self, key: str, state: State | None, facts: Sequence[Admitted]) -> None:
        had = frozenset() if state is None else self.decider.marks(state)
        for fact in facts:
            state = self.decider.evolve(state, fact)
        if state is not None:
            has = self.decider.marks(state)
            self.changed.add(key)
            for mark in has ^ had:
                self.work.marks[mark, key] += 1 if mark in has else -1
            self.states[key] = state

    def _count(self, record: Record, outcome: str, refusal: Refusal | None = None) -> None:
        if outcome != "heard":
            self.work.tally[partner_behind(self.partition.topic, record.message), outcome] += 1
        self.seen.append(Seen(record, outcome, refusal))


def _recorded(fact: Admitted) -> Output:
    message = Message(fact.fact.key.encode(), fact.payload, fact.envelope.headers())
    return Output(recorded(fact.fact.stream), message)
