from datetime import UTC, datetime

from services.operations.status.queues import Places, queues

NOW = datetime(2027, 3, 28, 12, tzinfo=UTC)
INBOX = ("partner.vhs.inbox", 0)


def test_a_marker_of_a_transaction_waits_for_nobody() -> None:
    """Behind the last record read lies its marker: an offset, but nothing to read."""
    places = Places(first={INBOX: 0}, read={INBOX: 1}, ends={INBOX: 2}, newest={INBOX[0]: NOW})
    assert queues(places, {})[INBOX[0]].waiting == 0
    assert queues(places, {INBOX: NOW})[INBOX[0]].waiting == 1


def test_what_has_expired_is_not_asked_for() -> None:
    """A reader that fell behind the retention goes on at the first kept record, and so does the question."""
    places = Places(first={INBOX: 50}, read={INBOX: 7}, ends={INBOX: 60}, newest={})
    assert places.unread() == {INBOX: 50}


def test_a_topic_waits_as_long_as_its_oldest_partition() -> None:
    """Partitions are summed up, and the oldest unread record of any of them counts."""
    other = (INBOX[0], 1)
    early = NOW.replace(hour=9)
    places = Places(first={INBOX: 0, other: 0}, read={}, ends={INBOX: 3, other: 4}, newest={})
    queue = queues(places, {INBOX: NOW, other: early})[INBOX[0]]
    assert (queue.waiting, queue.oldest) == (7, early)
