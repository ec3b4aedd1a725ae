"""By what an event told by one partner is recognised as an event told by another.

A mark says nothing by itself and changes nothing: what two partners' events share is shown to operators, who ask the
partners. So a partner that names another's event in its ``same_as`` gains a row in a list, and nothing else.
"""

from collections.abc import Iterator
from datetime import datetime
from hashlib import sha256

from contracts.event import EventPublished
from contracts.parts import Session
from contracts.place import Place
from contracts.text import words
from services.events.identifiers import canonical
from services.runtime.engine.decider import MAX_MARK

SAME = "same:"
"""A strong mark: an identifier of the event. ``same:https://vhs.example/kurs/7``."""
NEAR = "near:"
"""A weak mark: when it begins, to the minute in UTC, and where. ``near:2026-10-03T08:00Z:post:DE45879``."""


def marks_of(event: EventPublished) -> frozenset[str]:
    """Return all marks of an event, each of at most `MAX_MARK` characters."""
    return frozenset(_bounded(mark) for mark in (*_strong(event), *_weak(event)))


def _strong(event: EventPublished) -> Iterator[str]:
    told = [*event.same_as, *([str(event.source_url)] if event.source_url else [])]
    return (SAME + name for name in map(canonical, told) if name)


def _weak(event: EventPublished) -> Iterator[str]:
    first = _first(event)
    if first is None:
        return
    start = _minute(first.start.utc)
    for kind, where in _places(event, first.place or event.place or Place()):
        if where:
            yield f"{NEAR}{start}:{kind}:{where}"


def _first(event: EventPublished) -> Session | None:
    """The earliest date that takes place; where all were cancelled, the earliest."""
    held = [session for session in event.sessions if session.status == "scheduled"] or event.sessions
    return min(held, key=lambda session: session.start.utc, default=None)


def _places(event: EventPublished, place: Place) -> Iterator[tuple[str, str | None]]:
    """Each way in which partners tell the same place; one of them in common is enough to look at the titles."""
    yield "name", " ".join(words(place.name or ""))
    yield "post", place.country + "".join(words(place.postal_code)) if place.postal_code else None
    yield "online", canonical(str(event.online_url)) if event.online_url else None


def _minute(moment: datetime) -> str:
    return f"{moment.isoformat()[:16]}Z"


def _bounded(mark: str) -> str:
    """Keep the beginning of what is too long, for people and for its kind, and end it in its hash."""
    if len(mark) <= MAX_MARK:
        return mark
    return f"{mark[: MAX_MARK - 65]}~{sha256(mark.encode()).hexdigest()}"
