from collections.abc import Iterator
from pathlib import Path

import pytest

from contracts import publish, vocabulary
from contracts.registry import CONTRACTS
from contracts.vocabulary import ids, load
from tests.contracts.worlds import Json

VOCABULARIES = sorted(
    {path.stem for path in Path(vocabulary.__file__).parent.glob("*.toml")} - {"fields", "counterparts"}
)
NAMELESS = {
    "bausteine": "the city has not published their titles yet",
    "role_mailboxes": "an identifier is the name of a mailbox, in whatever language",
}


def enumerations(node: Json) -> Iterator[tuple[str, list[str]]]:
    """Each vocabulary that a schema names, with the identifiers that it lists."""
    if isinstance(node, dict) and "x-vocabulary" in node:
        yield node["x-vocabulary"], node["enum"]
    for inner in node.values() if isinstance(node, dict) else node if isinstance(node, list) else ():
        yield from enumerations(inner)


@pytest.mark.parametrize("name", VOCABULARIES)
def test_each_term_is_named_in_both_languages(name: str) -> None:
    """People read no bare identifier: each has a German and an English name, or its vocabulary a reason for none."""
    named = {bool(term.get(language)) for term in load(name)["term"] for language in ("de", "en")}
    assert named == {name not in NAMELESS}


def test_a_schema_names_the_vocabularies_it_lists() -> None:
    """From a list of identifiers in a schema one comes to the file that explains them."""
    found = [each for contract in CONTRACTS.values() for each in enumerations(publish.schema(contract))]
    assert {name for name, _ in found} == {
        *("accessibility", "audiences", "bausteine", "licences", "reallabore"),
        *("dataset_types", "frameworks", "publication_types", "relations", "themes", "rules"),
    }
    assert all(tuple(listed) == ids(name) for name, listed in found)
