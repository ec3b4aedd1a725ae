"""The root of every contract model: frozen, strict about its writers, with a privacy class on each field."""

from enum import StrEnum
from typing import Any, ClassVar

from pydantic import BaseModel, ConfigDict, GetJsonSchemaHandler
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema


class Privacy(StrEnum):
    """How freely a value may travel. Source of the classes: Art. 4 and 9 GDPR."""

    PUBLIC = "public"  # meant for everybody
    ROLE = "role"  # reaches an office, not a human: info@, kurse@
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
        """Return the privacy class of one field.

        Raises:
            AttributeError: neither the field nor its model declares one.
        """
        own = [m for m in cls.model_fields[field].metadata if isinstance(m, Privacy)]
        return own[0] if own else cls.privacy

    @classmethod
    def __get_pydantic_json_schema__(cls, core: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        """Write each field's privacy class into the JSON Schema as ``x-privacy``."""
        schema = handler(core)
        properties = handler.resolve_ref_schema(schema).get("properties", {})
        for name, field in properties.items():
            field["x-privacy"] = cls.privacy_of(name).value
        return schema
