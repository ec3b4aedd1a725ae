"""What the flows need to know of a kind of object stands on its contracts."""

import pytest

from contracts.registry import CONTRACTS, kind_of, withdrawal
from services.events.catalogue import catalogue
from services.research.works import works

KINDS = sorted({kind_of(name) for name, contract in CONTRACTS.items() if contract.stream in {"events", "research"}})


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_has_one_fact_that_says_it_is_gone(kind: str) -> None:
    """What a source no longer has is told by the contract of its own kind, whole and about the same object."""
    enders = [contract for name, contract in CONTRACTS.items() if kind_of(name) == kind and contract.gone is not None]
    fact = withdrawal(kind, "stadt:1")
    assert [type(fact)] == enders
    assert (fact.subject, fact.revision) == ("stadt:1", 1)
    assert type(fact).model_validate_json(fact.payload(), strict=True, extra="forbid") == fact


def test_what_begins_is_what_services_take_first() -> None:
    """Flows tell an unknown object only by a fact that the service takes without an earlier one."""
    first = {name for decider in (catalogue(), works()) for name, row in decider.becomes.items() if row.first}
    ours = {name: contract for name, contract in CONTRACTS.items() if contract.stream in {"events", "research"}}
    assert first == {name for name, contract in ours.items() if contract.begins}
