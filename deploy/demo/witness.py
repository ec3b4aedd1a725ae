"""Reads what became of the story from the systems themselves; nothing here knows what should be there."""

import json
import shlex
import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import recurring_ical_events
from icalendar import Calendar

from deploy import orderly
from deploy.demo import operators_editor
from deploy.demo.courses import ZONE

PROGRAM = Path(sys.executable).with_name("hub")


@dataclass(frozen=True, slots=True)
class Sighting:
    """One event as a calendar tells it: title, status, and its dates on the local wall clock."""

    title: str
    status: str
    dates: tuple[datetime, ...]

    def __str__(self) -> str:
        """As one line."""
        told = [f"{day:%a %d %b %Y %H:%M} (UTC{day:%z})" for day in self.dates]
        mark = " (cancelled)" if self.status == "CANCELLED" else ""
        return f"{self.title}{mark}: {', '.join(told)}"


def read_calendars(texts: Iterable[str]) -> dict[str, Sighting]:
    """Return the events of some calendars by title."""
    found: dict[str, Sighting] = {}
    for text in texts:
        for calendar in Calendar.from_ical(text, multiple=True):
            for event in calendar.walk("VEVENT"):
                title = str(event.get("SUMMARY", ""))
                found[title] = Sighting(title, str(event.get("STATUS", "")), _dates(calendar, event.get("UID")))
    return found


def read_folder(folder: Path) -> dict[str, Sighting]:
    """Return the events that lie in the NGO's folder, a file each; the catalogue beside them is left out."""
    files = sorted(path for path in folder.glob("*.ics") if path.name != "catalogue.ics")
    return read_calendars(text for path in files if (text := _text(path)))


def read_uids(folder: Path) -> set[str]:
    """Return the UIDs of all that lies in a folder."""
    texts = (text for path in folder.glob("*.ics") if (text := _text(path)))
    calendars = (calendar for text in texts for calendar in Calendar.from_ical(text, multiple=True))
    return {str(event.get("UID", "")) for calendar in calendars for event in calendar.walk("VEVENT")}


def _text(path: Path) -> str:
    """Return a file's content; nothing where the hub has removed it since the folder was listed."""
    try:
        return path.read_text(encoding="utf-8")
    except FileNotFoundError:
        return ""


def _dates(calendar: Any, uid: object) -> tuple[datetime, ...]:  # noqa: ANN401 - icalendar ships no types for it
    events = recurring_ical_events.of(calendar, skip_bad_series=True).all()
    starts = [event["DTSTART"].dt for event in events if event.get("UID") == uid]
    return tuple(sorted(start.astimezone(ZONE) for start in starts if isinstance(start, datetime)))


class HubCommand:
    """The ``hub`` command, called as an operator calls it."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        """Know the hub's addresses."""
        self._environment = dict(environment)

    def lines(self, *words: str) -> list[str]:
        """Return what a command prints."""
        done = orderly.program([str(PROGRAM), *words], self._environment)
        return done.stdout.splitlines() or done.stderr.splitlines()

    def repair(self, letter: str, reason: str) -> None:
        """Repair a dead letter in the operator's editor."""
        editor = shlex.join([sys.executable, "-m", operators_editor.__name__])
        words = [str(PROGRAM), "deadletter", "repair", letter, "--reason", reason, "--yes"]
        orderly.program(words, {**self._environment, "VISUAL": editor})

    def rows(self, *words: str) -> list[dict[str, Any]]:
        """Return what a command says as JSON: a list, or a line each; nothing while a part is away."""
        text = "\n".join(self.lines(*words))
        try:
            whole = json.loads(text)
        except json.JSONDecodeError:
            return [json.loads(line) for line in text.splitlines() if line.startswith("{")]
        return whole if isinstance(whole, list) else [whole]
