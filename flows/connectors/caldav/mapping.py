"""One CalDAV resource to drafts; pure."""

from datetime import datetime

from flows.connector import Item, Mapped
from flows.icalendar.context import Context
from flows.icalendar.reading import read


def mapped(item: Item, context: Context, now: datetime) -> Mapped:
    """Read a resource: one UID with its overrides (RFC 4791, section 4.1), whose path names it in refusals."""
    return read(item.raw, item.source_id, context, now)
