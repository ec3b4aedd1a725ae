from collections import defaultdict
from types import SimpleNamespace

from aiokafka.coordinator.protocol import ConsumerProtocolMemberMetadata
from hypothesis import example, given
from hypothesis import strategies as st

from services.runtime.assignor import assignor
from services.runtime.engine.sharding import shard_of

SHARDS = 2
TOPICS = ["partner.a.inbox", "partner.b.inbox", "partner.c.inbox", "hub.events"]
_topics = st.sets(st.sampled_from(TOPICS), min_size=1)
_names = st.text("abc", min_size=1, max_size=3)
_widths = st.fixed_dictionaries({topic: st.integers(1, 5) for topic in TOPICS})


def _cluster(widths: dict[str, int]) -> SimpleNamespace:
    return SimpleNamespace(partitions_for_topic=lambda topic: set(range(widths[topic])) if topic in widths else None)


def _shares(widths: dict[str, int], members: dict[str, set[str]]) -> dict[str, list[tuple[str, int]]]:
    told = {name: ConsumerProtocolMemberMetadata(0, sorted(topics), b"") for name, topics in members.items()}
    answer = assignor(SHARDS).assign(_cluster(widths), told)
    assert answer.keys() == members.keys()
    return {name: [(t, n) for t, numbers in share.assignment for n in numbers] for name, share in answer.items()}


@given(_widths, st.dictionaries(_names, _topics, min_size=1, max_size=4))
@example(dict.fromkeys(TOPICS, 2), {"a": {TOPICS[0]}, "b": {TOPICS[1]}})  # neither knows all
def test_a_shard_has_one_owner(widths: dict[str, int], members: dict[str, set[str]]) -> None:
    """Two owners would fence each other for ever. Nobody gets what it does not read, nothing is given twice."""
    shares, owners = _shares(widths, members), defaultdict(set)
    given_out = [place for share in shares.values() for place in share]
    assert len(given_out) == len(set(given_out))
    for name, share in shares.items():
        assert {topic for topic, _ in share} <= members[name]
        for place in share:
            owners[shard_of(*place, SHARDS)].add(name)
    assert all(len(names) == 1 for names in owners.values())


@given(_widths, st.sets(_names, min_size=1, max_size=4))
def test_members_that_read_the_same_have_all_of_it(widths: dict[str, int], names: set[str]) -> None:
    """As many of them work as there are shards that have partitions."""
    shares = _shares(widths, {name: set(TOPICS) for name in names})
    assert sum(map(len, shares.values())) == sum(widths.values())
    assert sum(map(bool, shares.values())) == min(len(names), SHARDS)


def test_who_knows_a_new_partner_has_everything() -> None:
    """While instances are started anew one by one, the shard of a new inbox stays in one hand."""
    shares = _shares(dict.fromkeys(TOPICS, 1), {"old": set(TOPICS[1:]), "new": set(TOPICS)})
    assert (shares["old"], len(shares["new"])) == ([], len(TOPICS))


def test_a_topic_that_is_not_there_stops_nobody() -> None:
    """Its partitions are unknown; the others are given out."""
    assert _shares({TOPICS[0]: 1}, {"one": {"partner.gone.inbox", TOPICS[0]}}) == {"one": [(TOPICS[0], 0)]}


def test_members_that_differ_in_their_number_are_told_apart() -> None:
    """Kafka lets members in that have an assignor in common: with another number, shards would have two owners."""
    assert assignor(1).name != assignor(2).name
