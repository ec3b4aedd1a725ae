"""The root of every contract model: frozen, strict about its writers, with a privacy class on each field.

What a part and its fields mean to a partner is data, in both languages: ``vocabulary/fields.toml``. A docstring speaks
to developers and reaches no schema; a ``Field`` has no description.
"""

from collections.abc import Iterator, Mapping
from enum import StrEnum
from typing import Any, ClassVar, get_args

from pydantic import BaseModel, ConfigDict, GetJsonSchemaHandler
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema

from contracts.vocabulary import load

GERMAN = "x-description-de"
"""Stands in a schema beside ``description``, which is English: JSON Schema has no word for a text's language."""

_LANGUAGES = {"description": "en", GERMAN: "de"}


class Privacy(StrEnum):
    """How freely a value may travel. Source of the classes: Art. 4 and 9 GDPR."""

    PUBLIC = "public"  # meant for everybody
    ROLE = "role"  # reaches an office, not a human: info@, kurse@
    PSEUDONYM = "pseudonym"  # stands for a human (Art. 4 No. 5): only the vault knows whom
    PERSONAL = "personal"  # about a human (Art. 4 No. 1): vault only
    SENSITIVE = "sensitive"  # needs, health (Art. 9): vault only, named purpose only


class Model(BaseModel):
    """A part of a contract.

    A subclass names the privacy class of its fields once (``class Place(Model, privacy=Privacy.PUBLIC)``);
    a field that differs says so in its annotation (``Annotated[RoleAddress, Privacy.ROLE]``).
    """

    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        str_strip_whitespace=False,
        allow_inf_nan=False,
        hide_input_in_errors=True,
    )
    privacy: ClassVar[Privacy]

    @classmethod
    def __pydantic_init_subclass__(cls, *, privacy: Privacy | None = None, **kwargs: Any) -> None:  # noqa: ANN401 - pydantic's own signature
        """Take the class keyword ``privacy``; a part without one inherits its parent's."""
        super().__pydantic_init_subclass__(**kwargs)
        if privacy is not None:
            cls.privacy = privacy

    def __init_subclass__(cls, **kwargs: Any) -> None:  # noqa: ANN401 - pydantic hands class keywords through here too
        """Swallow class keywords: ``__pydantic_init_subclass__`` is the one that reads them."""
        super().__init_subclass__()

    @classmethod
    def privacy_of(cls, field: str) -> Privacy:
        """Return the privacy class of one field; where its annotation names several, the strictest.

        Raises:
            AttributeError: neither the field nor its model declares one.
        """
        info = cls.model_fields[field]
        own = [*(m for m in info.metadata if isinstance(m, Privacy)), *_named(info.annotation)]
        return max(own, key=list(Privacy).index) if own else cls.privacy

    @classmethod
    def __get_pydantic_json_schema__(cls, core: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        """Write what the part and its fields mean, and each field's privacy class (``x-privacy``), into the schema."""
        schema = handler(core)
        part = handler.resolve_ref_schema(schema)
        part.pop("description", None)  # the docstring
        part.update(_descriptions(load("fields").get(cls.__name__, {})))
        for name, field in part.get("properties", {}).items():
            field.update(_descriptions(cls._wording(name)))
            field["x-privacy"] = cls.privacy_of(name).value
        return schema

    @classmethod
    def _wording(cls, field: str) -> dict[str, str]:
        """Return what the vocabulary says of a field, under the model that declares it; nothing where it says none."""
        parts = (load("fields").get(each.__name__, {}) for each in cls.__mro__)
        return next((part[field] for part in parts if field in part), {})


def _named(annotation: object) -> Iterator[Privacy]:
    """Yield the classes that stand inside an annotation: where it may be None, pydantic does not lift them out."""
    yield from (each for each in getattr(annotation, "__metadata__", ()) if isinstance(each, Privacy))
    for inner in get_args(annotation):
        yield from _named(inner)


def _descriptions(wording: Mapping[str, str]) -> dict[str, str]:
    return {name: wording[language] for name, language in _LANGUAGES.items() if language in wording}
