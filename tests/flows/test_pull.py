from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.admission import Message, admit
from contracts.agreement import Agreement
from contracts.dead_letter import entry_of
from flows.connector import Item, Reading, Receipt, Refused
from flows.ledger.known import content_hash
from flows.ledger.receipts import Delivered
from flows.pulling.burials import mended
from flows.pulling.pull import PullParts, pull
from flows.report import RunReport
from tests.flows.memory import Died, MemoryBurials, MemoryHolds, MemoryInbox, MemoryLedger, MemoryReceipts
from tests.flows.partner import NO_DATE, NOW, PARTNER, FakeSource, event


@pytest.fixture
def parts() -> PullParts:
    """A partner without any entry."""
    return PullParts(
        PARTNER, FakeSource(), MemoryLedger(), MemoryHolds(), MemoryReceipts(), MemoryInbox(), MemoryBurials()
    )


async def once(parts: PullParts, **more: bool) -> RunReport:
    """Pull once."""
    return await pull(parts, RunReport(PARTNER, "pull"), NOW, **more)


async def test_a_b_a_gives_three_rising_revisions(parts: PullParts) -> None:
    """An entry that is changed and changed back is told three times, under three ids."""
    for title in ("A", "B", "A"):
        parts.source.tell("1", title=title)
        await once(parts)
    assert [fact.revision for fact in parts.inbox.facts] == [1, 2, 3]
    assert len({fact.fact_id for fact in parts.inbox.facts}) == 3


async def test_second_pull_tells_nothing(parts: PullParts) -> None:
    """A calendar that did not change yields no fact."""
    parts.source.tell("1", "2")
    first, second = await once(parts), await once(parts)
    assert (first.new, second.new, second.unchanged, len(parts.inbox.facts)) == (2, 0, 2, 2)


async def test_crash_after_sending_and_a_further_edit(parts: PullParts) -> None:
    """The pending fact goes again under its id before the edit, which gets the next revision."""
    parts.source.tell("1", title="A")
    parts.inbox.dies = True
    with pytest.raises(Died):
        await once(parts)
    parts.inbox.dies = False
    parts.source.tell("1", title="B")
    report = await once(parts)
    sent = [(fact.fact_id, fact.payload) for fact in parts.inbox.facts]
    assert (report.resent, [fact.revision for fact in parts.inbox.facts]) == (1, [1, 1, 2])
    assert sent[0] == sent[1] != sent[2]


async def test_bad_items_do_not_stop_their_neighbours(parts: PullParts) -> None:
    """A refused entry and one that breaks the mapping are reported with place and reason; the rest is told."""
    parts.source.tell("1", "2")
    parts.source.entries["bad"] = Refused("bad", "DTSTART", NO_DATE)
    parts.source.entries["worse"] = "private words"
    report = await once(parts)
    assert report.new == 2
    assert [finding.where for finding in report.refused] == [entry_of("bad"), entry_of("worse")]
    assert "private" not in str(report.refused)


async def test_refused_entries_become_dead_letters_once_per_content(parts: PullParts) -> None:
    """A broken entry is buried with place and reason; the same bytes again are not, other bytes are."""
    parts.source.entries["bad"] = Refused("bad", "DTSTART", NO_DATE)
    await once(parts)
    await once(parts)
    (letter,) = parts.burials.letters.values()
    assert (letter.direction, letter.refusal.rule, letter.refusal.place) == ("pull", "source-item-refused", "DTSTART")
    assert letter.id.startswith(f"{entry_of('bad')}@")
    assert parts.inbox.facts == []


async def test_a_letter_is_closed_when_its_entry_is_put_right_or_taken_away(parts: PullParts) -> None:
    """Nobody has to do anything about it then; if it breaks in the same way again, it is open again."""
    parts.source.entries |= {name: Refused(name, "DTSTART", NO_DATE) for name in ("bad", "worse")}
    await once(parts)
    assert (len(parts.burials.letters), parts.burials.closed) == (2, [])
    parts.source.entries["bad"] = event(f"{PARTNER}:1")
    del parts.source.entries["worse"]
    await once(parts)
    assert sorted(parts.burials.closed) == sorted(parts.burials.letters)
    parts.source.entries["bad"] = Refused("bad", "DTSTART", NO_DATE)
    await once(parts)
    assert [each.partition("@")[0] for each in parts.burials.closed] == [entry_of("worse")]


