from dataclasses import dataclass, field, replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.admission import Message
from contracts.dead_letter import read_dead_letter
from contracts.event import EventWithdrawn
from contracts.fact import Fact
from contracts.rejection import FactRejected, Sentence
from flows.ledger.known import Change, Known
from flows.ledger.outgoing import allocate, fact_id, named
from flows.pushing.push import PushParts, push
from flows.report import RunReport
from tests.flows.memory import Died, MemoryOutbox, MemoryReceipts
from tests.flows.partner import FakeTarget, event


def message(fact: Fact) -> Message:
    """A fact as it lies in an outbox."""
    after = Known(fact.subject, "", "", fact.revision - 1)
    return allocate(Change("new", fact, after), "2026-11-24T12:00:00Z").message("uni")


@pytest.fixture
def parts() -> PushParts:
    """A partner who was told nothing yet."""
    return PushParts("stadt", FakeTarget(), MemoryReceipts(), MemoryOutbox())


async def once(parts: PushParts) -> RunReport:
    """Push once."""
    parts.outbox.position = parts.outbox.cursor  # as a new run that asks for the committed offset
    return await push(parts, RunReport("stadt", "push"))


async def test_facts_are_written_in_order(parts: PushParts) -> None:
    """Every fact reaches the target, the target is closed before the cursor moves past them."""
    parts.outbox.messages += [message(event("uni:1")), message(event("uni:1", "neu", revision=2))]
    report = await once(parts)
    assert (parts.target.writes, report.written) == (["uni:1#1", "uni:1#2"], 2)
    assert (parts.outbox.cursor, parts.target.closed) == (2, 1)


async def test_crash_before_the_cursor_moved(parts: PushParts) -> None:
    """What a run that died had written is passed over by the next, not written again."""
    parts.outbox.messages += [message(event("uni:1")), message(event("uni:2"))]
    parts.outbox.dies = True
    with pytest.raises(Died):
        await once(parts)
    parts.outbox.dies = False
    report = await once(parts)
    assert (len(parts.target.writes), report.superseded, parts.outbox.cursor) == (2, 2, 2)


async def test_superseded_after_withdrawal(parts: PushParts) -> None:
    """A withdrawn object does not come back with an older revision."""
    gone = EventWithdrawn(event_id="uni:1", revision=2, cause="deleted-at-source")
    parts.outbox.messages += [message(event("uni:1")), message(gone), message(event("uni:1"))]
    report = await once(parts)
    assert (parts.target.held, report.removed, report.superseded) == ({}, 1, 1)


async def test_refused_fact_is_a_dead_letter_and_the_next_goes_on(parts: PushParts) -> None:
    """A fact that the target refuses, or that breaks the connector, is dead-lettered once with its reason."""
    parts.target.refuses, parts.target.breaks = {"uni:1"}, {"uni:2"}
    parts.outbox.messages += [message(event(f"uni:{number}")) for number in (1, 2, 3)]
    report = await once(parts)
    letters = [read_dead_letter(each.message.value, each.message.headers) for each in parts.outbox.letters]
    assert [(each.id, each.refusal.rule, each.direction) for each in letters] == [
        ("partner.stadt.outbox/0/0", "target-refused", "push"),
        ("partner.stadt.outbox/0/1", "target-refused", "push"),
    ]
    assert letters[0].original == parts.outbox.messages[0]
    assert (list(parts.target.held), len(report.refused), report.written) == (["uni:3"], 2, 1)


async def test_what_the_kind_of_system_cannot_write_is_a_dead_letter(parts: PushParts) -> None:
    """A fact about another object than the row of the system names is refused before the target sees it."""
    parts = replace(parts, objects=("enrolment",))
    parts.outbox.messages += [message(event("uni:1"))]
    report = await once(parts)
    assert (parts.target.writes, len(report.refused), parts.outbox.cursor) == ([], 1, 1)
    assert "expected a fact about an enrolment" in report.refused[0].reason


