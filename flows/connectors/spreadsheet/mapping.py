"""One file of events to drafts; pure."""

from collections.abc import Sequence
from datetime import UTC, datetime

from contracts.admission import admit
from contracts.refusal import Refusal
from flows.connector import Draft, Item
from flows.connectors.spreadsheet.columns import EVENTS
from flows.connectors.spreadsheet.events import fact
from flows.connectors.spreadsheet.groups import Group, grouped
from flows.connectors.spreadsheet.lines import Found
from flows.connectors.spreadsheet.pages import take
from flows.connectors.spreadsheet.spans import WrongCellError
from flows.connectors.spreadsheet.terms import Terms
from flows.icalendar.identity import object_id
from flows.ledger.known import Change, Known
from flows.ledger.outgoing import allocate


def read(item: Item, terms: Terms, now: datetime) -> Found:
    """Read a file: any number of events, its broken rows refused by sheet, row and field."""
    found = Found()
    take(found, item, terms, EVENTS)
    for uid, rows in grouped(found, item.source_id, terms).items():
        _tell(found, uid, rows, (item.source_id, terms, now))
    return found


def _tell(found: Found, uid: str, rows: Sequence[Group], how: tuple[str, Terms, datetime]) -> None:
    """Make the fact of one identifier, and let it pass the hub's own door before anybody reads that it was taken."""
    (source_id, terms, now), line = how, rows[0].line
    try:
        made, details = fact([row.dated for row in rows], object_id(terms.agreement.id, uid), terms)
    except WrongCellError as error:
        for row in rows:
            found.refuse(source_id, row.line, error.name, error.reason)
        return
    known = Known(made.subject, source_id, "", 0)
    message = allocate(Change("new", made, known), f"{now.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}")
    judged = admit(message.message(terms.agreement.id), terms.agreement)
    if isinstance(judged, Refusal):
        for row in rows:
            found.refuse(source_id, row.line, "", judged.expected)
        return
    line.notes += details.notes
    flags = tuple(dict.fromkeys(flag for row in rows for flag in row.line.flags))
    found.drafts.append(Draft(made, source_id, flags, place=line.record.place))
