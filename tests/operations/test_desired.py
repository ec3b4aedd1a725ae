import string

import pytest

from contracts.fact import MAX_PAYLOAD_BYTES
from contracts.registry import STREAMS
from contracts.topics import inbox, outbox, recorded
from services.operations.apply.desired import TOPICS, desired
from services.operations.apply.grants import GRANTS, Acl, acls
from services.operations.cursors import Cursor
from services.runtime.kafka import PRODUCING
from tests.operations.worlds import CONNECTED, PLAIN, agreed

DAY = 86_400_000


@pytest.mark.parametrize(("brokers", "copies", "needed"), [(1, 1, "1"), (2, 2, "1"), (3, 3, "2"), (5, 3, "2")])
def test_copies_follow_the_size_of_the_cluster(brokers: int, copies: int, needed: str) -> None:
    """Three copies where there are three brokers, of which two must have a record before it counts as written."""
    wanted = desired(agreed("vhs"), brokers)
    assert wanted.replication == copies
    assert {topic.settings["min.insync.replicas"] for topic in wanted.topics.values()} == {needed}


def test_each_topic_lives_as_long_as_the_design_says() -> None:
    """Inbox, submitted and dead letters 30 days, outbox 90, what was recorded for ever; partitions as agreed."""
    topics = desired(agreed("vhs"), 1).topics
    assert {name: (topic.partitions, int(topic.settings["retention.ms"])) for name, topic in topics.items()} == {
        "partner.vhs.inbox": (2, 30 * DAY),
        "partner.vhs.outbox": (1, 90 * DAY),
        "hub.events.submitted": (3, 30 * DAY),
        "hub.events": (3, -1),
        "hub.research.submitted": (3, 30 * DAY),
        "hub.research": (3, -1),
        "hub.enrolments.submitted": (3, 30 * DAY),
        "hub.enrolments": (3, -1),
        "hub.unified": (1, -1),
        "hub.routes": (1, -1),
        "hub.deadletter": (1, 30 * DAY),
        "hub.rejections": (1, 30 * DAY),
        "hub.closings": (1, 60 * DAY),
        "hub.reveals": (1, 365 * DAY),
        "hub.backfills": (1, 365 * DAY),
    }


def test_no_partners_clock_decides_how_long_a_record_is_kept() -> None:
    """A record dated 1999 must not expire at once, one dated 2099 not stay: the broker's clock counts everywhere."""
    topics = desired(agreed("vhs"), 1).topics.values()
    assert {topic.settings["message.timestamp.type"] for topic in topics} == {"LogAppendTime"}


def test_sizes_fit_into_each_other() -> None:
    """A payload at its limit enters the inbox, one beyond it too, and our producers can write what topics take."""
    limits = {row.name: row.limit for row in TOPICS}
    assert min(limits.values()) > MAX_PAYLOAD_BYTES
    assert max(limits.values()) <= PRODUCING["max_request_size"]
    assert limits["hub.deadletter"] >= 2 * limits["partner.{partner}.inbox"]


def test_every_prefix_ends_where_a_name_ends() -> None:
    """A prefix without a dot at its end would open a longer name too: vhs would reach vhs-nord."""
    assert [grant for grant in GRANTS if grant.prefix and not grant.name.endswith(".")] == []


def test_a_partner_may_use_its_two_doors_and_nothing_else() -> None:
    """Write its inbox, read its outbox, its own groups and transactions: the whole list."""
    rights = {right for right in acls(agreed("vhs", "vhs-nord")) if right.principal == "partner-vhs"}
    assert rights == {
        Acl("partner-vhs", "write", "topic", inbox("vhs")),
        Acl("partner-vhs", "read", "topic", outbox("vhs")),
        Acl("partner-vhs", "read", "group", "partner.vhs.", prefix=True),
        Acl("partner-vhs", "write", "transactional_id", "partner.vhs.", prefix=True),
    }


