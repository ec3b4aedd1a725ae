"""What is left of a field's value where people read who need not know of whom it speaks. Pure.

It follows the privacy class of each field and the kind of its value; no row knows a contract's or a field's name. What
no row lets pass is left out, so a field of a new kind is missing until somebody decides about it.
"""

from collections.abc import Callable
from decimal import Decimal
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, TypeGuard, Union, get_args, get_origin

from pydantic import AwareDatetime, NaiveDatetime

from contracts import spelling
from contracts.model import Model, Privacy
from contracts.speaking import OPEN
from contracts.vocabulary import TermOf
from services.dispatch.pseudonyms import STATISTICS, Pseudonyms

Json = Any  # whatever JSON can hold
Sieve = Callable[[Json], Json]
"""Takes a value, returns what is left of it: `NOTHING` where it is to be left out."""

NOTHING: Json = object()
_FREE = frozenset({spelling.LINE, spelling.PROSE, spelling.SESSION, spelling.IDENTIFIER, spelling.MAIL})
_EXACT = (bool, int, float, Decimal, AwareDatetime, NaiveDatetime)


def passes(model: type[Model], name: str) -> bool:
    """Whether anything can be left of a field."""
    return _of_field(model, name, Pseudonyms(STATISTICS, "")) is not _nothing


def sieve(model: type[Model], pseudonyms: Pseudonyms) -> Sieve:
    """Return the sieve for a part of a contract as JSON; fields that the part does not know do not pass."""
    fields = {name: _of_field(model, name, pseudonyms) for name in model.model_fields}

    def part(value: Json) -> Json:
        left = {name: of(value[name]) for name, of in fields.items() if value.get(name) is not None}
        told = {name: each for name, each in left.items() if each is not NOTHING}
        return told or NOTHING

    return part


def _of_field(model: type[Model], name: str, pseudonyms: Pseudonyms) -> Sieve:
    info, privacy = model.model_fields[name], model.privacy_of(name)
    if privacy not in OPEN and privacy is not Privacy.PSEUDONYM:
        return _nothing
    return _of(Annotated[info.annotation, *info.metadata, None], privacy, pseudonyms)


def _of(annotation: object, privacy: Privacy, pseudonyms: Pseudonyms) -> Sieve:
    core, marks = _bare(annotation, ())
    if get_origin(core) is tuple:
        return _each(_of(get_args(core)[0], privacy, pseudonyms))
    if _is_part(core):
        return sieve(core, pseudonyms) if privacy in OPEN else _nothing
    patterns = {pattern for mark in marks if (pattern := getattr(mark, "pattern", None))}
    if get_origin(core) is Literal or any(isinstance(mark, TermOf) for mark in marks):
        return _whole  # a word of a list, such as a band of ages, fits many
    if privacy is Privacy.PSEUDONYM:
        reference = pseudonyms.of_object if spelling.OBJECT in patterns else pseudonyms.of
        return reference if core is str else _nothing  # an exact number would be a trace
    spelled = core is str and patterns and not patterns & _FREE
    return _whole if spelled or core in _EXACT or privacy is Privacy.ROLE else _nothing


def _bare(annotation: object, marks: tuple[object, ...]) -> tuple[object, tuple[object, ...]]:
    """Take away what says that a value may be missing, and collect what is said about it."""
    if get_origin(annotation) is Annotated:
        core, *own = get_args(annotation)
        return _bare(core, (*marks, *own))
    if get_origin(annotation) in (Union, UnionType):
        inner = [each for each in get_args(annotation) if each is not NoneType]
        return _bare(inner[0], marks) if len(inner) == 1 else (object, marks)
    return annotation, marks


def _is_part(annotation: object) -> TypeGuard[type[Model]]:
    return isinstance(annotation, type) and issubclass(annotation, Model)


def _each(inner: Sieve) -> Sieve:
    def entries(value: Json) -> Json:
        return [left for left in map(inner, value) if left is not NOTHING] or NOTHING

    return entries


def _whole(value: Json) -> Json:
    return value


def _nothing(_: Json) -> Json:
    return NOTHING
