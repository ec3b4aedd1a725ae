"""Who may do what on Kafka: one row a right. The broker refuses everything that no row names.

``{partner}`` and ``{stream}`` in a name stand for each partner and stream that ``each`` selects. Every prefix ends in a
dot: without it the prefix of partner ``vhs`` would open what belongs to partner ``vhs-nord``.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Literal

from contracts import topics
from contracts.agreement import Agreement, Direction
from contracts.registry import STREAMS

Each = Literal["hub", "stream", "partner", "pull", "push", "http"]
Operation = Literal["read", "write", "describe", "describe_configs"]
Resource = Literal["topic", "group", "transactional_id", "cluster"]

PARTNER = "{partner}"
STREAM = "{stream}"


@dataclass(frozen=True, slots=True, order=True)
class Acl:
    """One right as the broker keeps it. ``prefix``: for every name that begins with ``name``."""

    principal: str
    operation: str
    resource: str
    name: str
    prefix: bool = False
    host: str = "*"

    def __str__(self) -> str:
        """``hub-intake may write topic hub.deadletter``."""
        where = "" if self.host == "*" else f" from {self.host}"
        return f"{self.principal} may {self.operation} {self.resource} {self.name}{'…' if self.prefix else ''}{where}"

    def covers(self, resource: str, name: str) -> bool:
        """Whether the right is about this topic, group or id."""
        return self.resource == resource and (name.startswith(self.name) if self.prefix else self.name in ("*", name))


@dataclass(frozen=True, slots=True)
class Grant:
    """One row: a right, once or for each stream or partner."""

    principal: str
    operation: Operation
    resource: Resource
    name: str
    each: Each = "hub"
    prefix: bool = False


GRANTS = (
    Grant("hub-intake", "read", "topic", topics.inbox(PARTNER), "partner"),
    Grant("hub-intake", "read", "group", "hub.intake"),
    Grant("hub-intake", "write", "topic", topics.submitted(STREAM), "stream"),
    Grant("hub-intake", "write", "topic", topics.DEAD_LETTERS),
    Grant("hub-intake", "write", "topic", topics.REJECTIONS),
    Grant("hub-intake", "write", "transactional_id", "hub.intake.", prefix=True),
    Grant(f"hub-{STREAM}", "read", "topic", topics.submitted(STREAM), "stream"),
    Grant(f"hub-{STREAM}", "read", "group", f"hub.{STREAM}", "stream"),
    Grant(f"hub-{STREAM}", "write", "topic", topics.recorded(STREAM), "stream"),
    Grant(f"hub-{STREAM}", "write", "topic", topics.DEAD_LETTERS, "stream"),
    Grant(f"hub-{STREAM}", "write", "topic", topics.REJECTIONS, "stream"),
    Grant(f"hub-{STREAM}", "write", "transactional_id", f"hub.{STREAM}.", "stream", prefix=True),
    Grant("hub-enrolments", "read", "topic", topics.recorded("events")),
    Grant("hub-enrolments", "read", "topic", topics.recorded("research")),
    Grant("hub-enrolments", "write", "topic", topics.submitted("enrolments")),
    Grant("hub-dispatch", "read", "topic", topics.recorded(STREAM), "stream"),
    Grant("hub-dispatch", "read", "topic", topics.REJECTIONS),
    Grant("hub-dispatch", "read", "group", "hub.dispatch"),
    Grant("hub-dispatch", "write", "topic", topics.outbox(PARTNER), "partner"),
    Grant("hub-dispatch", "write", "topic", topics.UNIFIED),
    Grant("hub-dispatch", "read", "topic", topics.ROUTES),
    Grant("hub-dispatch", "write", "topic", topics.ROUTES),
    Grant("hub-dispatch", "read", "topic", topics.BACKFILLS),
    Grant("hub-dispatch", "write", "topic", topics.DEAD_LETTERS),
    Grant("hub-dispatch", "write", "transactional_id", "hub.dispatch.", prefix=True),
    Grant("hub-flows", "write", "topic", topics.inbox(PARTNER), "pull"),
    Grant("hub-flows", "read", "topic", topics.outbox(PARTNER), "push"),
    Grant("hub-flows", "read", "group", f"hub.push.{PARTNER}", "push"),
    Grant("hub-flows", "write", "transactional_id", f"hub.push.{PARTNER}.", "push", prefix=True),
    Grant("hub-flows", "write", "topic", topics.DEAD_LETTERS),
    Grant("hub-flows", "write", "topic", topics.CLOSINGS),
    # What a comparison with a partner's system rests on: what is recorded of what passes connectors, so no people's.
    Grant("hub-flows", "read", "topic", topics.recorded("events")),
    Grant("hub-flows", "read", "topic", topics.recorded("research")),
    Grant("hub-gateway", "write", "topic", topics.inbox(PARTNER), "http"),
    Grant("hub-gateway", "read", "topic", topics.inbox(PARTNER), "http"),
    Grant("hub-gateway", "read", "topic", topics.outbox(PARTNER), "http"),
    Grant("hub-gateway", "read", "group", topics.http_reader(PARTNER), "http"),
    # What became of a fact: how far the services came, what was recorded, what was refused. It writes none of it.
    Grant("hub-gateway", "read", "topic", topics.recorded(STREAM), "stream"),
    Grant("hub-gateway", "read", "topic", topics.REJECTIONS),
    Grant("hub-gateway", "read", "topic", topics.CLOSINGS),
    Grant("hub-gateway", "describe", "group", "hub.intake"),
    Grant("hub-gateway", "describe", "group", "hub.dispatch"),
    Grant(f"partner-{PARTNER}", "write", "topic", topics.inbox(PARTNER), "partner"),
    Grant(f"partner-{PARTNER}", "read", "topic", topics.outbox(PARTNER), "partner"),
    Grant(f"partner-{PARTNER}", "read", "group", f"partner.{PARTNER}.", "partner", prefix=True),
    Grant(f"partner-{PARTNER}", "write", "transactional_id", f"partner.{PARTNER}.", "partner", prefix=True),
    Grant("hub-operator", "read", "topic", "hub.", prefix=True),
    Grant("hub-operator", "read", "topic", "partner.", prefix=True),
    Grant("hub-operator", "write", "topic", topics.inbox(PARTNER), "partner"),
    Grant("hub-operator", "write", "topic", topics.CLOSINGS),
    Grant("hub-operator", "write", "topic", topics.REVEALS),
    Grant("hub-operator", "write", "topic", topics.BACKFILLS),
    Grant("hub-operator", "write", "transactional_id", "hub.operator.", prefix=True),
    Grant("hub-operator", "describe_configs", "topic", "hub.", prefix=True),
    Grant("hub-operator", "describe_configs", "topic", "partner.", prefix=True),
    Grant("hub-operator", "describe", "group", "*"),
    Grant("hub-operator", "describe", "cluster", "kafka-cluster"),
    Grant("hub-analyst", "read", "topic", topics.UNIFIED),
    Grant("hub-analyst", "read", "group", "analyst.", prefix=True),
)

Agreements = Mapping[str, Agreement]


def _connected(agreements: Agreements, direction: Direction) -> list[dict[str, str]]:
    connected = ((agreement.id, agreement.connector) for agreement in agreements.values())
    return [{"partner": name} for name, connector in connected if connector and direction in connector.directions]


_EACH: Mapping[Each, Callable[[Agreements], list[dict[str, str]]]] = {
    "hub": lambda _: [{}],
    "stream": lambda _: [{"stream": stream} for stream in STREAMS],
    "partner": lambda agreements: [{"partner": partner} for partner in agreements],
    "pull": lambda agreements: _connected(agreements, "pull"),
    "push": lambda agreements: _connected(agreements, "push"),
    "http": lambda agreements: [{"partner": agreement.id} for agreement in agreements.values() if agreement.http],
}


def selected(each: Each, agreements: Agreements) -> list[dict[str, str]]:
    """Return what fills the templates of a row, once for everything that ``each`` selects."""
    return _EACH[each](agreements)


def acls(agreements: Agreements, grants: Iterable[Grant] = GRANTS) -> frozenset[Acl]:
    """Unfold the table for a set of agreements."""
    return frozenset(
        Acl(row.principal.format(**values), row.operation, row.resource, row.name.format(**values), row.prefix)
        for row in grants
        for values in selected(row.each, agreements)
    )
