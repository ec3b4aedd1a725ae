"""LOCATION, GEO and CONFERENCE as a place and an online address, both ways."""

import re

from icalendar.prop import vGeo
from pydantic import TypeAdapter, ValidationError

from contracts.place import Coordinates, Place
from contracts.text import WebAddress
from contracts.violation import told
from flows.icalendar.errors import CalendarUnreadableError
from flows.icalendar.properties import Component, Property
from flows.icalendar.texts import one_line, plain
from flows.wording import expected

PLACE_PROPERTY = "X-LCH-PLACE"
"""The place in its parts, as JSON; it counts as long as LOCATION and GEO still say the same."""

_ADDRESS: TypeAdapter[object] = TypeAdapter(WebAddress)
_URL = re.compile(r"^https?://\S+$", re.IGNORECASE)


def place(component: Component) -> Place | None:
    """Return where a VEVENT happens.

    Raises:
        CalendarUnreadableError: the location is longer than the contract takes.
    """
    written = component.one("LOCATION")
    location = one_line(plain(written.text)) if written else ""
    coordinates = _coordinates(component.one("GEO"))
    parts = _parts(component.one(PLACE_PROPERTY))
    if parts is not None and (location, geo(coordinates)) == (rendered(parts), geo(parts.coordinates)):
        return parts
    if _URL.match(location) or not (location or coordinates):
        return None
    try:
        return Place(name=location or None, coordinates=coordinates)
    except ValidationError as error:
        reason = told(error.errors(include_url=False)[0])
        raise CalendarUnreadableError(written.place if written else "LOCATION", reason) from None


def online(component: Component) -> str | None:
    """Return the address of an online event: CONFERENCE (RFC 7986, section 5.11), or a LOCATION that is one."""
    conference, location = component.one("CONFERENCE"), component.one("LOCATION")
    candidates = [address(conference)] if conference else []
    if location and _URL.match(location.text.strip()) and component.one(PLACE_PROPERTY) is None:
        candidates.append(address(location))
    return next((found for found in candidates if found), None)


def address(prop: Property) -> str | None:
    """Return a web address as the contracts take it, or None; some programs escape it like text, we undo that."""
    try:
        return str(_ADDRESS.validate_python(prop.text.strip()))
    except ValidationError:
        return None


def rendered(where: Place) -> str:
    """Write a place on one line, as people read it."""
    town = " ".join(part for part in (where.postal_code, where.locality) if part)
    return one_line(", ".join(part for part in (where.name, where.street, town) if part))


def guarded(url: str) -> str:
    """Write an address for CONFERENCE: Radicale takes a comma for the end of a property that it does not know."""
    return url.replace(",", "%2C").replace(";", "%3B")


def geo(where: Coordinates | None) -> str | None:
    """Write coordinates as GEO (RFC 5545, section 3.8.1.6), to about 10 cm."""
    return f"{where.latitude:.6f};{where.longitude:.6f}" if where else None


def _coordinates(prop: Property | None) -> Coordinates | None:
    """Read GEO; an unreadable one is left out, and so is 0;0, which is how programs write "unknown"."""
    if prop is None:
        return None
    try:
        latitude, longitude = prop.parse(vGeo.from_ical, expected("coordinates"))
        found = Coordinates(latitude=latitude, longitude=longitude)
    except (CalendarUnreadableError, ValidationError):
        return None
    return found if (found.latitude or found.longitude) or _written_by_us(prop) else None


def _written_by_us(prop: Property) -> bool:
    return prop.value.replace("-", "").strip() == "0.000000;0.000000"


def _parts(prop: Property | None) -> Place | None:
    if prop is None:
        return None
    try:
        return Place.model_validate_json(prop.text)
    except ValidationError:
        return None
