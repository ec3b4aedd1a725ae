"""What became of each row of a file: for the facts, and for the answer."""

import json
from collections.abc import Callable
from dataclasses import dataclass, field

from contracts.wording import Wording
from flows.connector import Draft, Refused
from flows.connectors.spreadsheet.header import Header
from flows.connectors.spreadsheet.records import Record
from flows.connectors.spreadsheet.sheet import Sheet


@dataclass(slots=True)
class Line:
    """One row that says something. ``notes``: what was left out, by field."""

    record: Record
    uid: str = ""
    notes: list[tuple[str, Wording]] = field(default_factory=list)
    flags: tuple[str, ...] = ()  # what was assumed of its date
    same: bool = False  # another row says the same
    told: str = ""  # the object that an enrolment is, by the hub's identifier
    leaving: bool = False  # the row says that somebody does not take part after all


@dataclass(frozen=True, slots=True)
class Page:
    """One sheet that was read: its headings, and its rows that say nothing by number."""

    sheet: Sheet
    header: Header
    passed: dict[int, str]


@dataclass(slots=True)
class Found:
    """All that a file says. ``kept`` makes of a row what its dead letter holds: of people a fingerprint alone."""

    kept: Callable[[bytes], bytes] = bytes
    personal: bool = False  # the rows are about people
    pages: list[Page] = field(default_factory=list)
    lines: list[Line] = field(default_factory=list)
    drafts: list[Draft] = field(default_factory=list)
    refused: list[Refused] = field(default_factory=list)

    def refuse(self, source_id: str, line: Line, name: str, reason: Wording, *, not_public: bool = False) -> None:
        """Refuse one row, or a field of it."""
        place = f"{line.record.place}, {name}" if name else line.record.place
        cells = {name: str(value) for name, value in line.record.cells.items()}
        raw = json.dumps(cells, ensure_ascii=False).encode(errors="backslashreplace")
        self.refused.append(Refused(source_id, place, reason, not_public, self.kept(raw)))