PLACES = st.sampled_from(["read", "gone", "unreadable", "present", ""])


@given(
    names=st.lists(st.sampled_from("abcdef"), unique=True),
    where=st.fixed_dictionaries(
        dict.fromkeys("abcdef", st.sampled_from(("read", "gone", "unreadable", "present", "")))
    ),
    still=st.sets(st.sampled_from("abcdef")),
    complete=st.booleans(),
)
def test_only_what_a_reading_says_something_of_is_mended(
    names: list[str], where: dict[str, str], still: set[str], *, complete: bool
) -> None:
    """What was not looked at, or could not be read, stays refused; so does what is refused again."""
    buried = {f"{entry_of(name)}@0/0/0": name for name in names}
    at = {kind: tuple(name for name in where if where[name] == kind) for kind in ("gone", "unreadable", "present")}
    items = tuple(Item(name, b"") for name in where if where[name] == "read")
    closed = mended(buried, {f"{entry_of(name)}@0/0/0" for name in still}, Reading(items, complete, **at))
    ends = {"read", "gone", ""} if complete else {"read", "gone"}
    assert [buried[each] for each in closed] == [each for each in names if where[each] in ends and each not in still]


async def test_name_that_is_no_text_is_refused(parts: PullParts) -> None:
    """A file name whose bytes are no UTF-8 is refused by its escaped name and stops nobody."""
    parts.source.tell("1")
    parts.source.entries["caf\udce9.ics"] = event(f"{PARTNER}:2")
    report = await once(parts)
    assert (report.new, report.refused[0].place) == (1, "name")


async def test_foreign_objects_are_never_told(parts: PullParts) -> None:
    """An entry that carries somebody else's identifier is refused."""
    parts.source.entries["1"] = event("uni:1")
    report = await once(parts)
    assert (parts.inbox.facts, report.refused[0].place) == ([], "event_id")


async def test_what_was_made_private_is_withdrawn(parts: PullParts) -> None:
    """An entry that its owner no longer shows counts as absent, unlike a broken one."""
    parts.source.tell(*map(str, range(10)))
    await once(parts)
    parts.source.entries["0"] = Refused("0", "CLASS", NO_DATE, not_public=True)
    parts.source.entries["1"] = Refused("1", "DTSTART", NO_DATE)
    await once(parts)
    assert (await once(parts)).withdrawn == 1
    assert parts.inbox.told()[-1] == ("stadt:0", 2, "withdrawn")


async def test_no_name_of_an_entry_leaves_the_ledger(parts: PullParts) -> None:
    """A file's name may be a person's: tables, the runs' sentences and dead letters tell its hash, whatever is told."""
    kinds = ("refused", "breaks", "unreadable", "private", "foreign", "twin", "assumed", "ours")
    names = [f"erika-{kind}" for kind in kinds]
    refused, breaks, unreadable, private, foreign, twin, assumed, ours = names
    entries = parts.source.entries
    entries[refused] = Refused(refused, "DTSTART", NO_DATE)
    entries[breaks] = "words"
    entries[private] = Refused(private, "CLASS", NO_DATE, not_public=True)
    entries[foreign] = event("uni:2")
    entries[twin] = entries["a"] = event(f"{PARTNER}:1")
    entries[assumed] = event(f"{PARTNER}:2")
    parts.source.flags[assumed] = "zone assumed"
    receipt = Receipt("uni:1", "uni:1#1", 1, ours, None, "another hash")
    parts.receipts.rows["uni:1"] = Delivered("uni:1", 1, receipt, NOW - timedelta(days=1))
    entries[ours] = event(f"{PARTNER}:copy", "changed there")
    parts.source.unreadable = (unreadable,)
    report = await once(parts)
    assert (len(report.refused), len(report.assumed), len(report.proposals)) == (6, 1, 1)
    letters = [letter.message() for letter in parts.burials.letters.values()]
    assert "erika" not in f"{report.table()} {report} {letters} {[str(each) for each in parts.ledger.refusals]}"
    assert {entry_of(name) for name in names} >= {each.where for each in (*report.refused, *report.proposals)}