def test_nobody_but_its_service_writes_what_was_recorded() -> None:
    """One principal writes each of the hub's own topics; partners read none of them."""
    rights = acls(agreed("vhs", text=CONNECTED))
    writers = {
        name: {right.principal for right in rights if right.operation == "write" and right.covers("topic", name)}
        for name in (
            *("hub.events", "hub.events.submitted", "hub.research", "hub.enrolments.submitted"),
            *("hub.unified", inbox("vhs"), outbox("vhs")),
        )
    }
    assert writers == {
        "hub.events": {"hub-events"},
        "hub.events.submitted": {"hub-intake"},
        "hub.research": {"hub-research"},
        "hub.enrolments.submitted": {"hub-intake", "hub-enrolments"},
        "hub.unified": {"hub-dispatch"},
        inbox("vhs"): {"hub-flows", "partner-vhs", "hub-operator"},
        outbox("vhs"): {"hub-dispatch"},
    }
    assert not [r for r in rights if r.principal.startswith("partner-") and r.name.startswith("hub.")]


def test_flows_reach_only_partners_with_a_connector() -> None:
    """The flows get no right at the doors of a partner that uses Kafka itself."""
    rights = acls(agreed("uni") | agreed("vhs", text=CONNECTED))
    reached = {right.name for right in rights if right.principal == "hub-flows"}
    assert inbox("vhs") in reached
    assert not [name for name in reached if "uni" in name]


def test_the_gateway_reaches_only_partners_whose_agreement_opens_the_http_door() -> None:
    """Their two doors, and what tells the fate of a fact; it writes inboxes and nothing else."""
    rights = acls(agreed("uni") | agreed("vhs", text=PLAIN + "http = {{}}"))
    own = {right for right in rights if right.principal == "hub-gateway"}
    assert {right.name for right in own if right.operation == "write"} == {inbox("vhs")}
    read = {right.name for right in own if right.operation == "read"}
    own_doors = {inbox("vhs"), outbox("vhs"), "partner.vhs.http"}
    assert read == {*own_doors, *map(recorded, STREAMS), "hub.rejections", "hub.closings"}
    assert {right.name for right in own if right.operation == "describe"} == {"hub.intake", "hub.dispatch"}


def test_every_reader_of_the_hub_gets_a_cursor_in_every_partition() -> None:
    """A known group starts at a committed place: each partition of what it reads is listed once."""
    cursors = desired(agreed("uni") | agreed("vhs", text=CONNECTED), 1).cursors
    assert cursors == {
        *(Cursor("hub.intake", inbox(partner), n) for partner in ("uni", "vhs") for n in (0, 1)),
        *(Cursor(f"hub.{stream}", f"hub.{stream}.submitted", n) for stream in STREAMS for n in range(3)),
        *(Cursor("hub.dispatch", f"hub.{stream}", n) for stream in STREAMS for n in range(3)),
        Cursor("hub.dispatch", "hub.rejections", 0),
        *(Cursor("hub.enrolments", f"hub.{stream}", n) for stream in ("events", "research") for n in range(3)),
        Cursor("hub.push.vhs", outbox("vhs"), 0),
    }


def test_templates_name_nothing_but_partner_and_stream() -> None:
    """A typing mistake in a row would only show when the row is unfolded."""
    texts = [part for grant in GRANTS for part in (grant.principal, grant.name)] + [row.name for row in TOPICS]
    fields = {field for text in texts for _, field, _, _ in string.Formatter().parse(text) if field}
    assert fields == {"partner", "stream"}


def test_who_sees_what_was_refused_as_it_came() -> None:
    """Dead letters hold everybody's messages, people in them: services write them, operators alone read them."""
    readers = {
        right.principal
        for right in acls(agreed("vhs", text=PLAIN + "http = {{}}\n"))
        if right.operation == "read" and right.covers("topic", "hub.deadletter")
    }
    assert readers == {"hub-operator"}
