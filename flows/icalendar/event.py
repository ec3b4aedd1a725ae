"""One entry of a calendar to one fact."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pydantic import TypeAdapter, ValidationError

from contracts.event import EventCancelled, EventPublished
from contracts.fact import MAX_PAYLOAD_BYTES
from contracts.parts import Text
from contracts.text import ObjectId
from contracts.violation import told as violation_told
from flows.icalendar import extras
from flows.icalendar.context import Context
from flows.icalendar.entries import Entry
from flows.icalendar.errors import CalendarUnreadableError
from flows.icalendar.fields import PROPERTIES, left_out, standard
from flows.icalendar.identity import object_id
from flows.icalendar.properties import BLANKS, Component
from flows.icalendar.sessions import Dates, Unfolding
from flows.icalendar.zones import Zones
from flows.wording import expected

DATES = "X-LCH-DATES"
"""``OPEN``: an event of ours whose dates are not fixed yet; it has no DTSTART."""
REASON = "X-LCH-REASON"
"""Why an event is cancelled: the contract's JSON."""
NO_DATE = "no date left"

REASONS: TypeAdapter[tuple[Text, ...]] = TypeAdapter(tuple[Text, ...])
_OBJECT_ID: TypeAdapter[str] = TypeAdapter(ObjectId)


@dataclass(frozen=True, slots=True)
class Told:
    """What an entry says, what was assumed, and which of its dates were refused.

    ``event`` is there for a cancelled one too, so that a catalogue can still show it. ``origin`` is the object the hub
    wrote the entry for, where it did.
    """

    event: EventPublished
    cancelled: EventCancelled | None
    origin: str | None
    flags: tuple[str, ...]
    refused: tuple[CalendarUnreadableError, ...] = ()

    @property
    def fact(self) -> EventPublished | EventCancelled:
        """The fact to publish."""
        return self.cancelled or self.event


def told(entry: Entry, zones: Zones, context: Context, now: datetime, *, called_off: bool = False) -> Told:
    """Read one entry; ``called_off`` where the whole file says so (METHOD:CANCEL, RFC 5546, section 3.2.5).

    Raises:
        CalendarUnreadableError: it cannot be told as an event; the place names line and property.
    """
    master, origin = entry.master, _origin(entry.master)
    fields = standard(master, context, origin, entry.uid)
    ours, flags = extras.read(master, extras.FIELDS | (extras.OURS if context.ours else {}), fields)
    dates = _dates(entry, zones, now)
    event_id = origin if context.ours and origin else object_id(context.partner, entry.uid)
    event = _event({**fields, **ours, "event_id": event_id, "sessions": dates.sessions}, master)
    ended = called_off or master.word("STATUS") == "CANCELLED" or NO_DATE in dates.flags
    cancelled = EventCancelled(event_id=event_id, revision=1, reason=_reason(master)) if ended else None
    unread = ["lines not understood"] if master.unread else []
    return Told(event, cancelled, origin, (*dates.flags, *flags, *left_out(master, fields), *unread), dates.refused)


def _dates(entry: Entry, zones: Zones, now: datetime) -> Dates:
    master = entry.master
    if master.one("DTSTART") is None and master.word(DATES) == "OPEN":
        return Dates((), ())
    try:
        dates = Unfolding(master, entry.overrides, zones, leads=entry.leads).dates(now)
    except (ValidationError, OverflowError):  # a period that ends before it starts, a length of ten thousand years
        raise CalendarUnreadableError(master.place, expected("dates-in-our-time")) from None
    if not dates.sessions and (dates.refused or dates.left_out):
        raise CalendarUnreadableError(master.place, expected("a-date"))
    flags = ([] if entry.leads else ["overrides without their series"]) + ([] if dates.sessions else [NO_DATE])
    return Dates(dates.sessions, (*dates.flags, *flags), dates.refused)


def _event(values: dict[str, Any], master: Component) -> EventPublished:
    if not values["texts"]:
        raise CalendarUnreadableError(f"{master.place}, SUMMARY", expected("title"))
    try:
        event = EventPublished.model_validate({**values, "revision": 1})
    except ValidationError as error:
        violation = error.errors(include_url=False)[0]
        raise CalendarUnreadableError(_place(master, violation["loc"]), violation_told(violation)) from None
    if len(event.payload()) > MAX_PAYLOAD_BYTES:
        raise CalendarUnreadableError(master.place, expected("event-size", most=MAX_PAYLOAD_BYTES))
    return event


def _place(master: Component, steps: tuple[int | str, ...]) -> str:
    """Name line and property of a field: texts tell title and description, the others stand in one property each."""
    names = PROPERTIES.get(str(steps[0]) if steps else "", ())
    names = names[1:] if "description" in steps else names
    prop = master.one(*names) if names else None
    return prop.place if prop else f"{master.place}, {'.'.join(str(step) for step in steps)}"


def _origin(master: Component) -> str | None:
    prop = master.one(extras.EVENT_ID)
    try:
        return _OBJECT_ID.validate_python(prop.text.strip(BLANKS)) if prop else None
    except ValidationError:
        return None


def _reason(master: Component) -> tuple[Text, ...]:
    prop = master.one(REASON)
    try:
        return REASONS.validate_json(prop.text) if prop else ()
    except ValidationError:
        return ()