async def test_what_another_door_lets_out_is_passed_over(parts: PushParts) -> None:
    """A partner that reads its outbox by HTTP, too, has there what its system cannot hold: no dead letter."""
    parts = replace(parts, objects=("enrolment",), other_door=True)
    parts.outbox.messages += [message(event("uni:1"))]
    report = await once(parts)
    assert (parts.target.writes, report.refused, parts.outbox.letters, parts.outbox.cursor) == ([], [], [], 1)


REJECTED = FactRejected(
    revision=1,
    letter="partner.stadt.inbox/0/1",
    partner="stadt",
    rule="json-invalid",
    place="payload",
    expected=Sentence(english="JSON", german="JSON"),
    remedy=Sentence(english="send JSON", german="JSON senden"),
)


async def test_what_everybody_is_told_unasked_is_passed_over(parts: PushParts) -> None:
    """A rejection comes whether or not the agreement opens it: a system that cannot hold it is not asked."""
    parts.outbox.messages += [message(REJECTED)]
    report = await once(parts)
    assert (parts.target.writes, report.refused, parts.outbox.letters, parts.outbox.cursor) == ([], [], [], 1)


@dataclass
class _Hearing(FakeTarget):
    """A system that has a place for rejections."""

    heard: list[tuple[str, str, int]] = field(default_factory=list)

    async def hear(self, told: FactRejected, object_id: str, revision: int) -> None:
        """Note it."""
        self.heard.append((told.rule, object_id, revision))


@pytest.mark.parametrize(
    ("correlation", "heard"),
    [
        (fact_id("uni:1", 3), [("json-invalid", "uni:1", 3)]),
        ("by another door", []),
        (fact_id("uni:" + "x" * 999, 3), []),
    ],
)
async def test_a_target_hears_what_was_refused_of_its_pull(
    parts: PushParts, correlation: str, heard: list[tuple[str, str, int]]
) -> None:
    """By the name that the pull gave the fact; of what came by another door nothing is known there."""
    target = _Hearing()
    told = message(REJECTED)
    parts.outbox.messages += [told._replace(headers=[*told.headers, ("ce_correlationid", correlation.encode())])]
    report = await once(replace(parts, target=target))
    assert (target.heard, target.writes, report.refused, parts.outbox.cursor) == (heard, [], [], 1)


@given(st.text(min_size=1, max_size=400), st.integers(1, 2**53 - 1))
def test_a_name_leads_back_to_what_it_names(object_id: str, revision: int) -> None:
    """Or to nothing, where it was too long to be kept whole."""
    assert named(fact_id(object_id, revision)) in ((object_id, revision), None)
    assert len(object_id) > 200 or named(fact_id(object_id, revision)) is not None


async def test_unreadable_message_is_a_dead_letter(parts: PushParts) -> None:
    """A message that is no fact does not stop the push."""
    parts.outbox.messages += [Message(b"k", b"\xff", []), message(event("uni:1"))]
    await once(parts)
    assert (len(parts.outbox.letters), list(parts.target.held)) == (1, ["uni:1"])


async def test_system_away_loses_nothing(parts: PushParts) -> None:
    """A target that goes away ends the run before the fact in hand; the next run goes on there."""
    parts.outbox.messages += [message(event(f"uni:{number}")) for number in (1, 2, 3)]
    parts.target.away, parts.target.refuses = {"uni:3"}, {"uni:1"}
    with pytest.raises(ConnectionError):
        await once(parts)
    assert (parts.outbox.cursor, len(parts.outbox.letters), list(parts.target.held)) == (2, 1, ["uni:2"])
    parts.target.away = set()
    await once(parts)
    assert (list(parts.target.held), len(parts.outbox.letters)) == (["uni:2", "uni:3"], 1)


async def test_stopping_ends_between_batches(parts: PushParts) -> None:
    """A run that is asked to stop finishes its batch and moves the cursor."""
    parts.outbox.size = 1
    parts.outbox.messages += [message(event("uni:1")), message(event("uni:2"))]
    await push(parts, RunReport("stadt", "push"), stopping=lambda: bool(parts.target.writes))
    assert (parts.outbox.cursor, list(parts.target.held)) == (1, ["uni:1"])
