"""A recorded fact as analysts get it: untouched where it speaks of nobody, else sieved and under pseudonyms. Pure."""

from collections.abc import Callable, Iterable

from pydantic_core import to_json

from contracts.admission import Admitted, Message
from contracts.fact import Fact
from contracts.registry import CONTRACTS
from contracts.speaking import day_of, speaks_of_people
from services.dispatch.pseudonyms import Pseudonyms
from services.dispatch.sieve import passes, sieve

Unify = Callable[[Admitted, Message], Message]
"""(what was recorded, the message it was read from) to the message for the unified stream."""


def unified(pseudonyms: Pseudonyms, contracts: Iterable[type[Fact]] | None = None) -> Unify:
    """Make the rule for some contracts, for all that the hub knows where none are named. It knows no others.

    Raises:
        TypeError: a contract is keyed or named by what nobody may read.
    """
    known = CONTRACTS.values() if contracts is None else contracts
    rules = {each.type: _sieved(each, pseudonyms) if speaks_of_people(each) else _untouched for each in known}

    def unify(fact: Admitted, message: Message) -> Message:
        return rules[fact.envelope.type](fact, message)

    return unify


def _untouched(_: Admitted, message: Message) -> Message:
    return message


def _sieved(contract: type[Fact], pseudonyms: Pseudonyms) -> Unify:
    named = contract.subject_field, contract.key_field
    _check(contract, named)
    strict = sieve(contract, pseudonyms)

    def rule(fact: Admitted, _: Message) -> Message:
        left = strict(fact.fact.model_dump(mode="json", exclude_none=True))
        subject, key = (str(left[name]) for name in named)
        about = fact.envelope._replace(
            id=pseudonyms.of(fact.envelope.id),  # a partner's own, and so perhaps a person's
            time=day_of(fact.envelope.time),  # who asked may know of each person when it was
            subject=subject,
            correlation=pseudonyms.of(fact.envelope.correlation or fact.envelope.id),
            traceparent="",  # leads to where the person is known
            redrive_of="",
        )
        return Message(key.encode(), to_json(left), about.headers())

    return rule


def _check(contract: type[Fact], named: Iterable[str]) -> None:
    """See that what names a fact passes the sieve: what is left could not be read as a fact otherwise."""
    hidden = [name for name in named if not passes(contract, name)]
    if hidden:
        raise TypeError(
            f"expected {contract.type} to be named and keyed by object ids, public or as pseudonyms; {hidden[0]} is "
            f"{contract.privacy_of(hidden[0])} or free text: give the contract another subject or key"
        )
