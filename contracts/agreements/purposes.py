"""The purposes of an agreement, judged by what its doors open: what is about people is processed for a named one alone.

Source: Art. 5 (1) b and Art. 6 GDPR.
"""

import json

from contracts.agreement import Purpose
from contracts.agreements.mistakes import Mistake, Source
from contracts.registry import CONTRACTS

ABOUT_PEOPLE: Purpose = "enrolment_processing"
"""The purpose of every contract that tells a human or a reference to one."""

_DOORS = (("inbox", "contracts"), ("outbox", "contracts"))
_PURPOSES = ("purposes",)


def of_purposes(source: Source) -> list[Mistake]:
    """Tell which contracts need a purpose that is not named; what has the wrong form is told elsewhere."""
    named = source.value(_PURPOSES)
    if not isinstance(named, list) or ABOUT_PEOPLE in named:
        return []
    expected = f"purposes with {ABOUT_PEOPLE}, because the contract is about people; found {{!r}}"
    remedy = f"write purposes = {json.dumps([*map(str, named), ABOUT_PEOPLE])}, or take the contract out"
    opened = {door: source.value(door) for door in _DOORS}
    return [
        source.mistake((*door, place), expected.format(each), remedy)
        for door, contracts in opened.items()
        for place, each in enumerate(contracts if isinstance(contracts, list) else ())
        if isinstance(each, str) and _is_about_people(each)
    ]


def _is_about_people(contract: str) -> bool:
    return contract in CONTRACTS and "person_ref" in CONTRACTS[contract].model_fields
