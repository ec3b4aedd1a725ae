"""What became of a fact, judged by what is known of it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.refusal import Refusal
from contracts.wording import Wording
from services.gateway.fate import Evidence, Known, Status, status_of
from services.gateway.rejections import Rejection

TOLD = Rejection("t/0/0", "", 0, Refusal("r", "p", Wording("e", "d")))
OURS, OTHERS = Known(3, "ours"), Known(3, "others")


@pytest.mark.parametrize(
    ("found", "status"),
    [
        (Evidence(), "received"),
        (Evidence(known=OURS), "received"),
        (Evidence(passed=True), "waiting"),
        (Evidence(passed=True, known=Known(2, "ours")), "waiting"),
        (Evidence(passed=True, known=OTHERS), "waiting"),
        (Evidence(passed=True, known=Known(0, "", unpublished=True)), "applied"),
        (Evidence(passed=True, known=OURS), "duplicate"),
        (Evidence(passed=True, known=OURS, whole=False), "applied"),
        (Evidence(passed=True, known=Known(named=True)), "duplicate"),
        (Evidence(passed=True, known=Known(named=True), whole=False), "waiting"),
        (Evidence(passed=True, known=Known(4, "ours")), "superseded"),
        (Evidence(passed=True, recorded=True, known=Known(4, "later")), "applied"),
        (Evidence(passed=True, recorded=True, served=True), "delivered"),
        (Evidence(passed=True, rejection=TOLD), "rejected"),
        (Evidence(passed=True, rejection=TOLD, recorded=True), "applied"),  # redriven
    ],
)
def test_a_fact_of_revision_three(found: Evidence, status: Status) -> None:
    """Row by row; what is not decided yet is never told as if it were."""
    assert status_of(3, "ours", found) == status


@given(st.builds(Evidence, passed=st.booleans(), rejection=st.sampled_from([None, TOLD])))
def test_what_cannot_be_read_is_received_waiting_or_rejected(found: Evidence) -> None:
    """Nothing is applied of it, and it repeats nothing."""
    assert status_of(0, "", found) in ("received", "waiting", "rejected")