async def test_what_is_private_is_not_noted_as_refused(parts: PullParts) -> None:
    """The database keeps the names of what somebody must put right, not of what somebody keeps private."""
    parts.source.entries["private"] = Refused("private", "CLASS", NO_DATE, not_public=True)
    parts.source.entries["bad"] = Refused("bad", "DTSTART", NO_DATE)
    report = await once(parts)
    assert len(report.refused) == 2
    assert [each.source_id for each in parts.ledger.refusals] == ["bad"]


def delivered(parts: PullParts, at: timedelta = timedelta(days=-1)) -> None:
    """The hub wrote the university's event into entry ``theirs``."""
    written = event(f"{PARTNER}:copy", "Vorlesung")
    receipt = Receipt("uni:1", "uni:1#1", 1, "theirs", None, content_hash(written))
    parts.receipts.rows["uni:1"] = Delivered("uni:1", 1, receipt, NOW + at)
    parts.source.entries["theirs"] = written


async def test_no_echo(parts: PullParts) -> None:
    """What the hub wrote is found and not told."""
    delivered(parts)
    report = await once(parts)
    assert (report.echoes, parts.inbox.facts) == (1, [])


async def test_change_of_an_echo_is_a_proposal(parts: PullParts) -> None:
    """What somebody changed in an entry of ours is a proposal to its owner, not a fact."""
    delivered(parts)
    parts.source.entries["theirs"] = event(f"{PARTNER}:copy", "Vorlesung entfällt")
    report = await once(parts)
    assert (parts.inbox.facts, [finding.place for finding in report.proposals]) == ([], ["uni:1"])
    assert "uni" in report.proposals[0].reason


async def test_written_while_it_was_read(parts: PullParts) -> None:
    """An entry that was pushed after the reading began cannot be compared: it is an echo, no proposal."""
    delivered(parts, at=timedelta(seconds=1))
    parts.source.entries["theirs"] = event(f"{PARTNER}:copy", "was there before")
    report = await once(parts)
    assert (report.echoes, report.proposals) == (1, [])


async def test_own_entry_is_recognised_without_receipt(parts: PullParts) -> None:
    """A push that died before its receipt leaves no echo: the entry itself says whose it is."""
    parts.source.entries["theirs"] = event(f"{PARTNER}:copy")
    parts.source.origins["theirs"] = "uni:1"
    assert (await once(parts)).echoes == 1


async def test_shrinkage_is_held_until_accepted(parts: PullParts) -> None:
    """An emptied calendar deletes nothing; the report says how to accept it; accepting reads everything afresh."""
    parts.source.tell("1", "2", "3")
    await once(parts)
    parts.source.entries.clear()
    for _ in range(3):
        report = await once(parts)
        assert (report.withdrawn, len(report.held)) == (0, 3)
    assert "hub pull stadt --accept-shrinkage" in report.held[0].reason
    accepted = await once(parts, accept_shrinkage=True)
    assert (accepted.withdrawn, len(accepted.accepted), parts.source.cursors[-1]) == (3, 3, None)
    assert parts.holds.ids == frozenset()


async def test_accepting_does_not_believe_a_worse_answer(parts: PullParts) -> None:
    """What was held may go; where much more is missing by the time somebody accepts, all of it is held anew."""
    parts.source.tell(*map(str, range(10)))
    await once(parts)
    for name in "012":
        del parts.source.entries[name]
    assert len((await once(parts)).held) == 3
    for name in "345678":
        del parts.source.entries[name]
    worse = await once(parts, accept_shrinkage=True)
    assert (worse.withdrawn, len(worse.held)) == (0, 9)
    assert (await once(parts, accept_shrinkage=True)).withdrawn == 9


