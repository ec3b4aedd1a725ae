"""What a reader knows who takes the city's facts one after the other. Pure."""

import json
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from tests.faults.calendars.entry import Entry
from tests.faults.checker.evidence import Row
from tests.faults.messages import CANCELLED, PUBLISHED, WITHDRAWN

CITY = "stadt-gelsenkirchen"


@dataclass(slots=True)
class Told:
    """One entry. ``body``: as last published, None once withdrawn; ``said``: type and content of each fact."""

    body: dict[str, Any] | None = None
    off: bool = False
    withdrawn: int = 0
    said: list[tuple[str, str]] = field(default_factory=list)
    revisions: list[int] = field(default_factory=list)

    def take(self, kind: str, body: dict[str, Any]) -> None:
        """Take the next fact."""
        self.revisions.append(body["revision"])
        self.said.append((kind, json.dumps({**body, "revision": 0}, sort_keys=True)))
        self.off = kind == CANCELLED
        if kind == WITHDRAWN:
            self.body, self.withdrawn = None, self.withdrawn + 1
        elif kind == PUBLISHED:
            self.body = body

    def differs(self, entry: Entry) -> str:
        """Return what is known otherwise than the calendar has it; of what is called off, only that it is."""
        if self.body is None:
            return "not there"
        if self.off or entry.off:
            return "" if self.off == entry.off else f"off: {self.off}, in the calendar {entry.off}"
        text, starts = self.body["texts"][0], [each["start"]["local"] for each in self.body["sessions"]]
        if text["title"] != entry.title or text["description"] != entry.description:
            return f"{text['description']}, in the calendar {entry.description}"
        hours = {datetime.fromisoformat(start).time() for start in starts}
        if entry.weekly and (len(starts) < 2 or hours != {entry.start.time()}):
            return f"{len(starts)} dates at {len(hours)} hours, in the calendar every week"
        if not entry.weekly and [datetime.fromisoformat(start) for start in starts] != [entry.start]:
            return f"at {starts}, in the calendar at {entry.start}"
        return ""


def of_city(rows: Iterable[Row]) -> list[Row]:
    """Return the city's facts, from its inbox or stamped as its."""
    return [row for row in rows if row.topic == f"partner.{CITY}.inbox" or row.text("ce_source").endswith(f"/{CITY}")]


def taken(rows: Iterable[Row]) -> dict[str, Told]:
    """Return what is known of each entry, by its UID, after all rows in the order of their topic."""
    known: dict[str, Told] = defaultdict(Told)
    for row in sorted(rows, key=lambda row: (row.topic, row.partition, row.offset)):
        body = json.loads(row.value)
        known[body["event_id"].partition(":")[2]].take(row.text("ce_type"), body)
    return dict(known)
