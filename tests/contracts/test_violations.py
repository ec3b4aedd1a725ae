from typing import Annotated

import pytest
from pydantic import BaseModel, Field

from contracts.spelling import SENTENCES
from contracts.wording import expected
from tests.contracts.violations import WHERE, errors, judged, nodes


@pytest.mark.parametrize("name", judged())
def test_each_violation_has_a_sentence(name: str) -> None:
    """A new type or limit in a contract, an agreement or a connector's settings needs a sentence in both languages."""
    missing = errors(judged()[name]) - set(expected.ids())
    assert not missing, f"write {missing} in {WHERE}"


@pytest.mark.parametrize("name", judged())
def test_each_pattern_has_a_sentence(name: str) -> None:
    """Nobody is shown a regular expression: a sentence says what it wants."""
    patterns = {node["pattern"] for node in nodes(judged()[name].__pydantic_core_schema__) if "pattern" in node}
    assert patterns
    assert patterns <= SENTENCES.keys(), "name it in contracts/spelling.py"
    assert {SENTENCES[pattern] for pattern in patterns} <= set(expected.ids())


def test_what_nobody_has_thought_of_is_found() -> None:
    """The search sees into lists, unions and parts of parts, and knows kinds and limits that it does not know."""

    class Part(BaseModel):
        spans: tuple[dict[str, frozenset[int]] | None, ...] = ()

    class Whole(BaseModel):
        part: Part

    with pytest.raises(AssertionError, match="say in RAISED what frozenset raises"):
        errors(Whole)

    class Limited(BaseModel):
        number: Annotated[int, Field(multiple_of=3)]

    with pytest.raises(AssertionError, match=r"say in LIMITS what \{'multiple_of'\} of int raises"):
        errors(Limited)
