"""The words of the Learning City as data: one TOML file a vocabulary.

Each file has ``version`` and a list ``term`` with ``id``, ``de`` and ``en`` (and what else it needs). ``fields.toml``
alone is arranged by part and field of the contracts: it describes those and adds no identifiers of its own.
``counterparts.toml`` joins identifiers of the others.
"""

import tomllib
from functools import cache
from importlib.resources import files
from typing import Any

from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema, core_schema

from contracts.violation import unmet


@cache
def load(name: str) -> dict[str, Any]:
    """Read one vocabulary as its file is: ``{"version": int, "term": [{"id": …, "de": …, "en": …}, …]}``."""
    return tomllib.loads(files(__package__).joinpath(f"{name}.toml").read_text(encoding="utf-8"))


@cache
def ids(name: str) -> tuple[str, ...]:
    """Return the identifiers of one vocabulary, in the order of its file."""
    return tuple(term["id"] for term in load(name)["term"])


class TermOf:
    """Annotation of a ``str`` field: its value must be an identifier of the vocabulary named."""

    def __init__(self, name: str) -> None:
        """Remember the name; the file is read at the first validation, so importing reads nothing."""
        self.name = name

    def _check(self, value: str) -> str:
        if value not in ids(self.name):
            raise unmet("term", vocabulary=self.name)
        return value

    def __get_pydantic_core_schema__(self, source: type, handler: GetCoreSchemaHandler) -> CoreSchema:
        """Validate after the string itself was accepted."""
        return core_schema.no_info_after_validator_function(self._check, handler(source))

    def __get_pydantic_json_schema__(self, core: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        """List the identifiers, so that a partner's own tools know them."""
        return {
            **handler(core),
            "enum": list(ids(self.name)),
            "x-vocabulary": self.name,
            "x-vocabulary-version": load(self.name)["version"],
        }
