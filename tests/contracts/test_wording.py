import re
from collections.abc import Collection, Iterator, Mapping
from typing import Any

import pytest

from contracts import publish
from contracts.fact import Fact
from contracts.model import GERMAN, Model, Privacy
from contracts.registry import CONTRACTS
from contracts.vocabulary import load
from tests.contracts.worlds import parts

FILE = "contracts/vocabulary/fields.toml"
BOTH = ("description", GERMAN)


def described(schema: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Each part of a schema and each of its fields, with the name it has in the file."""
    for part in (schema, *schema.get("$defs", {}).values()):
        yield part["title"], part
        yield from ((f"{part['title']}.{name}", field) for name, field in part["properties"].items())


def gaps(schema: Mapping[str, Any]) -> list[str]:
    """What to write where, so that everything in a schema has both languages."""
    return [
        f'write {keyword} = "…" under [{name}] in {FILE} (an inherited field: under the model that declares it)'
        for name, told in described(schema)
        for language, keyword in zip(BOTH, ("en", "de"), strict=True)
        if not told.get(language)
    ]


def strangers(wording: Mapping[str, Mapping[str, Any]], models: Collection[type[Model]]) -> list[str]:
    """What the wording names and no model declares itself, and what to do about it."""
    told = [part for part, entries in wording.items() if entries.keys() & {"en", "de"}]
    told += [f"{part}.{name}" for part, entries in wording.items() for name in entries.keys() - {"en", "de"}]
    declared = {model.__name__ for model in models}
    declared |= {f"{model.__name__}.{name}" for model in models for name in model.__annotations__}
    return [f"correct or remove [{name}] in {FILE}: nothing declares it" for name in told if name not in declared]


def test_every_part_and_field_is_told_in_both_languages() -> None:
    """A partner's developer finds every part and field of every contract explained in English and in German."""
    assert [gap for contract in CONTRACTS.values() for gap in gaps(publish.schema(contract))] == []


def test_the_file_names_only_what_exists() -> None:
    """No sentence describes a part or field that is gone, renamed or declared elsewhere."""
    told = {part for contract in CONTRACTS.values() for part in parts(contract)}
    models = {model for part in told for model in part.__mro__ if issubclass(model, Model)}
    assert strangers(load("fields"), models) == []


def test_sentences_stand_in_the_file_alone() -> None:
    """No field of a model brings a description of its own: it would be English, and in a second place."""
    models = {part for contract in CONTRACTS.values() for part in parts(contract)}
    own = [f"{model.__name__}.{name}" for model in models for name, f in model.model_fields.items() if f.description]
    assert own == [], f"move the description to {FILE}"


def test_a_missing_sentence_is_found_and_no_docstring_takes_its_place() -> None:
    """The first check names part, field and language; what developers wrote for each other never reaches a schema."""

    class Untold(Model, privacy=Privacy.PUBLIC):
        """For ``developers``."""

        note: str

    found = gaps(Untold.model_json_schema())
    assert [re.findall(r"write (\w+) .* under \[([\w.]+)\]", gap)[0] for gap in found] == [
        ("en", "Untold"),
        ("de", "Untold"),
        ("en", "Untold.note"),
        ("de", "Untold.note"),
    ]


def test_a_sentence_about_nothing_is_found() -> None:
    """The second check names parts and fields that no model declares, inherited fields at the wrong model included."""

    class Carrier(Model, privacy=Privacy.PUBLIC):
        note: str

    class Heir(Carrier):
        more: str

    said = {"en": "E.", "de": "D."}
    wording = {"Carrier": {**said, "note": said, "nota": said}, "Heir": {"note": said, "more": said}, "Career": said}
    found = strangers(wording, {Carrier, Heir})
    assert {re.findall(r"\[([\w.]+)\]", line)[0] for line in found} == {"Carrier.nota", "Heir.note", "Career"}


@pytest.mark.parametrize("contract", CONTRACTS.values(), ids=CONTRACTS)
def test_each_is_one_short_sentence_for_people(contract: type[Fact]) -> None:
    """A description is one sentence that fits beside a field: no markup of docstrings, the languages side by side."""
    for name, told in described(publish.schema(contract)):
        keywords = list(told)
        assert keywords.index(GERMAN) == keywords.index("description") + 1, name
        for sentence in (told["description"], told[GERMAN]):
            assert re.fullmatch(r"[A-ZÄÖÜ][^\n`]{5,170}\.", sentence), f"{name}: {sentence}"
        assert told["description"] != told[GERMAN], name
