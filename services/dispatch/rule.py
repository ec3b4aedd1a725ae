"""The rule of dispatch: a recorded fact goes to each partner whose agreement opens it, and to the analysts."""

from collections.abc import Mapping, Sequence

from contracts.admission import Admitted, Message, read
from contracts.agreement import Agreement
from contracts.envelope import partner_of
from contracts.refusal import Refusal
from contracts.registry import STREAMS
from contracts.topics import UNIFIED, outbox
from services.dispatch.pseudonyms import SECRET
from services.dispatch.unified import Unify
from services.runtime.engine.delivery import Output
from services.runtime.engine.routes import Route
from services.runtime.engine.stateless import Rule


def routes(agreements: Mapping[str, Agreement], fingerprint: str = "") -> dict[str, Route]:
    """Return where dispatch writes to: each outbox, told what holds, and the analysts' stream, told everything.

    Args:
        agreements: by partner id.
        fingerprint: that of the key which makes the pseudonyms of the analysts' stream.
    """
    unified = Route(UNIFIED, whole=True, secret=SECRET, fingerprint=fingerprint)
    rows = (*(Route(outbox(partner)) for partner in agreements), unified)
    return {route.topic: route for route in rows}


def dispatch(agreements: Mapping[str, Agreement], unify: Unify) -> Rule:
    """Make the rule for these agreements; ``unify`` makes what analysts get."""

    def route(_: str, message: Message) -> Sequence[Output] | Refusal:
        fact = read(message)
        if isinstance(fact, Refusal):
            return fact
        told = [Output(outbox(reader), message) for reader in _readers(agreements, fact)]
        return [*told, Output(UNIFIED, unify(fact, message))] if fact.fact.stream in STREAMS else told

    return route


def _readers(agreements: Mapping[str, Agreement], fact: Admitted) -> list[str]:
    """Return who may see a fact. What concerns a person goes to those it is between, whoever told it."""
    contract, source = fact.envelope.type, partner_of(fact.envelope.source)
    if not fact.fact.parties:
        return [each.id for each in agreements.values() if each.receives(contract, source)]
    between = dict.fromkeys(str(getattr(fact.fact, field)).partition(":")[0] for field in fact.fact.parties)
    return [name for name in between if name in agreements and contract in agreements[name].outbox.contracts]
