"""One .ics file to drafts; pure."""

from datetime import datetime

from flows.connector import Item, Mapped
from flows.icalendar.context import Context
from flows.icalendar.reading import read


def mapped(item: Item, context: Context, now: datetime) -> Mapped:
    """Read a file: any number of events, named by line in refusals; one still being copied has no end, is refused."""
    return read(item.raw, item.source_id, context, now)
