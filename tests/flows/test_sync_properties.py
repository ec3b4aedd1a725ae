"""Any history of a partner's calendar, pulled at any moments, ends in what the calendar holds."""

import asyncio
from contextlib import suppress

from hypothesis import given
from hypothesis import strategies as st

from flows.pulling.pull import PullParts, pull
from flows.report import RunReport
from tests.flows.memory import Died, MemoryBurials, MemoryHolds, MemoryInbox, MemoryLedger, MemoryReceipts
from tests.flows.partner import NOW, PARTNER, FakeSource, event

NAMES = st.sampled_from([f"{number}.ics" for number in range(8)])
TITLES = st.sampled_from(["A", "B"])
EDITS = st.one_of(
    st.tuples(st.just("put"), NAMES, TITLES),
    st.tuples(st.just("delete"), NAMES, TITLES),
    st.tuples(st.just("pull"), st.sampled_from(["complete", "partial", "dying"]), TITLES),
)


class World:
    """One partner, its ledger and its inbox."""

    def __init__(self) -> None:
        """Know nothing."""
        self.source, self.ledger, self.inbox = FakeSource(), MemoryLedger(), MemoryInbox()
        self.parts = PullParts(
            PARTNER, self.source, self.ledger, MemoryHolds(), MemoryReceipts(), self.inbox, MemoryBurials()
        )

    def pull(self, how: str = "complete", *, accept: bool = False) -> RunReport:
        """Pull once; a partial reading brings half of the entries; a dying run dies after sending."""
        self.source.complete = how != "partial"
        self.source.only = sorted(self.source.entries)[::2] if how == "partial" else None
        self.inbox.dies = how == "dying"
        report = RunReport(PARTNER, "pull")
        with suppress(Died):
            asyncio.run(pull(self.parts, report, NOW, accept_shrinkage=accept))
        return report

    def edit(self, kind: str, name: str, title: str) -> None:
        """Do one step of a history."""
        if kind == "pull":
            self.pull(name)
        elif kind == "put":
            self.source.entries[name] = event(f"{PARTNER}:{name}", title)
        else:
            self.source.entries.pop(name, None)

    def folded(self) -> dict[str, str]:
        """What a reader who applies every fact by its revision knows."""
        latest: dict[str, tuple[int, str, bytes]] = {}
        for fact in self.inbox.facts:
            if fact.revision > latest.get(fact.object_id, (0, "", b""))[0]:
                latest[fact.object_id] = (fact.revision, fact.type, fact.payload)
        kept = {key: payload for key, (_, kind, payload) in latest.items() if "withdrawn" not in kind}
        return {key: event(key).model_validate_json(payload).texts[0].title for key, payload in kept.items()}


@given(st.lists(EDITS, max_size=25))
def test_any_history_converges(history: list[tuple[str, str, str]]) -> None:
    """After accepted complete pulls readers know exactly the calendar, and a further pull tells nothing.

    It may take four: one that holds what is missing too much, one that accepts that and misses the rest for the first
    time, which by then may be too much again.
    """
    world = World()
    for step in history:
        world.edit(*step)
    for _ in range(4):
        world.pull(accept=True)
    expected = {f"{PARTNER}:{name}": entry.texts[0].title for name, entry in world.source.entries.items()}
    assert world.folded() == expected
    told = len(world.inbox.facts)
    last = world.pull()
    assert (len(world.inbox.facts), last.new, last.changed, last.withdrawn) == (told, 0, 0, 0)


@given(st.lists(EDITS, max_size=25))
def test_no_id_is_used_twice(history: list[tuple[str, str, str]]) -> None:
    """Whatever dies in between, an id stands for one content, and revisions of an object rise without gap."""
    world = World()
    for step in history:
        world.edit(*step)
    contents: dict[str, bytes] = {}
    revisions: dict[str, int] = {}
    for fact in world.inbox.facts:
        assert contents.setdefault(fact.fact_id, fact.payload) == fact.payload
        assert fact.revision <= revisions.get(fact.object_id, 0) + 1
        revisions[fact.object_id] = max(fact.revision, revisions.get(fact.object_id, 0))


@given(st.lists(EDITS, max_size=15), st.integers(2, 5))
def test_partial_readings_never_withdraw(history: list[tuple[str, str, str]], often: int) -> None:
    """However often only a part is read, nothing is withdrawn by it."""
    world = World()
    for step in history:
        world.edit(*step)
    world.pull()
    world.source.entries = dict(list(world.source.entries.items())[:1])
    assert [world.pull("partial").withdrawn for _ in range(often)] == [0] * often
