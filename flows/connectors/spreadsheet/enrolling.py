"""One file of enrolments to drafts; pure: each row a human's request for a place, or its cancellation.

What a row is called follows from who it is about and for what, by a key: so it is the same wherever the row stands,
whatever else is corrected in it, and tells nobody who it is. Of files that tell the same one, the one saved last holds.
"""

from datetime import UTC, date, datetime
from typing import Any

from pydantic_core import to_json

from contracts.admission import Admitted, Message, admit
from contracts.enrolment import EnrolmentCancelled, EnrolmentRequested
from contracts.envelope import Envelope, source_of
from contracts.fact import Fact
from contracts.refusal import Refusal
from flows.connector import Draft, Item
from flows.connectors.folder import saved
from flows.connectors.spreadsheet.columns import ENROLMENTS
from flows.connectors.spreadsheet.lines import Found, Line
from flows.connectors.spreadsheet.pages import take
from flows.connectors.spreadsheet.requests import Request, request_of
from flows.connectors.spreadsheet.sheet import CellUnreadableError
from flows.connectors.spreadsheet.spans import WrongCellError
from flows.connectors.spreadsheet.terms import Terms
from flows.fingerprints import Fingerprints
from flows.wording import expected

_COLUMNS = {"name": "last_name", "birth_year": "birth", "person_id": "id"}
"""In which column of a table a part of a human stands, where it has another name there."""


def enrolments(item: Item, terms: Terms, now: datetime, fingerprints: Fingerprints) -> Found:
    """Read a file: its broken rows are refused by sheet, row and field; the others go in the order of the requests.

    That is the day on which somebody asked, as far as the rows tell it, then the order of the rows.
    """
    found = Found(kept=lambda raw: fingerprints.of("row", raw).encode(), personal=True)
    take(found, item, terms, ENROLMENTS)
    told: dict[str, tuple[Request, Line]] = {}
    for line in found.lines:
        try:
            _take(told, line, request_of(line.record, terms, now), (terms, fingerprints))
        except WrongCellError as error:
            found.refuse(item.source_id, line, error.name, error.reason)
    in_order = sorted(told.items(), key=lambda each: each[1][0].asked or date.max)
    for name, (request, line) in in_order:
        _tell(found, item, (name, request, line), (terms, now, fingerprints))
    return found


def _take(told: dict[str, tuple[Request, Line]], line: Line, request: Request, how: tuple[Terms, Fingerprints]) -> None:
    terms, fingerprints = how
    line.uid = fingerprints.of("enrolment", request.offering, request.person["person_id"])
    line.told = f"{terms.agreement.id}:{line.uid}"
    line.notes, line.leaving = request.notes, request.cancelled
    before = told.get(line.told)
    if before is None:
        told[line.told] = request, line
    elif (before[0].person, before[0].cancelled) == (request.person, request.cancelled):
        line.same = True
    else:
        line.told = line.uid = ""
        raise WrongCellError("last_name", CellUnreadableError(expected("row-once")))


def _tell(
    found: Found, item: Item, asked: tuple[str, Request, Line], how: tuple[Terms, datetime, Fingerprints]
) -> None:
    """Let one row pass the hub's own door before anybody reads that it was taken."""
    (name, request, line), (terms, now, fingerprints) = asked, how
    contract, body = _body(name, request)
    partner = terms.agreement.id
    envelope = Envelope(f"{name}#1", contract.type, f"{now.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}", source_of(partner))
    judged = admit(Message(request.offering.encode(), to_json(body), envelope.headers()), terms.agreement)
    if isinstance(judged, Refusal):
        _refuse(found, item, line, judged)
    elif isinstance(judged, Admitted):
        print_, rank = fingerprints.of("fact", judged.fact.payload()), (saved(item.etag),)
        found.drafts.append(Draft(judged.fact, item.source_id, (), None, rank, line.record.place, print_))


def _body(name: str, request: Request) -> tuple[type[Fact], dict[str, Any]]:
    body = {"enrolment_id": name, "offering_id": request.offering, "revision": 1}
    if request.cancelled:
        return EnrolmentCancelled, {**body, "cause": "person"}
    return EnrolmentRequested, {**body, "person": request.person}


def _refuse(found: Found, item: Item, line: Line, refusal: Refusal) -> None:
    part = refusal.place.removeprefix("person.").partition(".")[0]
    field = {"offering_id": "offering", **_COLUMNS}.get(part, part)
    found.refuse(item.source_id, line, field if field in ENROLMENTS.columns() else "", refusal.expected)
