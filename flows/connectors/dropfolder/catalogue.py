"""All events of ``out`` in one calendar and one table. The files are the state: nothing else is remembered."""

from dataclasses import replace
from datetime import UTC, datetime

from contracts.event import EventPublished
from flows.connectors.dropfolder.client import Folder
from flows.connectors.dropfolder.table import Row, rows, table
from flows.icalendar.blocks import Block, blocks
from flows.icalendar.content import rendered, text, vcalendar
from flows.icalendar.context import Context
from flows.icalendar.lines import content_lines
from flows.icalendar.reading import read_entries
from flows.icalendar.writing import zones

CALENDAR, TABLE = "catalogue.ics", "catalogue.csv"


def publish(folder: Folder, context: Context) -> None:
    """Write both catalogues; a file of ``out`` that somebody broke is left out."""
    events: list[EventPublished] = []
    components: list[Block] = []
    lines: list[Row] = []
    for name, raw in folder.outgoing():
        found = read_entries(raw, name, replace(context, ours=True), datetime.now(UTC))
        for told in found.told:
            lines += rows(told.event, cancelled=told.cancelled is not None)
            events.append(told.event)
        components += [] if found.refused else _dated(raw)
    heading = [text("X-WR-CALNAME", "Lernende Stadt"), text("X-WR-TIMEZONE", context.zone)]
    folder.write(CALENDAR, rendered(vcalendar([*zones(events), *components], heading)))
    folder.write(TABLE, table(lines))


def _dated(raw: bytes) -> list[Block]:
    """Return the events of a file that have a date: one without has no place in a calendar others read."""
    vevents = (vevent for root in blocks(content_lines(raw).lines) for vevent in root.inside("VEVENT"))
    return [vevent for vevent in vevents if any(line.text.startswith("DTSTART") for line in vevent.lines)]
