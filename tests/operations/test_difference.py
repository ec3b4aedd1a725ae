from dataclasses import replace

import pytest

from services.operations.apply.actual import Actual
from services.operations.apply.desired import Topic, desired
from services.operations.apply.difference import Plan, difference
from services.operations.apply.grants import Acl
from services.operations.cursors import Cursor
from tests.operations.worlds import CONNECTED, agreed, as_desired

TWO = desired(agreed("uni") | agreed("vhs", text=CONNECTED), 1)
ONE = desired(agreed("uni"), 1)
EMPTY = Actual({}, {}, frozenset({"hub-admin", "hub-broker"}), frozenset(), frozenset(), frozenset(), {})


def test_no_difference_no_change() -> None:
    """A cluster that is as desired gets an empty plan; the administrator's own user is no difference."""
    assert difference(TWO, as_desired(TWO)) == Plan()


def test_an_empty_cluster_gets_everything() -> None:
    """On a new cluster everything that is desired is made, and nothing is taken away."""
    plan = difference(TWO, EMPTY)
    assert {topic.name for topic in plan.create} == set(TWO.topics)
    assert (set(plan.add_users), set(plan.allow), set(plan.cursors)) == (TWO.users, TWO.acls, TWO.cursors)
    assert (plan.forbid, plan.lock_users, plan.problems, plan.hints) == ((), (), (), ())


def test_a_removed_partner_loses_rights_and_password_and_keeps_its_topics() -> None:
    """Its rights go, as do those of others at its doors, and its user is locked; a hint says what is left of it."""
    actual = as_desired(TWO)
    plan = difference(ONE, replace(actual, users=actual.users | {"metrics"}))
    assert plan.lock_users == ("partner-vhs",)
    assert set(plan.forbid) == TWO.acls - ONE.acls
    assert {acl.principal for acl in plan.forbid} == {
        "partner-vhs",
        "hub-dispatch",
        "hub-flows",
        "hub-intake",
        "hub-operator",
    }
    assert (plan.create, plan.cursors, plan.allow) == ((), (), ())
    assert ["partner.vhs.inbox" in hint or "partner.vhs.outbox" in hint for hint in plan.hints] == [True, True]
    assert plan.hints[0].endswith("delete topic partner.vhs.inbox with a Kafka administration tool, as hub-admin")


def test_a_new_partition_gets_a_cursor_and_a_hint() -> None:
    """More partitions: they are made, the reader starts at their beginning, and moved keys are mentioned."""
    inbox = TWO.topics["partner.vhs.inbox"]
    actual = as_desired(TWO)
    narrow = replace(
        actual,
        topics={**actual.topics, inbox.name: replace(inbox, partitions=1)},
        cursors=actual.cursors - {Cursor("hub.intake", inbox.name, 1)},
        ends={place: end for place, end in actual.ends.items() if place != (inbox.name, 1)},
    )
    plan = difference(TWO, narrow)
    assert (plan.widen, plan.cursors) == ((inbox,), (Cursor("hub.intake", inbox.name, 1),))
    assert "keys move" in plan.hints[0]


@pytest.mark.parametrize(("end", "guessed"), [(0, True), (7, False)])
def test_a_lost_cursor_is_never_guessed(end: int, guessed: bool) -> None:  # noqa: FBT001 - a row of the table
    """An empty partition's cursor is set to its beginning; one that holds records is a problem with a command."""
    lost = Cursor("hub.events", "hub.events.submitted", 2)
    actual = as_desired(TWO)
    plan = difference(
        TWO,
        replace(actual, cursors=actual.cursors - {lost}, ends={**actual.ends, ("hub.events.submitted", 2): end}),
    )
    assert (lost in plan.cursors) is guessed
    assert bool(plan.problems) is not guessed
    assert guessed or "hub cursor set hub.events hub.events.submitted/2 first" in plan.problems[0]


def test_partitions_are_not_taken_away() -> None:
    """Fewer partitions than there are is a problem that says what to write into the agreement."""
    actual = as_desired(TWO)
    wide = replace(actual.topics["partner.vhs.inbox"], partitions=4)
    plan = difference(TWO, replace(actual, topics={**actual.topics, wide.name: wide}))
    assert plan.widen == ()
    assert "Write partitions = 4 into the agreement" in plan.problems[0]


def test_only_settings_that_differ_are_set() -> None:
    """A topic whose retention somebody changed gets that setting back, and the plan says so."""
    actual = as_desired(TWO)
    topic = actual.topics["hub.events"]
    short = replace(topic, settings={**topic.settings, "retention.ms": "1000"})
    plan = difference(TWO, replace(actual, topics={**actual.topics, topic.name: short}))
    assert plan.configure == (Topic("hub.events", 3, {"retention.ms": "-1"}),)
    assert plan.lines() == ["~ topic hub.events: retention.ms = -1"]


@pytest.mark.parametrize(
    ("acl", "hole"),
    [
        (Acl("*", "read", "topic", "hub.events"), True),
        (Acl("backup", "read", "topic", "*"), True),
        (Acl("backup", "read", "topic", "h", prefix=True), True),
        (Acl("backup", "read", "topic", "", prefix=True), True),
        (Acl("backup", "read", "group", "partner.vhs.app"), True),
        (Acl("backup", "read", "topic", "metrics"), False),
        (Acl("backup", "read", "topic", "metrics.", prefix=True), False),
    ],
)
def test_a_right_beside_the_agreements_is_a_problem(acl: Acl, hole: bool) -> None:  # noqa: FBT001 - a row of the table
    """Whoever else may touch the hub's topics is told; what is none of the hub's business is left alone."""
    plan = difference(TWO, replace(as_desired(TWO), foreign_acls=frozenset({acl})))
    assert bool(plan.problems) is hole
    assert plan.forbid == ()


def test_one_host_is_not_every_host() -> None:
    """A right for one address only is another right: it goes, and the agreed one comes."""
    right = Acl("partner-vhs", "write", "topic", "partner.vhs.inbox")
    bound = replace(right, host="10.0.0.7")
    actual = as_desired(TWO)
    plan = difference(TWO, replace(actual, acls=actual.acls - {right} | {bound}))
    assert (plan.allow, plan.forbid) == ((right,), (bound,))


def test_fewer_copies_than_possible_is_a_hint() -> None:
    """A topic from the time of one broker is told when there are three."""
    three = desired(agreed("uni"), 3)
    actual = replace(as_desired(three), replication={**dict.fromkeys(three.topics, 3), "hub.events": 1})
    assert "topic hub.events is kept 1 time(s)" in difference(three, actual).hints[0]
