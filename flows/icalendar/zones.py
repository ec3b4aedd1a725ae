"""Which time zone a time is in: by name, by the calendar's own VTIMEZONE, else by a default."""

import itertools
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from functools import lru_cache
from typing import cast
from zoneinfo import ZoneInfo, available_timezones

from icalendar import Timezone

from flows.icalendar.blocks import Block
from flows.icalendar.properties import Component
from flows.icalendar.zone_names import iana_name


@dataclass(frozen=True, slots=True)
class Zone:
    """``name`` shows the wall clock (IANA), ``rules`` say when it is: UTC or a calendar's own may differ from it."""

    name: str
    rules: tzinfo
    assumed: bool = False

    @classmethod
    def named(cls, name: str, *, assumed: bool = False) -> "Zone":
        """Make a zone of the IANA database."""
        return cls(name, ZoneInfo(name), assumed)


class Zones:
    """The zones of one calendar."""

    def __init__(self, definitions: list[Block], calendar_zone: str | None, default: str) -> None:
        """Keep the VTIMEZONEs by name.

        Args:
            definitions: the calendar's VTIMEZONE blocks.
            calendar_zone: X-WR-TIMEZONE as written, where there is one.
            default: the source's zone (IANA), for times whose calendar names none.
        """
        self._definitions = {_text(block, "TZID"): block for block in definitions if block.closed}
        named = iana_name(calendar_zone) if calendar_zone else None
        self.default = Zone.named(named or default)
        self.floating = Zone.named(named or default, assumed=named is None)

    def find(self, written: str | None, year: int) -> Zone:
        """Return the zone of a TZID; ``assumed`` where neither its name nor a VTIMEZONE tells.

        Args:
            written: the TZID, None for a floating time.
            year: whose offsets decide which IANA zone a VTIMEZONE describes.
        """
        if not written:
            return self.floating
        name = iana_name(written)
        if name:
            return Zone.named(name)
        block = self._definitions.get(written)
        if block is None:
            return Zone(self.default.name, self.default.rules, assumed=True)
        location = iana_name(_text(block, "X-LIC-LOCATION"))
        return Zone.named(location) if location else _by_rules(_source(block), year, self.default.name)


def _text(block: Block, name: str) -> str:
    prop = Component(block).one(name)
    return prop.text.strip() if prop else ""


def _source(block: Block) -> str:
    """Write the definition out again under a name of ours: the icalendar package keeps the names it has read."""
    kept = ("DTSTART", "TZOFFSET", "RRULE", "RDATE", "TZNAME")
    rules = [
        f"BEGIN:{rule.name}\r\n"
        + "".join(f"{line.text}\r\n" for line in rule.lines if line.text.upper().startswith(kept))
        + f"END:{rule.name}\r\n"
        for rule in block.children
    ]
    return "BEGIN:VTIMEZONE\r\nTZID:X-LCH-OWN\r\n" + "".join(rules) + "END:VTIMEZONE\r\n"


@lru_cache(maxsize=256)
def _by_rules(source: str, year: int, default: str) -> Zone:
    """Find the IANA zone with the offsets of a VTIMEZONE in that year and the next; the default is tried first.

    Where none has them, the definition itself says when it is and the default shows the wall clock.
    """
    days = itertools.product((year, year + 1), range(1, 13), (1, 15))
    samples = [datetime(*day, 12, tzinfo=UTC) for day in days]
    try:
        rules = Timezone.to_tz(cast("Timezone", Timezone.from_ical(source)), lookup_tzid=False)
        offsets = [moment.astimezone(rules).utcoffset() for moment in samples]
    except (ValueError, KeyError, TypeError, IndexError, AttributeError, OverflowError):
        return Zone(default, ZoneInfo(default), assumed=True)
    for name in (default, "Europe/Berlin", *sorted(available_timezones())):
        zone = ZoneInfo(name)
        if all(moment.astimezone(zone).utcoffset() == offset for moment, offset in zip(samples, offsets, strict=True)):
            return Zone.named(name)
    return Zone(default, rules)
