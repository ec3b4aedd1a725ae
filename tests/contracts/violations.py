"""What pydantic can find wrong by the models that the hub judges with: read from their own schemas."""

from collections.abc import Iterator, Mapping
from typing import Any

from pydantic import BaseModel

from contracts.agreement import Agreement
from contracts.agreements.kinds import Kinds
from contracts.registry import CONTRACTS

WHERE = "contracts/vocabulary/expectations.toml"

RAISED: Mapping[str, tuple[str, ...]] = {
    "str": ("string_type", "string_unicode"),
    "int": ("int_type", "int_parsing", "int_parsing_size", "int_from_float"),
    "float": ("float_type", "float_parsing"),
    "bool": ("bool_type", "bool_parsing"),
    "decimal": ("decimal_type",),
    "datetime": ("datetime_type",),
    "timedelta": ("time_delta_type", "time_delta_parsing"),
    "url": ("url_type", "url_parsing", "url_syntax_violation"),
    "literal": ("literal_error",),
    "tuple": ("tuple_type",),
    "dict": ("dict_type",),
    "model": ("model_type",),
    "model-field": ("missing",),
}
"""By kind of schema. A time and an amount come as text, which validators of ours judge first."""

SILENT = {
    *("any", "default", "nullable", "union", "model-fields", "definitions", "definition-ref"),
    *("function-after", "function-before", "function-wrap", "json-or-python", "custom-error"),
}
"""Kinds that say nothing themselves, or what a validator of ours says."""

LIMITS: Mapping[tuple[str, str], tuple[str, ...]] = {
    ("str", "min_length"): ("string_too_short",),
    ("str", "max_length"): ("string_too_long",),
    ("str", "pattern"): ("string_pattern_mismatch",),
    ("tuple", "min_length"): ("too_short",),
    ("tuple", "max_length"): ("too_long",),
    ("int", "ge"): ("greater_than_equal",),
    ("int", "le"): ("less_than_equal",),
    ("float", "ge"): ("greater_than_equal",),
    ("float", "le"): ("less_than_equal",),
    ("timedelta", "ge"): ("greater_than_equal",),
    ("url", "max_length"): ("url_too_long",),
    ("url", "allowed_schemes"): ("url_scheme",),
    ("datetime", "tz_constraint"): ("timezone_naive", "timezone_aware"),
    ("model", "config"): ("finite_number",),  # allow_inf_nan
}
HARMLESS = {
    *("type", "ref", "schema", "metadata", "serialization", "function", "items_schema", "variadic_item_index", "cls"),
    *("fields", "config", "custom_init", "root_model", "model_name", "computed_fields", "default", "expected"),
    *("definitions", "schema_ref", "microseconds_precision", "default_factory", "default_factory_takes_data", "strict"),
    *("json_schema", "python_schema", "custom_error_type", "custom_error_message", "custom_error_context"),
    *("keys_schema", "values_schema", "frozen", "post_init", "validate_default", "json_schema_input_schema", "choices"),
}
"""What of a schema refuses nothing by itself."""


def nodes(schema: Any) -> Iterator[Mapping[str, Any]]:  # noqa: ANN401 - pydantic's own structure
    """Every part of a model's schema that judges something."""
    if isinstance(schema, dict):
        if isinstance(schema.get("type"), str):
            yield schema
        if schema.get("type") == "custom-error":  # it hides what is found inside it
            return
        for name, inner in schema.items():
            if name not in ("metadata", "serialization", "config", "function", "default"):
                yield from nodes(inner)
    elif isinstance(schema, list | tuple):
        for inner in schema:
            yield from nodes(inner)


def judged() -> dict[str, type[BaseModel]]:
    """Every model by which somebody is refused: contracts, agreements, settings of connectors."""
    kinds = Kinds()
    settings = {f"settings of {name}": kinds.load(name).settings for name in kinds.names}
    return {**CONTRACTS, "agreements": Agreement, **settings}


def errors(model: type[BaseModel]) -> set[str]:
    """The names of all that pydantic can find wrong by a model.

    Raises:
        AssertionError: the model uses what nobody has said anything about yet; the text says what to do.
    """
    found = {"extra_forbidden", "json_invalid"}
    for node in nodes(model.__pydantic_core_schema__):
        kind = str(node["type"])
        assert kind in RAISED or kind in SILENT, f"say in RAISED what {kind} raises, and write its sentences in {WHERE}"
        limits = [(kind, name) for name in node if (kind, name) in LIMITS]
        strange = {name for name in node if (kind, name) not in LIMITS} - HARMLESS
        assert not strange, f"say in LIMITS what {strange} of {kind} raises, or that it is HARMLESS"
        found.update(
            RAISED.get(kind, ()),
            [node["custom_error_type"]] if kind == "custom-error" else (),
            *(LIMITS[each] for each in limits),
        )
    return found
