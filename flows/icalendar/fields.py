"""What iCalendar's own properties say of an event, its dates aside."""

from typing import Any

from pydantic import TypeAdapter, ValidationError

from contracts.parts import Organiser
from contracts.role_address import is_role_address
from flows.icalendar.context import Context
from flows.icalendar.identity import uid_identifier
from flows.icalendar.places import address, online, place
from flows.icalendar.properties import Component
from flows.icalendar.texts import one_line, texts

PROPERTIES = {
    "texts": ("SUMMARY", "DESCRIPTION"),
    "keywords": ("CATEGORIES",),
    "place": ("LOCATION", "GEO"),
    "online_url": ("CONFERENCE",),
    "source_url": ("URL",),
    "sessions": ("DTSTART",),
}
"""Which properties a field is read from, to name the place of what is wrong with it."""

_ATTENDANCE = {(True, True): "mixed", (False, True): "online"}
_CONTACT: TypeAdapter[Organiser] = TypeAdapter(Organiser)


def standard(master: Component, context: Context, origin: str | None, uid: str) -> dict[str, Any]:
    """Return fields of EventPublished by name.

    Raises:
        CalendarUnreadableError: the place is longer than the contract takes.
    """
    url, where, link = master.one("URL"), place(master), online(master)
    return {
        "texts": texts(master, context.language),
        "organiser": _organiser(master, context),
        "place": where,
        "online_url": link,
        "attendance": _ATTENDANCE.get((where is not None, link is not None), "offline"),
        "status": "tentative" if master.word("STATUS") == "TENTATIVE" else "scheduled",
        "licence": context.licence,
        "source_url": address(url) if url else None,
        "keywords": _keywords(master),
        "same_as": () if origin else (uid_identifier(uid),),
    }


def left_out(master: Component, values: dict[str, Any]) -> list[str]:
    """Name what stands in the calendar and is not told, because it is unusable or about a human."""
    flags = []
    if master.one("URL") and values["source_url"] is None:
        flags.append("URL not usable")
    if master.one("ORGANIZER") and values["organiser"].contact is None:
        flags.append("ORGANIZER left out")
    return flags


def _keywords(master: Component) -> tuple[str, ...]:
    words = (one_line(text) for prop in master.all("CATEGORIES") for text in prop.texts)
    return tuple(dict.fromkeys(word for word in words if word))


def _organiser(master: Component, context: Context) -> Organiser:
    """Take the name from the agreement; ORGANIZER gives a contact only where it reaches an office, not a human."""
    organiser = Organiser(name=context.organiser, partner=context.partner)
    prop = master.one("ORGANIZER")
    mail = prop.value.strip().removeprefix("mailto:").removeprefix("MAILTO:") if prop else ""
    if "@" not in mail or not is_role_address(mail, context.role_addresses):
        return organiser
    try:
        return _CONTACT.validate_python({"name": context.organiser, "partner": context.partner, "contact": mail})
    except ValidationError:
        return organiser
