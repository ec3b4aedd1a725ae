"""One UID's VEVENTs as the sessions of one event."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from contracts.parts import Session
from contracts.place import Place
from contracts.zoned_time import ZonedTime
from flows.icalendar.changes import Change, Changes, changes
from flows.icalendar.errors import CalendarUnreadableError
from flows.icalendar.extents import Extent, extent
from flows.icalendar.identity import SINGLE, session_id
from flows.icalendar.moments import Moment, moment
from flows.icalendar.places import PLACE_PROPERTY, place, rendered
from flows.icalendar.properties import BLANKS, Component
from flows.icalendar.recurrence import Series, series
from flows.icalendar.window import LIMIT, choose
from flows.icalendar.zones import Zones

SESSION_ID, MOVED_FROM = "X-LCH-SESSION-ID", "X-LCH-MOVED-FROM"
_ID = re.compile(r"[^\x00-\x20\x7f]{1,100}")


@dataclass(frozen=True, slots=True)
class Dates:
    """The sessions, what was assumed or left out, and the overrides that could not be read."""

    sessions: tuple[Session, ...]
    flags: tuple[str, ...]
    refused: tuple[CalendarUnreadableError, ...] = ()
    left_out: bool = False


class Unfolding:
    """The dates of one event, read once."""

    def __init__(self, master: Component, overrides: Iterable[Component], zones: Zones, *, leads: bool = True) -> None:
        """Read the master's own date, its rules and the overrides.

        Args:
            master: the VEVENT that speaks for the event.
            overrides: those with a RECURRENCE-ID.
            zones: the calendar's.
            leads: False where the master is itself an override, because the calendar holds no other.

        Raises:
            CalendarUnreadableError: the master cannot be read.
        """
        self._master, self._zones, self._leads = master, zones, leads
        self.place = place(master)
        self._extent: Extent = extent(master, zones)
        self._series: Series = series(master, self._extent.start, zones)
        self._changes: Changes = changes(overrides, self._series, zones)
        self._recurs = bool(self._changes.single or master.one("RRULE") or master.one("RDATE"))

    def dates(self, now: datetime) -> Dates:
        """Tell the dates of the window around ``now``.

        Raises:
            CalendarUnreadableError: the window cannot be reached.
        """
        window = choose(self._series if self._leads else (), finite=self._series.finite, now=now)
        told = [self._session(wall) for wall in window.starts if wall not in self._changes.left_out]
        strangers = [
            change
            for wall, change in self._changes.single.items()
            if wall not in set(window.starts) and window.covers(wall)
        ]
        told += [self._changed(change) for change in strangers]
        told.sort(key=lambda session: (session.start.utc, session.session_id))
        flags = [
            *self._extent.flags,
            *(["zone assumed"] if any(session.zone_assumed for session in told) else []),
            *(["dates cut at 500"] if window.cut or len(told) > LIMIT else []),
            *(["a date is not part of its series"] if self._outside(strangers) else []),
            *(["a date is left out"] if self._changes.left_out else []),
        ]
        return Dates(tuple(told[:LIMIT]), tuple(flags), tuple(self._changes.refused), bool(self._changes.left_out))

    def _outside(self, strangers: list[Change]) -> bool:
        return self._leads and any(not self._series.excludes(change.original) for change in strangers)

    def _session(self, wall: datetime) -> Session:
        change = self._changes.single.get(wall)
        if change is not None:
            return self._changed(change)
        original = self._original(wall)
        base = self._changes.governing(wall)
        start = original.plus(base.shift) if base else original
        length = self._series.lengths.get(wall)
        if isinstance(length, Moment):
            end = length
        elif length is not None:
            end = start.plus(length)
        elif wall == self._extent.start.wall:
            start, end = self._extent.start, self._extent.end
        else:
            end = (base.extent if base else self._extent).at(start)
        own = self._master if wall == self._extent.start.wall else None
        return self._told(own, original, start, end)

    def _changed(self, change: Change) -> Session:
        component, lasting = change.component, change.extent
        cancelled = component.word("STATUS") == "CANCELLED" or self._series.excludes(change.original)
        return self._told(component, self._original(change.original), lasting.start, lasting.end).model_copy(
            update={"status": "cancelled" if cancelled else "scheduled", "place": self._elsewhere(component)}
        )

    def _elsewhere(self, component: Component) -> Place | None:
        """Return a date's place where it differs; one that only repeats the event's LOCATION does not."""
        where = place(component)
        repeated = (
            self.place and not component.one(PLACE_PROPERTY) and where == Place(name=rendered(self.place) or None)
        )
        return None if repeated or where == self.place else where

    def _told(self, component: Component | None, original: Moment, start: Moment, end: Moment) -> Session:
        named = component.one(SESSION_ID) if component else None
        usable = named.text.strip(BLANKS) if named and _ID.fullmatch(named.text.strip(BLANKS)) else None
        before = component.one(MOVED_FROM) if component else None
        if before is not None:
            moved_from: ZonedTime | None = moment(before, self._zones).zoned()
        else:
            moved_from = original.zoned() if not usable and original.utc != start.utc else None
        return Session(
            session_id=usable or (session_id(original) if self._recurs else SINGLE),
            start=start.zoned(),
            end=end.zoned(),
            all_day=start.all_day,
            zone_assumed=start.zone.assumed,
            moved_from=moved_from,
        )

    def _original(self, wall: datetime) -> Moment:
        return Moment(wall, self._extent.start.zone, self._extent.start.all_day)
