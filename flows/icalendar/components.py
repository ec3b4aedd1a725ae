"""One event as VEVENTs."""

from collections.abc import Iterable
from datetime import UTC, datetime

from contracts.event import EventPublished
from contracts.parts import Session, Text
from contracts.place import Place
from flows.icalendar import extras
from flows.icalendar.blocks import Block
from flows.icalendar.content import block, escaped, line, text
from flows.icalendar.context import Context
from flows.icalendar.event import DATES
from flows.icalendar.fields import standard
from flows.icalendar.identity import event_uid, instant_id
from flows.icalendar.lines import ContentLine
from flows.icalendar.moments import ASSUMED_PARAM, ZONE_PARAM, Moment
from flows.icalendar.places import PLACE_PROPERTY, geo, guarded, place, rendered
from flows.icalendar.plan import Dated, Plan, moment_of, plan
from flows.icalendar.properties import Component
from flows.icalendar.sessions import MOVED_FROM, SESSION_ID

STATUS = {"scheduled": "CONFIRMED", "tentative": "TENTATIVE", "postponed": "TENTATIVE"}
_WIDE = 500_000
"""Characters of description repeated in overrides, at most: beyond it they stand in the master alone."""


class Writer:
    """Writes one event; ``stamp`` is the time of writing (DTSTAMP), ``zone`` the calendar's (X-WR-TIMEZONE)."""

    def __init__(self, event: EventPublished, stamp: datetime, keep: Iterable[datetime] = ()) -> None:
        """Plan the dates; ``keep`` as in :func:`plan`."""
        self._event, self._stamp = event, stamp.astimezone(UTC)
        self._plan: Plan | None = plan(event.sessions, keep) if event.sessions else None
        self.zone = self._plan.extent.start.zone.name if self._plan else "UTC"

    def vevents(self) -> list[Block]:
        """Return the master and its overrides."""
        if self._plan is None:
            return [block("VEVENT", [*self._heading(), line(DATES, "OPEN"), *self._body()])]
        return [self._master(self._plan), *(self._override(dated, self._plan) for dated in self._plan.overrides)]

    def _master(self, made: Plan) -> Block:
        start = made.extent.start
        extra = [each.original for each in made.plain + made.overrides if each.original.wall != start.wall]
        lines = [*self._heading(), self._time("DTSTART", start), self._time("DTEND", made.extent.end)]
        lines += self._rdates(extra, recurs=made.master is None)
        if made.master is not None and made.master.moved_from is not None:
            lines.append(self._time(MOVED_FROM, moment_of(made.master.moved_from, made.master, all_day=False)))
        return block("VEVENT", [*lines, *self._body()])

    def _override(self, dated: Dated, made: Plan) -> Block:
        session = dated.session
        lines = [
            *self._heading(),
            self._time("RECURRENCE-ID", dated.original),
            self._time("DTSTART", moment_of(session.start, session)),
            self._time("DTEND", moment_of(session.end, session)),
        ]
        lines += [text(SESSION_ID, session.session_id)] if dated.named else []
        if dated.named and session.moved_from is not None:
            lines.append(self._time(MOVED_FROM, moment_of(session.moved_from, session, all_day=False)))
        return block("VEVENT", [*lines, *self._told(session, len(made.overrides))])

    def _heading(self) -> list[ContentLine]:
        written = instant_id(self._stamp)
        return [
            text("UID", event_uid(self._event)),
            line("DTSTAMP", written),
            line("LAST-MODIFIED", written),
            line("SEQUENCE", str(self._event.revision)),
        ]

    def _body(self) -> list[ContentLine]:
        """Write what the whole event is: iCalendar's own properties first, then what they cannot tell."""
        event = self._event
        lines = [*_texts(event.texts), *_located(event.place), line("STATUS", STATUS[event.status])]
        lines += [line("CONFERENCE", guarded(str(event.online_url)), {"VALUE": "URI"})] if event.online_url else []
        lines += [line("URL", str(event.source_url))] if event.source_url else []
        lines += [line("CATEGORIES", ",".join(escaped(word) for word in event.keywords))] if event.keywords else []
        lines.append(text("CONTACT", ", ".join(filter(None, (event.organiser.name, event.organiser.contact)))))
        lines.append(text(extras.EVENT_ID, event.event_id))
        said = standard(Component(block("VEVENT", lines)), Context("none", "none"), event.event_id, "")
        more = extras.written(event, extras.FIELDS, said) + extras.written(event, extras.OURS, {})
        return lines + [text(name, value) for name, value in more]

    def _told(self, session: Session, overrides: int) -> list[ContentLine]:
        """Write what a single date needs, so that a program showing it alone shows enough."""
        event = self._event
        wide = overrides * sum(len(each.description) for each in event.texts) > _WIDE
        texts = [Text(language=each.language, title=each.title) for each in event.texts] if wide else event.texts
        lines = [*_texts(texts), *_located(session.place or event.place, exact=session.place is not None)]
        lines += [line("URL", str(event.source_url))] if event.source_url else []
        status = "CANCELLED" if session.status == "cancelled" else STATUS[event.status]
        return [*lines, line("STATUS", status), text(extras.EVENT_ID, event.event_id)]

    def _time(self, name: str, when: Moment) -> ContentLine:
        shown = {ZONE_PARAM: when.zone.name} if when.zone.name != self.zone else {}
        assumed = {ASSUMED_PARAM: "TRUE"} if when.zone.assumed else {}
        if when.all_day:
            return line(name, f"{when.wall:%Y%m%d}", {"VALUE": "DATE", **shown, **assumed})
        if when.wall.fold:  # the second of two equal times has no other name than UTC
            return line(name, instant_id(when.utc), {ZONE_PARAM: when.zone.name, **assumed})
        return line(name, f"{when.wall:%Y%m%dT%H%M%S}", {"TZID": when.zone.name, **assumed})

    def _rdates(self, starts: list[Moment], *, recurs: bool) -> list[ContentLine]:
        """Name every date in one or two lists; a series of one date names it too, so that it reads as a series."""
        if not recurs:
            return []
        named = sorted(starts, key=lambda each: each.utc) or [self._plan.extent.start] if self._plan else []
        return [self._time("RDATE", each) for each in named]


def _texts(texts: Iterable[Text]) -> list[ContentLine]:
    """Write the first language into iCalendar's own properties and the others into ours."""
    lines = []
    for prefix, each in zip(("", *("X-LCH-" for _ in range(12))), texts, strict=False):
        lines.append(text(f"{prefix}SUMMARY", each.title, {"LANGUAGE": each.language}))
        if each.description:
            lines.append(text(f"{prefix}DESCRIPTION", each.description, {"LANGUAGE": each.language}))
    return lines


def _located(where: Place | None, *, exact: bool = False) -> list[ContentLine]:
    """Write a place as people and as programs read it; its parts where one line does not tell them, or ``exact``."""
    if where is None:
        return []
    lines = [text("LOCATION", rendered(where))] if rendered(where) else []
    lines += [line("GEO", geo(where.coordinates) or "")] if where.coordinates else []
    if place(Component(block("VEVENT", lines))) == where and not exact:
        return lines
    return [*lines, text(PLACE_PROPERTY, where.model_dump_json(exclude_none=True))]
