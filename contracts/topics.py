"""The names of Kafka's topics, groups and principals. Nobody else spells one."""

DEAD_LETTERS = "hub.deadletter"
UNIFIED = "hub.unified"
REJECTIONS = "hub.rejections"
"""What partners are told of their messages that were not taken."""

CLOSINGS = "hub.closings"
"""What operators did with dead letters. No facts."""

REVEALS = "hub.reveals"
"""Which operator looked at what a dead letter says, when and why. No facts."""

ROUTES = "hub.routes"
"""The book of dispatch: how far each outbox was served. Compacted; no facts."""

BACKFILLS = "hub.backfills"
"""What operators asked dispatch to tell a partner once more. No facts."""


def inbox(partner: str) -> str:
    """Where a partner's facts come in."""
    return f"partner.{partner}.inbox"


def outbox(partner: str) -> str:
    """Where a partner finds what it may know."""
    return f"partner.{partner}.outbox"


def http_reader(partner: str) -> str:
    """The group that notes how far a partner read its outbox by HTTP."""
    return f"partner.{partner}.http"


def submitted(stream: str) -> str:
    """Admitted facts of one stream, not yet decided."""
    return f"hub.{stream}.submitted"


def recorded(stream: str) -> str:
    """What holds: the decided facts of one stream, kept for ever."""
    return f"hub.{stream}"


def partner_of(topic: str) -> str | None:
    """Return the partner whose inbox or outbox this is; None for the hub's own topics."""
    first, _, rest = topic.partition(".")
    return rest.rpartition(".")[0] if first == "partner" else None
