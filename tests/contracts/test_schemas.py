import json
import re
from pathlib import Path
from typing import Annotated

import pytest
from jsonschema import Draft202012Validator
from pydantic import ConfigDict

from contracts import publish
from contracts.dataset import DatasetPublished
from contracts.event import EventPublished
from contracts.fact import Fact
from contracts.model import Model, Privacy
from contracts.observation import ObservationRecorded
from contracts.parts import Capacity, Organiser, Session
from contracts.publication import PublicationPublished
from contracts.registry import CONTRACTS
from tests.contracts.worlds import examples, parts, type_of


def without_privacy(model: type[Model]) -> list[str]:
    """The fields of a model and its parts that have no privacy class."""
    return [
        f"{part.__name__}.{name}"
        for part in dict.fromkeys(parts(model))
        for name in part.model_fields
        if not isinstance(getattr(part, "privacy", None), Privacy) and part not in (Fact, Model)
    ]


def test_committed_schemas_are_those_of_the_models() -> None:
    """The files in contracts/schemas are exactly what the models say today."""
    committed = {path.name: path.read_text(encoding="utf-8") for path in publish.SCHEMAS.glob("*.json")}
    assert committed == publish.schemas(), f"run: {publish.COMMAND}"


def test_publishing_writes_what_differs_and_removes_what_is_no_more(tmp_path: Path) -> None:
    """Publishing into any folder makes it equal to the models, and says what it changed."""
    (tmp_path / "old.v1.json").write_text("{}")
    assert publish.publish(tmp_path) == sorted([*publish.schemas(), "old.v1.json"])
    assert publish.publish(tmp_path) == []
    assert {path.name for path in tmp_path.iterdir()} == set(publish.schemas())


@pytest.mark.parametrize("contract", CONTRACTS.values(), ids=CONTRACTS)
def test_schema_is_valid_and_names_itself(contract: type[Fact]) -> None:
    """Each schema is one of dialect 2020-12, has a URN of its own, a title, a description, and closes its objects."""
    schema = publish.schema(contract)
    Draft202012Validator.check_schema(schema)
    assert schema["$id"] == f"urn:lernende-stadt:{contract.type}"
    assert schema["title"]
    assert schema["description"]
    assert schema["additionalProperties"] is False


def test_each_contract_has_two_examples() -> None:
    """Nobody has to imagine a message: there are at least two of each contract."""
    names = [type_of(name) for name in examples()]
    assert {contract: names.count(contract) for contract in CONTRACTS} == dict.fromkeys(CONTRACTS, 2)


@pytest.mark.parametrize("name", examples())
def test_example_keeps_to_model_and_schema(name: str) -> None:
    """Each example is taken by the model as a writer's message, by the schema, and its model's payload by both."""
    contract = CONTRACTS[type_of(name)]
    validator = Draft202012Validator(publish.schema(contract))
    fact = contract.model_validate_json(json.dumps(examples()[name]), strict=True)
    validator.validate(examples()[name])
    validator.validate(json.loads(fact.payload()))
    assert contract.model_validate_json(fact.payload(), strict=True) == fact


def test_a_recurring_example_crosses_the_change_to_summer_time() -> None:
    """The course's hour on the wall stays when its hour in UTC moves."""
    sessions = examples()["de.lernende-stadt.event.published.v1.1"]["sessions"]
    starts = [session["start"] for session in sessions]
    assert {start["local"][11:] for start in starts} == {"18:00:00"}
    assert {start["utc"][11:] for start in starts} == {"17:00:00Z", "16:00:00Z"}


@pytest.mark.parametrize("contract", CONTRACTS.values(), ids=CONTRACTS)
def test_every_field_has_a_privacy_class(contract: type[Fact]) -> None:
    """No field of a contract or its parts is without a privacy class, in the model and in the schema."""
    assert without_privacy(contract) == []
    schema = publish.schema(contract)
    for part in (schema, *schema.get("$defs", {}).values()):
        for name, field in part["properties"].items():
            assert field.get("x-privacy") in set(Privacy), f"{part['title']}.{name}"


def test_a_field_without_privacy_class_is_found() -> None:
    """The check above finds a part that forgot its class, and the schema cannot be made."""

    class Careless(Model):
        note: str

    class Carrier(Model, privacy=Privacy.PUBLIC):
        careless: Annotated[Careless | None, "nested"] = None

    assert without_privacy(Carrier) == ["Careless.note"]
    with pytest.raises(AttributeError):
        Carrier.model_json_schema()


def test_an_address_is_not_public() -> None:
    """The only address in an event is marked as one that reaches an office."""
    organiser = publish.schema(CONTRACTS["de.lernende-stadt.event.published.v1"])["$defs"]["Organiser"]
    assert {name: field["x-privacy"] for name, field in organiser["properties"].items()} == {
        "name": "public",
        "partner": "public",
        "url": "public",
        "contact": "role",
    }


def test_every_part_is_frozen_and_closed() -> None:
    """No part of a contract opens what the root closes: frozen, no unknown fields, no values in errors."""
    for contract in CONTRACTS.values():
        for part in dict.fromkeys(parts(contract)):
            wanted = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True, allow_inf_nan=False)
            assert {name: part.model_config.get(name) for name in wanted} == wanted, part.__name__


@pytest.mark.parametrize("crosswalk", ["crosswalk.md", "feldvergleich.md"])
def test_the_crosswalk_has_a_row_for_each_field(crosswalk: str) -> None:
    """Who maps a system finds every field of what is told in the crosswalk, in both languages."""
    text = (Path(__file__).parents[2] / "docs" / crosswalk).read_text(encoding="utf-8")
    told = {
        name for row in text.splitlines() if row.startswith("| `") for name in re.findall(r"\w+", row.split("|")[1])
    }
    events = {*EventPublished.model_fields, *Session.model_fields, *Organiser.model_fields, *Capacity.model_fields}
    research = (DatasetPublished, PublicationPublished, ObservationRecorded)
    fields = events.union(*(contract.model_fields for contract in research))
    # The partner is the hub's own word for the organiser, and sessions have a table of their own.
    assert fields - told == {"partner", "sessions"}
