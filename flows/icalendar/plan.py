"""How the sessions of an event become one master and its overrides: the way back of :mod:`sessions`."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from contracts.parts import Session
from contracts.zoned_time import ZonedTime
from flows.icalendar.extents import Extent
from flows.icalendar.identity import SINGLE, instant_id
from flows.icalendar.moments import Moment
from flows.icalendar.zones import Zone


@dataclass(frozen=True, slots=True)
class Dated:
    """One session and the original start it has in the series; ``named`` where that start does not give its id."""

    session: Session
    original: Moment
    named: bool


@dataclass(frozen=True, slots=True)
class Plan:
    """``extent`` of the master; the other dates that need no more than an RDATE; those that need an override."""

    extent: Extent
    plain: tuple[Dated, ...]
    overrides: tuple[Dated, ...]
    master: Session | None = None  # the only session of an event that does not recur


def plan(sessions: tuple[Session, ...], keep: Iterable[datetime] = ()) -> Plan:
    """Plan the VEVENTs of at least one session.

    Args:
        sessions: what to tell.
        keep: instants of dates that need an override in any case, because one there holds things of others.
    """
    if len(sessions) == 1 and sessions[0].session_id == SINGLE and sessions[0].status == "scheduled":
        only = sessions[0]
        return Plan(Extent(moment_of(only.start, only), moment_of(only.end, only)), (), (), only)
    dated = _originals(sessions)
    first = min(dated, key=lambda each: each.original.wall)
    start = first.original
    model = next((each.session for each in dated if _simple(each)), first.session)
    extent = Extent(start, _end(model, start))
    kept = set(keep)
    plain = tuple(
        each
        for each in dated
        if _simple(each)
        and each.original.utc not in kept
        and (extent.end if each is first else extent.at(each.original)).zoned() == each.session.end
    )
    return Plan(extent, plain, tuple(each for each in dated if each not in plain))


def moment_of(time: ZonedTime, session: Session, *, all_day: bool | None = None) -> Moment:
    """Return a contract's time as a moment; which of two equal wall-clock times it is stays in ``fold``."""
    fold = int(ZonedTime.at(time.local, time.zone).utc != time.utc)
    zone = Zone.named(time.zone, assumed=session.zone_assumed)
    return Moment(time.local.replace(fold=fold, microsecond=0), zone, session.all_day if all_day is None else all_day)


def _originals(sessions: tuple[Session, ...]) -> list[Dated]:
    """Give each session an original start of its own on one clock; those whose id tells it keep theirs."""
    all_day = all(session.all_day for session in sessions)
    lead = min((each for each in sessions if each.all_day == all_day), key=lambda each: each.start.utc)
    clock = Zone.named(lead.start.zone, assumed=lead.zone_assumed)
    step = timedelta(days=1) if all_day else timedelta(seconds=1)
    taken: dict[datetime, Dated] = {}
    ranked = [(not _telling(each, clock.name, all_day=all_day), each.session_id, each) for each in sessions]
    for untold, _, session in sorted(ranked, key=lambda row: row[:2]):
        wanted = wall = _wall((not untold and session.moved_from) or session.start, clock, all_day=all_day)
        while wall in taken:  # two dates at one time: the second is told as moved there from a second later
            wall += step
        taken[wall] = Dated(session, Moment(wall, clock, all_day), named=untold or wall != wanted)
    return list(taken.values())


def _telling(session: Session, zone: str, *, all_day: bool) -> bool:
    """Whether the id is the one that reading would give: the original start, told by ``moved_from`` where it moved."""
    original = session.moved_from or session.start
    if session.moved_from is not None and (original.utc == session.start.utc or original.zone != zone):
        return False
    if all_day:
        whole = original.local == original.local.replace(hour=0, minute=0, second=0, microsecond=0)
        return whole and original.zone == zone and session.session_id == f"{original.local:%Y%m%d}"
    return session.session_id == instant_id(original.utc)


def _wall(time: ZonedTime, clock: Zone, *, all_day: bool) -> datetime:
    if all_day:
        return time.local.replace(hour=0, minute=0, second=0, microsecond=0)
    if time.zone == clock.name and ZonedTime.at(time.local, time.zone).utc == time.utc:
        return time.local.replace(microsecond=0)
    return time.utc.astimezone(clock.rules).replace(tzinfo=None, microsecond=0)


def _simple(dated: Dated) -> bool:
    """Whether nothing but its start tells the date from the master."""
    session, original = dated.session, dated.original
    return (
        not dated.named
        and session.status == "scheduled"
        and session.moved_from is None
        and session.place is None
        and session.all_day == original.all_day
        and session.zone_assumed == original.zone.assumed
        and session.start == original.zoned()
    )


def _end(model: Session, start: Moment) -> Moment:
    """Return the master's end, as long after its start as that of a typical date."""
    if model.end.zone == model.start.zone:
        return start.plus(max(timedelta(0), model.end.local - model.start.local))
    exact = (start.utc + (model.end.utc - model.start.utc)).replace(tzinfo=None)
    return Moment(exact, Zone.named("UTC")).seen_in(Zone.named(model.end.zone))