async def test_what_was_not_held_is_not_accepted(parts: PullParts) -> None:
    """Who accepts before anything was held is shown first what would go."""
    parts.source.tell(*map(str, range(10)))
    await once(parts)
    for name in "01234":
        del parts.source.entries[name]
    report = await once(parts, accept_shrinkage=True)
    assert (report.withdrawn, len(report.held)) == (0, 5)


async def test_a_hold_outlives_readings_that_tell_only_changes(parts: PullParts) -> None:
    """A complete reading misses much, and later ones are silent about it: it stays held, object by object."""
    parts.source.tell(*map(str, range(10)))
    await once(parts)
    gone = {name: parts.source.entries.pop(name) for name in "01234"}
    await once(parts)
    parts.source.complete, parts.source.only = False, []
    assert (await once(parts)).held == []
    assert len(parts.holds.ids) == 5
    parts.source.entries["0"] = gone["0"]
    parts.source.only = ["0"]
    await once(parts)
    assert parts.holds.ids == {f"{PARTNER}:{name}" for name in "1234"}
    parts.source.only, parts.source.gone = [], ("1",)
    assert (await once(parts)).withdrawn == 1
    assert parts.holds.ids == {f"{PARTNER}:{name}" for name in "234"}
    parts.source.complete, parts.source.only, parts.source.gone = True, None, ()
    parts.source.entries |= gone
    await once(parts)
    assert parts.holds.ids == frozenset()


async def test_a_held_deletion_that_is_accepted_is_held_no_longer(parts: PullParts) -> None:
    """Deletions that the source itself reports are held and released alike."""
    parts.source.tell(*map(str, range(10)))
    await once(parts)
    for name in "01234":
        del parts.source.entries[name]
    parts.source.complete, parts.source.only, parts.source.gone = False, [], tuple("01234")
    await once(parts)
    assert len(parts.holds.ids) == 5
    parts.source.complete, parts.source.only, parts.source.gone = True, None, ()
    assert (await once(parts, accept_shrinkage=True)).withdrawn == 5
    assert parts.holds.ids == frozenset()


async def test_cursor_is_saved_last(parts: PullParts) -> None:
    """A run that dies while sending leaves the cursor where it was."""
    parts.source.tell("1")
    parts.inbox.dies = True
    with pytest.raises(Died):
        await once(parts)
    assert parts.ledger.saved is None
    parts.inbox.dies = False
    await once(parts)
    await once(parts)
    assert parts.source.cursors == [None, None, "after 2"]


async def test_what_is_sent_is_admitted(parts: PullParts) -> None:
    """The hub's own door takes what a pull sends: envelope, identity and revision agree."""
    parts.source.tell("1")
    await once(parts)
    agreement = Agreement.model_validate(
        {
            "id": PARTNER,
            "status": "draft",
            "name": {"de": "Stadt", "en": "City"},
            "owner": {"unit": "Amt", "contact": "info@stadt.example"},
            "purposes": ["event_publication"],
            "inbox": {"contracts": ["de.lernende-stadt.event.published.v1"]},
        }
    )
    message: Message = parts.inbox.facts[0].message(PARTNER)
    assert admit(message, agreement).envelope.revision == 1


async def test_report_is_a_table(parts: PullParts) -> None:
    """The table tells each number, then each finding with its place and reason."""
    parts.source.tell("1")
    parts.source.entries["bad"] = Refused("bad", "DTSTART", NO_DATE)
    report = await once(parts)
    rows = {(row["what"], row["number"] or row["where"]): row for row in report.table()}
    assert {("new", 1), ("refused", 1)} <= rows.keys()
    assert rows["refused", entry_of("bad")]["reason"] == NO_DATE.en
    assert str(report) == "stadt pull: 2 read, 1 new, 1 refused"
