"""What iCalendar has no property for: one X-LCH- property a field, its value the contract's JSON.

A row of ``FIELDS`` is all that a new field needs, in both directions.
"""

from collections.abc import Callable
from functools import cache
from typing import Annotated, Any

from pydantic import TypeAdapter, ValidationError

from contracts.event import EventPublished
from flows.icalendar.places import guarded
from flows.icalendar.properties import Component

FIELDS = {
    "attendance": "X-LCH-ATTENDANCE",
    "status": "X-LCH-STATUS",
    "online_url": "X-LCH-ONLINE-URL",
    "capacity": "X-LCH-CAPACITY",
    "free_of_charge": "X-LCH-FREE-OF-CHARGE",
    "prices": "X-LCH-PRICES",
    "registration": "X-LCH-REGISTRATION",
    "audience": "X-LCH-AUDIENCE",
    "accessibility": "X-LCH-ACCESSIBILITY",
    "languages": "X-LCH-LANGUAGES",
    "same_as": "X-LCH-SAME-AS",
    "reallabore": "X-LCH-REALLABORE",
    "bausteine": "X-LCH-BAUSTEINE",
    "sdgs": "X-LCH-SDGS",
    "about": "X-LCH-ABOUT",
}
OURS = {"organiser": "X-LCH-ORGANISER", "licence": "X-LCH-LICENCE"}
"""Taken from a file only where nobody but the hub writes: elsewhere the agreement says it."""
EVENT_ID = "X-LCH-EVENT-ID"
_REFINES: dict[str, Callable[[Any, Any], bool]] = {
    "status": lambda _, standard: standard == "tentative",
    "online_url": lambda ours, standard: guarded(str(ours)) == standard,
}
"""Where ours only says more exactly what a standard property says: whether that one still says so, or was changed."""


@cache
def adapter(name: str) -> TypeAdapter[Any]:
    """Return reader and writer of one field of EventPublished, with the field's own limits."""
    info = EventPublished.model_fields[name]
    kind: Any = Annotated[(info.annotation, *info.metadata)] if info.metadata else info.annotation
    return TypeAdapter(kind)


def read(component: Component, names: dict[str, str], standard: dict[str, Any]) -> tuple[dict[str, Any], list[str]]:
    """Read our properties; one that a human spoilt is left out and named.

    Args:
        component: the master.
        names: property by field.
        standard: what iCalendar's own properties say, by field.

    Returns:
        Values by field, and a flag for each property that was left out.
    """
    values: dict[str, Any] = {}
    flags = []
    for name, property_name in names.items():
        prop = component.one(property_name)
        if prop is None:
            continue
        try:
            value = adapter(name).validate_json(prop.text)
        except ValidationError:
            flags.append(f"{property_name} not understood")
        else:
            values |= {name: value} if name not in _REFINES or _REFINES[name](value, standard[name]) else {}
    return values, flags


def written(event: EventPublished, names: dict[str, str], known: dict[str, Any]) -> list[tuple[str, str]]:
    """Return property name and JSON for each field that ``known`` (what the other properties say) does not tell."""
    told = []
    for name, property_name in names.items():
        value = getattr(event, name)
        if value != known.get(name, EventPublished.model_fields[name].default):
            told.append((property_name, adapter(name).dump_json(value, exclude_none=True).decode()))
    return told
