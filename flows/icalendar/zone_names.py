"""A time zone's name as calendars write it, to its name in the IANA database."""

import re
import tomllib
from functools import cache
from importlib.resources import files
from zoneinfo import available_timezones

from icalendar.timezone.windows_to_olson import WINDOWS_TO_OLSON

_OFFSET_LABEL = re.compile(r"^\((?:UTC|GMT)[^)]*\)\s*", re.IGNORECASE)


@cache
def _known() -> dict[str, str]:
    """Every name we know, folded: IANA's own last, so that nothing shadows it."""
    ours = tomllib.loads(files(__package__).joinpath("zone_names.toml").read_text(encoding="utf-8"))["zone"]
    names = {**WINDOWS_TO_OLSON, **ours, **{name: name for name in available_timezones()}}
    return {spelling.casefold(): name for spelling, name in names.items()}


@cache
def iana_name(written: str) -> str | None:
    """Return the IANA name that a TZID, X-WR-TIMEZONE or X-LIC-LOCATION means, or None.

    Taken in turn: the name itself; Windows and German names; Outlook's label without its ``(UTC+01:00)``; the end of a
    globally unique id such as ``/mozilla.org/20070129_1/Europe/Berlin`` (RFC 5545, section 3.2.19).
    """
    cleaned = " ".join(written.strip().strip('"').split())
    parts = cleaned.strip("/").split("/")
    candidates = [cleaned, _OFFSET_LABEL.sub("", cleaned), *("/".join(parts[start:]) for start in range(len(parts)))]
    return next((_known()[name.casefold()] for name in candidates if name and name.casefold() in _known()), None)
