"""Every contract the hub knows, by the type that stands in the message's header."""

from contracts.event import EventCancelled, EventPublished, EventWithdrawn
from contracts.fact import Fact

CONTRACTS: dict[str, type[Fact]] = {
    contract.type: contract for contract in (EventPublished, EventCancelled, EventWithdrawn)
}

STREAMS: tuple[str, ...] = tuple(dict.fromkeys(contract.stream for contract in CONTRACTS.values()))
