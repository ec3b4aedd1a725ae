from dataclasses import replace
from datetime import timedelta

from contracts.about import About
from contracts.event import EventPublished
from flows.connector import Draft
from flows.ledger.known import Diff, Known, Look, content_hash
from flows.pulling.snapshot import diff
from tests.contracts.worlds import examples
from tests.flows.partner import NOW, cancelled, event


def draft(number: int | str, title: str = "Kurs", source: str | None = None) -> Draft:
    """One event without dates."""
    return Draft(event(f"stadt:{number}", title), source or f"{number}.ics")


def known(*drafts: Draft, **more: object) -> dict[str, Known]:
    """The ledger after these were told once."""
    rows = (Known(each.fact.subject, each.source_id, content_hash(each.fact), 1) for each in drafts)
    return {row.object_id: replace(row, **more) for row in rows}


def look(*drafts: Draft, **more: object) -> Look:
    """A complete reading of these, unless told otherwise."""
    fields = {"complete": True, "read": frozenset(each.source_id for each in drafts), "empty": not drafts}
    return Look(drafts, **{**fields, **more})


def kinds(found: Diff) -> list[tuple[str, str]]:
    """What is to be told, of whom."""
    return [(change.kind, change.fact.subject) for change in found.changes]


TEN = [draft(number) for number in range(10)]


def test_new_changed_unchanged() -> None:
    """What nobody knows is new, what says something else is changed, the rest is silent."""
    found = diff(known(TEN[0], TEN[1]), look(TEN[0], draft(1, "anders"), TEN[2]), NOW)
    assert kinds(found) == [("changed", "stadt:1"), ("new", "stadt:2")]
    assert found.unchanged == 1


def test_second_absence_withdraws() -> None:
    """One complete reading that misses an object only counts it; the second one withdraws it."""
    once = diff(known(*TEN), look(*TEN[1:]), NOW)
    assert (kinds(once), once.absent, [row.absences for row in once.marks]) == ([], ("stadt:0",), [1])
    twice = diff(known(*TEN) | {"stadt:0": once.marks[0]}, look(*TEN[1:]), NOW)
    assert kinds(twice) == [("withdrawn", "stadt:0")]


def test_return_clears_absence() -> None:
    """An object that is back after one absence starts from none."""
    found = diff(known(TEN[0], absences=1) | known(*TEN[1:]), look(*TEN), NOW)
    assert (kinds(found), [row.absences for row in found.marks]) == ([], [0])


def test_partial_reading_misses_nobody() -> None:
    """What a partial reading does not bring is not absent."""
    found = diff(known(*TEN), look(TEN[0], complete=False), NOW)
    assert (found.changes, found.absent, found.marks) == ((), (), ())


def test_reported_deletion_counts_as_both() -> None:
    """A deletion that the source itself reports withdraws at once, even of what is over."""
    past = known(TEN[0], ends=NOW - timedelta(days=1)) | known(*TEN[1:])
    found = diff(past, look(complete=False, gone=frozenset({"0.ics"})), NOW)
    assert kinds(found) == [("withdrawn", "stadt:0")]


def test_changed_item_without_the_object_withdraws() -> None:
    """An item that a partial reading brings anew no longer tells what it leaves out."""
    found = diff(known(*TEN), look(complete=False, read=frozenset({"0.ics"})), NOW)
    assert kinds(found) == [("withdrawn", "stadt:0")]


def test_refused_is_not_absent() -> None:
    """What is there but cannot be understood is never withdrawn, however often."""
    rows = known(TEN[0], absences=1) | known(*TEN[1:])
    found = diff(rows, look(*TEN[1:], doubtful=frozenset({"0.ics"})), NOW)
    assert (found.changes, found.absent, found.held) == ((), (), ())


def test_more_than_a_fifth_is_held() -> None:
    """Two of ten may go; three at once are held, count as no absence, and go when an operator accepts."""
    two = diff(known(*TEN, absences=1), look(*TEN[2:]), NOW)
    assert [kind for kind, _ in kinds(two)] == ["withdrawn", "withdrawn"]
    three = diff(known(*TEN, absences=1), look(*TEN[3:]), NOW)
    assert (three.changes, len(three.held), three.absent) == ((), 3, ())
    assert not [row for row in three.marks if row.absences]
    accepted = diff(known(*TEN), look(*TEN[3:]), NOW, frozenset(three.held))
    assert (len(accepted.changes), accepted.accepted) == (3, three.held)


