"""Humans whom a partner's system tells: the flows carry them on, and keep nothing of them."""

import pytest

from flows.pulling.pull import PullParts, pull
from flows.report import RunReport
from tests.flows.memory import Died, MemoryBurials, MemoryHolds, MemoryInbox, MemoryLedger, MemoryReceipts
from tests.flows.partner import NOW, PARTNER, event
from tests.flows.people import NAME, Requests, requested


@pytest.fixture
def parts() -> PullParts:
    """A partner without any entry."""
    doors = (MemoryLedger(), MemoryHolds(), MemoryReceipts(), MemoryInbox(), MemoryBurials())
    return PullParts(PARTNER, Requests(), *doors)


async def once(parts: PullParts) -> RunReport:
    """Pull once."""
    return await pull(parts, RunReport(PARTNER, "pull"), NOW)


async def test_silence_is_no_cancellation(parts: PullParts) -> None:
    """Who is missing from a list, however often and however many, is missed, held and withdrawn nowhere."""
    parts.source.entries = {name: requested(name) for name in "abcdef"}
    assert (await once(parts)).new == 6
    parts.source.entries = {"a": requested("a")}
    for _ in range(3):
        report = await once(parts)
        assert (report.unchanged, report.absent, report.held, report.withdrawn) == (1, [], [], 0)
    assert len(parts.inbox.facts) == 6


async def test_the_entry_saved_last_holds(parts: PullParts) -> None:
    """A list of this week may tell again who is in last week's, also where a row of that one is broken."""
    source = parts.source
    source.entries, source.ranks = {"week 1": requested("a")}, {"week 1": 1, "week 2": 2}
    await once(parts)
    source.entries["week 2"], source.broken = requested("a", phone="2"), ("week 1",)
    reports = [await once(parts) for _ in range(2)]
    assert [(each.changed, each.unchanged, len(each.refused)) for each in reports] == [(1, 0, 1), (0, 1, 1)]
    source.ranks["week 1"] = 3
    assert (await once(parts)).changed == 1


async def test_who_was_read_first_is_told_first(parts: PullParts) -> None:
    """The oldest file's requests, whatever its name: places go in the order of the requests."""
    parts.source.entries = {"z": requested("a"), "a": requested("b"), "m": requested("c")}
    parts.source.ranks = {"z": 1, "a": 2, "m": 3}
    await once(parts)
    assert [each.object_id for each in parts.inbox.facts] == [f"{PARTNER}:a-{name}" for name in "abc"]


async def test_requests_do_not_vouch_for_events(parts: PullParts) -> None:
    """That there are requests says nothing about a source that tells no event any more: the last one stays."""
    parts.source.entries = {"a": requested("a"), "e": event(f"{PARTNER}:e")}
    await once(parts)
    del parts.source.entries["e"]
    reports = [await once(parts) for _ in range(3)]
    assert [(len(each.held), each.withdrawn) for each in reports] == [(1, 0)] * 3


async def test_what_was_corrected_is_told_again_and_only_that(parts: PullParts) -> None:
    """The vault gets the new number under the same request."""
    parts.source.entries = {name: requested(name) for name in "ab"}
    await once(parts)
    parts.source.entries["a"] = requested("a", phone="2")
    report = await once(parts)
    assert (report.new, report.changed, report.unchanged) == (0, 1, 1)
    assert parts.inbox.told()[-1] == (f"{PARTNER}:a-a", 2, "requested")


async def test_what_may_not_have_been_sent_is_told_again(parts: PullParts) -> None:
    """A run that dies before Kafka's word leaves no human behind; the next one tells them under the next revision."""
    parts.source.entries = {"a": requested("a")}
    parts.inbox.dies = True
    with pytest.raises(Died):
        await once(parts)
    parts.inbox.dies = False
    report = await once(parts)
    assert (report.resent, report.changed) == (0, 1)
    assert [(fact.object_id, fact.revision) for fact in parts.inbox.facts] == [
        (f"{PARTNER}:a-a", 1),
        (f"{PARTNER}:a-a", 2),
    ]
    assert (await once(parts)).unchanged == 1


async def test_a_dead_letter_keeps_what_the_connector_says(parts: PullParts) -> None:
    """Of an item about people it is a fingerprint, whether the whole of it or a part is refused."""
    parts.source.entries = {"a": "line 3"}
    await once(parts)
    (letter,) = parts.burials.letters.values()
    assert letter.original.value == b"fingerprint"
    assert NAME not in repr(letter)
