"""What became of each record, for the log and the metrics; told after its transaction, never instead of it."""

import hashlib
import logging
from collections import Counter as Counting
from collections.abc import Callable, Sequence
from typing import NamedTuple

import structlog
from prometheus_client import Counter
from structlog.stdlib import BoundLogger

from contracts.refusal import Refusal
from services.runtime.engine.burial import contract_of, header, partner_behind
from services.runtime.engine.delivery import Partition, Record

RECORDS = Counter("hub_records_total", "Records taken", ("service", "partner", "contract", "outcome"))


class Seen(NamedTuple):
    """One record and its outcome: passed, applied, duplicate, superseded or refused."""

    record: Record
    outcome: str
    refusal: Refusal | None = None


Observe = Callable[[str, Partition, Sequence[Seen]], None]


def observe(service: str, partition: Partition, seen: Sequence[Seen]) -> None:
    """Count every record and log each; refused ones as warnings with rule and place, never with a value."""
    log = structlog.get_logger("engine")
    every = logging.getLogger("engine").isEnabledFor(logging.DEBUG)
    counts = Counting[tuple[str, str, str]]()
    for one in seen:
        partner, contract = partner_behind(partition.topic, one.record.message), contract_of(one.record.message)
        counts[partner, contract, one.outcome] += 1
        if every or one.refusal is not None:  # a line costs more than all the rest of a record
            _tell(log.bind(partner=partner, contract=contract), partition, one)
    for (partner, contract, outcome), number in counts.items():
        RECORDS.labels(service, partner, contract, outcome).inc(number)


def _tell(log: BoundLogger, partition: Partition, one: Seen) -> None:
    message = one.record.message
    line = log.bind(
        correlation=_cut(header(message, "ce_correlationid") or header(message, "ce_id")),
        position=f"{partition}/{one.record.offset}",
    )
    if one.refusal is None:
        line.debug("record_taken", outcome=one.outcome)
    else:
        line.warning("record_refused", rule=one.refusal.rule, place=one.refusal.place)


def _cut(identifier: str) -> str:
    """Return the first twelve hex digits of an id's SHA-256: a partner's own id may be a person's address."""
    return hashlib.sha256(identifier.encode(errors="backslashreplace")).hexdigest()[:12]
