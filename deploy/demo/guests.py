"""The user's own calendar: its entries join the city's calendar and take the same way."""

import time
from collections import defaultdict
from pathlib import Path
from urllib.parse import urlsplit

import httpx
from icalendar import Calendar, Component

from deploy.demo.story import World

MAX_BYTES = 5_000_000
SETTLED = 8.0  # seconds without a change in the folder: what comes has come


class GuestCalendarError(Exception):
    """The calendar named cannot be read."""


def invite(calendar: str, world: World) -> list[str]:
    """Put every entry of a calendar into the city's, and tell what arrived and what was refused.

    Raises:
        GuestCalendarError: the file or address holds no calendar.
    """
    before = _files(world)
    refused = [uid for uid, text in _entries(_fetch(calendar)).items() if not _put(world, uid, text)]
    seen, quiet = before, time.monotonic()
    while time.monotonic() - quiet < SETTLED:
        now = _files(world)
        if now != seen:
            seen, quiet = now, time.monotonic()
        time.sleep(0.5)
    lines = [f"{len(seen - before)} of your entries arrived"]
    if refused:
        lines.append(f"{len(refused)} entries were refused by the calendar server itself")
    return lines + world.hub.lines("deadletter", "list")


def _files(world: World) -> set[str]:
    return {path.name for path in (world.ngo / "out").glob("*.ics")}


def _fetch(calendar: str) -> bytes:
    try:
        if "://" not in calendar:
            data = Path(calendar).read_bytes()
        else:
            address = calendar.replace("webcal://", "https://", 1)
            data = httpx.get(address, follow_redirects=True, timeout=20).raise_for_status().content
    except (OSError, httpx.HTTPError) as error:
        raise GuestCalendarError(f"expected a calendar at {_place(calendar)}: {type(error).__name__}") from None
    if len(data) > MAX_BYTES:
        raise GuestCalendarError(f"expected at most {MAX_BYTES} bytes from {_place(calendar)}, came {len(data)}")
    return data


def _place(calendar: str) -> str:
    """Name a calendar without the token that a private address carries."""
    return urlsplit(calendar).hostname or Path(calendar).name


def _entries(data: bytes) -> dict[str, str]:
    """Take a calendar apart: one calendar per UID, as CalDAV keeps them, each with the zones it may need."""
    try:
        whole = Calendar.from_ical(data)
    except ValueError:
        raise GuestCalendarError("expected iCalendar text (RFC 5545), begun by BEGIN:VCALENDAR") from None
    by_uid: dict[str, list[Component]] = defaultdict(list)
    for event in whole.walk("VEVENT"):
        by_uid[str(event.get("UID", ""))].append(event)
    zones = whole.walk("VTIMEZONE")
    return {uid: _calendar([*zones, *events]) for uid, events in by_uid.items() if uid}


def _calendar(parts: list[Component]) -> str:
    one = Calendar()
    one.add("VERSION", "2.0")
    one.add("PRODID", "-//Learning City Hub//demo//EN")
    for part in parts:
        one.add_component(part)
    return str(one.to_ical(), "utf-8")


def _put(world: World, uid: str, text: str) -> bool:
    try:
        world.city.clerk.put(f"guest-{abs(hash(uid)):x}", text)
    except httpx.HTTPStatusError:
        return False
    return True
