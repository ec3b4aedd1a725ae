"""Names: of an object from its UID and back, of one of its dates, of the file or resource it is kept in."""

import re
from datetime import datetime
from hashlib import sha256
from urllib.parse import quote, unquote

from contracts.event import EventPublished
from flows.icalendar.moments import Moment

MAX_ID = 300
SINGLE = "single"
"""The session id of an event that does not recur: it stays when the event is moved."""
UID_URN = "urn:ical-uid:"

_UNFIT = re.compile(r"[\x00-\x20\x7f%]")
_UNSAFE = re.compile(r"[^A-Za-z0-9]+")


def object_id(partner: str, uid: str) -> str:
    """Make ``<partner>:<uid>``. Blanks, controls and ``%`` are percent-encoded; what is too long ends in its hash."""
    whole = f"{partner}:{_encoded(uid)}"
    if len(whole) <= MAX_ID:
        return whole
    return f"{whole[:200]}~{sha256(uid.encode()).hexdigest()}"


def uid_identifier(uid: str) -> str:
    """Write a UID as an identifier by which two partners' entries for the same event can be recognised."""
    return UID_URN + _encoded(uid)


def resource_name(event_id: str) -> str:
    """Return the file name of an event, safe on every system: readable, and unique by its hash."""
    readable = _UNSAFE.sub("-", event_id).strip("-").lower()[:60].strip("-")
    return f"{readable}-{sha256(event_id.encode()).hexdigest()[:12]}.ics"


def session_id(original: Moment) -> str:
    """Name a date by its original start: in UTC, or the plain date for whole days (RECURRENCE-ID)."""
    return f"{original.wall:%Y%m%d}" if original.all_day else instant_id(original.utc)


def instant_id(instant: datetime) -> str:
    """Write an instant in UTC as iCalendar does."""
    return f"{instant:%Y%m%dT%H%M%SZ}"


def _encoded(uid: str) -> str:
    return _UNFIT.sub(lambda match: quote(match.group(), safe=""), uid)


def event_uid(event: EventPublished) -> str:
    """Return the UID to write: that of the organiser's own calendar where it is known, else the event's id."""
    known = (each.removeprefix(UID_URN) for each in event.same_as if each.startswith(UID_URN))
    return next((unquote(uid) for uid in known), event.event_id)