def test_what_is_missing_beside_the_accepted_is_judged_as_ever() -> None:
    """Of four accepted and one more, the four go and the one is missed for the first time; of two more, none goes.

    Two would be a fifth of ten, but they are a third of the six that should be there.
    """
    four = frozenset(f"stadt:{number}" for number in range(4))
    found = diff(known(*TEN), look(*TEN[5:]), NOW, four)
    assert (len(found.changes), found.absent) == (4, ("stadt:4",))
    worse = diff(known(*TEN), look(*TEN[6:]), NOW, four)
    assert (worse.changes, len(worse.held), worse.accepted) == ((), 6, ())


def test_empty_reading_is_held_even_for_one() -> None:
    """A reading that tells nothing at all deletes nothing, not even the only object there is."""
    found = diff(known(TEN[0], absences=1), look(), NOW)
    assert (found.changes, found.held) == ((), ("stadt:0",))


def test_the_only_object_may_be_deleted() -> None:
    """The source's own report of one deletion is believed, though it is all there is."""
    assert kinds(diff(known(TEN[0]), look(complete=False, gone=frozenset({"0.ics"})), NOW))


def test_held_deletions_are_not_forgotten() -> None:
    """A source reports a deletion once: held ones are remembered and go with the next accepted run."""
    rows = known(*TEN)
    held = diff(rows, look(complete=False, gone=frozenset(f"{n}.ics" for n in range(5))), NOW)
    assert (held.changes, len(held.held)) == ((), 5)
    rows |= {row.object_id: row for row in held.marks}
    assert len(diff(rows, look(complete=False), NOW, frozenset(held.held)).changes) == 5
    assert len(diff(rows, look(complete=False), NOW).held) == 5


def test_past_events_are_not_missed() -> None:
    """A source that stops listing what is over withdraws nothing; nor do past events dilute the guard."""
    past = known(*TEN, ends=NOW - timedelta(hours=1), absences=1)
    assert diff(past, look(draft("x")), NOW).absent == ()
    current = known(*(draft(f"now{n}") for n in range(3)), absences=1)
    found = diff(past | current, look(draft("now0")), NOW)
    assert len(found.held) == 2


def test_dates_lost_to_the_window_are_no_change() -> None:
    """An old event whose dates are no longer unfolded says nothing new."""
    old = Draft(event("stadt:1", ends=NOW - timedelta(days=31)), "1.ics")
    rows = known(old, ends=NOW - timedelta(days=31))
    assert diff(rows, look(draft(1)), NOW).changes == ()


def test_cancelled_before_it_was_told() -> None:
    """What nobody heard of needs no cancellation; what is known gets one."""
    drop = Draft(cancelled("stadt:0"), "0.ics")
    assert diff({}, look(drop), NOW).unheard == ("stadt:0",)
    assert kinds(diff(known(*TEN), look(drop, *TEN[1:]), NOW)) == [("changed", "stadt:0")]


def test_withdrawn_may_come_back() -> None:
    """An object that returns after its withdrawal is told again, on top of its last revision."""
    found = diff(known(TEN[0], withdrawn=True), look(TEN[0]), NOW)
    assert [(change.kind, change.after.revision) for change in found.changes] == [("new", 1)]


def test_two_entries_with_one_identifier() -> None:
    """The entry that told an object goes on; a second claim is refused, so that it never flaps."""
    second = draft(0, "anders", "copy.ics")
    found = diff(known(TEN[0]), look(second, TEN[0]), NOW)
    assert (found.changes, [each.source_id for each in found.refused]) == ((), ["copy.ics"])
    alone = diff(known(TEN[0]), look(second, complete=False), NOW)
    assert [each.source_id for each in alone.refused] == ["copy.ics"]


def test_renamed_entry_keeps_its_object() -> None:
    """An object that moved to another file is the same object."""
    moved = draft(0, source="new.ics")
    for reading in (look(moved, *TEN[1:]), look(moved, complete=False, gone=frozenset({"0.ics"}))):
        found = diff(known(*TEN), reading, NOW)
        assert (found.changes, found.refused, found.marks[0].source_id) == ((), (), "new.ics")


def test_a_field_that_came_later_changes_no_hash() -> None:
    """What was noted before contracts had ``about`` is still known: nothing is told anew, nothing looks edited."""
    fact = EventPublished.model_validate(examples()["de.lernende-stadt.event.published.v1.2"])
    assert fact.about == ()
    assert content_hash(fact) == "c874ea65b680e328a723d412250351178597c4b7a97ed2f966d028eb9aab97b8"
    placed = About(term="bne:school", assigned_by="stadt-gelsenkirchen", method="human")
    assert content_hash(fact.model_copy(update={"about": (placed,)})) != content_hash(fact)
