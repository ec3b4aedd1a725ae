"""Whether a contract speaks of people: it has a field, itself or in a part, whose privacy class is not an open one."""

from collections.abc import Iterator
from functools import cache
from typing import get_args

from contracts.model import Model, Privacy

OPEN = frozenset({Privacy.PUBLIC, Privacy.ROLE})
"""The classes of what speaks of nobody, or of those who made it public themselves."""


@cache
def speaks_of_people(model: type[Model]) -> bool:
    """Whether a contract or one of its parts has a field of another class than the open ones."""
    return any(
        model.privacy_of(name) not in OPEN or any(map(speaks_of_people, _parts(info.annotation)))
        for name, info in model.model_fields.items()
    )


def day_of(moment: str) -> str:
    """Return the day of a moment in RFC 3339, as a moment: what is known to the second, two lists can be joined by."""
    return f"{moment[:10]}T00:00:00Z"


def _parts(annotation: object) -> Iterator[type[Model]]:
    if isinstance(annotation, type) and issubclass(annotation, Model):
        yield annotation
    for inner in get_args(annotation):
        yield from _parts(inner)
