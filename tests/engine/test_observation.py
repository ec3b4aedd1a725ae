import json

import pytest
from structlog.testing import capture_logs

from contracts.refusal import Refusal
from contracts.wording import expected
from services.runtime.engine.delivery import Partition, Record
from services.runtime.engine.observation import Seen, observe
from tests.engine.facts import published

CANARY = "anna.schmidt@vhs.example"


@pytest.mark.parametrize("name", ["ce_id", "ce_correlationid"])
def test_a_partners_own_ids_are_not_logged(name: str) -> None:
    """Promise 12: they may be a person's; the place finds the record, and a hash says which lines belong together."""
    message = published()
    headers = [pair for pair in message.headers if pair[0] not in ("ce_id", "ce_correlationid")]
    record = Record(7, message._replace(headers=[*headers, (name, CANARY.encode())]))
    refusal = Refusal("json-invalid", "payload", expected("json_invalid"))
    with capture_logs() as lines:
        observe("intake", Partition("g", "partner.stadt.inbox", 0), [Seen(record, "refused", refusal)] * 2)
    assert len({line["correlation"] for line in lines}) == 1
    assert (CANARY in json.dumps(lines), lines[0]["position"]) == (False, "partner.stadt.inbox/0/7")
