"""What a receipt of an erasure says that it leaves."""

import pytest

from contracts.topics import inbox, outbox
from services.operations.apply.desired import TOPICS
from services.operations.apply.grants import PARTNER
from services.operations.people.erase import REMAINS


@pytest.mark.parametrize(
    ("topic", "told"), [(inbox(PARTNER), "{} days in the inbox"), (outbox(PARTNER), "{} days in outboxes")]
)
def test_what_remains_is_told_with_how_long(topic: str, told: str) -> None:
    """As long as topics keep it; of outboxes, too, into which facts are copied."""
    (days,) = (row.days for row in TOPICS if row.name == topic)
    assert told.format(days) in REMAINS


def test_ids_of_partners_remain() -> None:
    """They may be made of a name: nobody but the partner knows."""
    assert "the ids that the partners gave the request and its messages" in REMAINS
