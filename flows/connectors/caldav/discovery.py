"""From a server's address to the calendar: well-known, principal, home (RFC 6764, RFC 5397, RFC 4791)."""

from urllib.parse import unquote

from flows.connector import SourceUnusableError
from flows.connectors.caldav import bodies, multistatus
from flows.connectors.caldav.exchange import Answer, Exchange
from flows.connectors.caldav.multistatus import CALDAV, DAV, Member

_REDIRECTS = {301, 302, 303, 307, 308}
_MOST_REDIRECTS = 4
_MULTI_STATUS = 207


async def calendar_path(exchange: Exchange, name: str | None = None) -> str:
    """Return the path of the calendar that an address leads to.

    Args:
        exchange: its start is the address: a calendar, or a server that is asked for the user's calendars.
        name: which of several calendars, by display name or last part of its path.

    Raises:
        SourceUnusableError: it leads to none, or to several.
    """
    for start in (exchange.start, "/.well-known/caldav"):
        answer, path = await _ask(exchange, start, depth="0")
        if answer.status != _MULTI_STATUS:
            continue
        member = _first(answer)
        if member is not None and _is_calendar(member):
            return path
        principal = member.href_in(f"{DAV}current-user-principal") if member else None
        if principal:
            return await _chosen(exchange, principal, name)
    raise SourceUnusableError("expected 'url' to lead to a calendar, came none; name the calendar's own address")


async def _chosen(exchange: Exchange, principal: str, name: str | None) -> str:
    answer, _ = await _ask(exchange, exchange.path_of(principal), depth="0")
    home = (found.href_in(f"{CALDAV}calendar-home-set") if (found := _first(answer)) else None) or principal
    listing, _ = await _ask(exchange, exchange.path_of(home), depth="1")
    calendars = [member for member in multistatus.read(listing).members if _is_calendar(member)]
    wanted = [member for member in calendars if name is None or name in _names(member)]
    if len(wanted) != 1:
        came = f"{len(wanted)} of {len(calendars)}"
        raise SourceUnusableError(f"expected one calendar, came {came}; name it in 'calendar' or its address in 'url'")
    return exchange.path_of(wanted[0].href)


async def _ask(exchange: Exchange, path: str, *, depth: str) -> tuple[Answer, str]:
    """Ask for the properties of a path, following redirects on the same server."""
    headers = {"depth": depth, "content-type": "application/xml; charset=utf-8"}
    for _ in range(_MOST_REDIRECTS):
        answer = await exchange.send("PROPFIND", path, body=bodies.PLACES, headers=headers)
        if answer.status not in _REDIRECTS:
            return answer, path
        path = exchange.path_of(answer.headers.get("location", path))
    raise SourceUnusableError("expected an answer, came redirects without end")


def _first(answer: Answer) -> Member | None:
    return next(iter(multistatus.read(answer).members), None)


def _is_calendar(member: Member) -> bool:
    """Whether it is a calendar that takes events."""
    if not member.has(f"{DAV}resourcetype", f"{CALDAV}calendar"):
        return False
    kinds = member.found.get(f"{CALDAV}supported-calendar-component-set")
    return kinds is None or any(kind.get("name") == "VEVENT" for kind in kinds) or len(kinds) == 0


def _names(member: Member) -> set[str]:
    return {unquote(member.href.rstrip("/").rpartition("/")[2]), member.text(f"{DAV}displayname") or ""}
