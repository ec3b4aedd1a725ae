"""What every contract has: a type, a stream, a key and a revision, declared once on its class."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, ClassVar

from pydantic import Field

from contracts.model import Model, Privacy

MAX_PAYLOAD_BYTES = 262_144
"""A larger payload is refused unread: 500 sessions with ten languages fit four times."""


class Fact(Model):
    """A fact in the past tense. It carries the whole state of its object and the state's revision.

    Declared on the class: ``type`` (the CloudEvents type), ``stream`` (events, enrolments, research) and
    ``subject_field`` (the field whose value is the CloudEvents subject). The Kafka key is ``key_field``, which is the
    subject unless said otherwise. ``begins``: it needs no earlier fact of its object. ``gone``: it is what a flow tells
    when the source no longer has the object, with these fields.

    Where it differs from the usual: ``owners`` (a partner tells the fact if one of these fields names an object of its
    own; the subject unless said otherwise), ``parties`` (only partners whose objects these fields name may read it;
    none: whoever has it open), ``unasked`` (they read it whether or not their agreement opens it), ``stamped`` (fields
    that the hub alone fills), ``by_hub`` (no partner tells it).
    """

    type: ClassVar[str]
    stream: ClassVar[str]
    subject_field: ClassVar[str]
    key_field: ClassVar[str]
    begins: ClassVar[bool]
    gone: ClassVar[Mapping[str, str] | None]
    owners: ClassVar[tuple[str, ...]]
    parties: ClassVar[tuple[str, ...]] = ()
    unasked: ClassVar[bool] = False
    stamped: ClassVar[tuple[str, ...]] = ()
    by_hub: ClassVar[bool] = False

    revision: int = Field(ge=1, le=2**53 - 1)

    @classmethod
    def __pydantic_init_subclass__(  # noqa: D105, PLR0913 - see the class
        cls,
        *,
        type: str | None = None,  # noqa: A002 - the CloudEvents word
        stream: str | None = None,
        subject: str | None = None,
        key: str | None = None,
        begins: bool = False,
        gone: Mapping[str, str] | None = None,
        privacy: Privacy | None = None,
        **kwargs: Any,  # noqa: ANN401 - pydantic's own signature
    ) -> None:
        super().__pydantic_init_subclass__(privacy=privacy, **kwargs)
        if type is None or stream is None or subject is None:
            raise TypeError(f"{cls.__name__} must declare type, stream and subject")
        cls.type, cls.stream, cls.subject_field, cls.key_field = type, stream, subject, key or subject
        cls.begins, cls.gone = begins, gone
        cls.owners = cls.__dict__.get("owners", (subject,))

    @property
    def subject(self) -> str:
        """The object's id."""
        return str(getattr(self, self.subject_field))

    @property
    def key(self) -> str:
        """The Kafka key, a string: order holds per key."""
        return str(getattr(self, self.key_field))

    @property
    def over(self) -> datetime | None:
        """When the object is over: sources stop listing what is. None where it never is, or that is unknown."""
        return None

    def payload(self) -> bytes:
        """The fact as canonical JSON in UTF-8: fields in the order of the contract, unset ones left out."""
        return self.model_dump_json(exclude_none=True, exclude_defaults=False).encode()
