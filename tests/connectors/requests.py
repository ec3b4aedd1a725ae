"""Tables of requests for places that the tests read, and humans who do not exist."""

import io
from collections.abc import Sequence
from pathlib import Path

import openpyxl

from contracts.agreement import Agreement
from contracts.enrolment import (
    EnrolmentAssociated,
    EnrolmentCancelled,
    EnrolmentDenied,
    EnrolmentFinished,
    EnrolmentQueued,
    EnrolmentRequested,
)
from flows.connector import Item
from flows.connectors.spreadsheet.enrolling import enrolments
from flows.connectors.spreadsheet.lines import Found
from flows.connectors.spreadsheet.terms import Terms
from flows.fingerprints import Fingerprints
from tests.connectors.tables import NOW, PARTNER
from tests.connectors.tables import agreement as of_events

ASKED = ("Kurs", "Nachname", "Vorname", "E-Mail", "Telefon", "Geburtsdatum", "Anmeldedatum", "Abmeldung")
ERIKA = ("K-1", "Kanarien-1", "Erika", "kanarien-2@beispiel.example", "0209 Kanarien-3", "01.03.1987", "02.01.2027", "")
OTTO = ("K-1", "Kanarien-4", "Otto", "kanarien-5@beispiel.example", "", "24.12.58", "03.01.2027", "")
TOLD = (
    EnrolmentRequested,
    EnrolmentQueued,
    EnrolmentAssociated,
    EnrolmentDenied,
    EnrolmentCancelled,
    EnrolmentFinished,
)
KEY = Fingerprints(PARTNER, b"a key for tests")


def agreement(folder: str = "verein", **settings: object) -> Agreement:
    """The agreement of a club that puts tables of requests into a folder, and gets lists."""
    told = of_events(folder, holds={"in": "events", "anmeldungen": "enrolments"}, **settings).model_dump()
    told["purposes"] = ("event_publication", "enrolment_processing")
    told["inbox"]["contracts"] += (EnrolmentRequested.type, EnrolmentCancelled.type)
    told["outbox"]["contracts"] = tuple(contract.type for contract in TOLD)
    told["connector"]["directions"] = ("pull", "push")
    return Agreement.model_validate(told)


def found(raw: bytes, name: str = "anmeldungen.csv", key: Fingerprints = KEY, **settings: object) -> Found:
    """Read one file."""
    return enrolments(Item(name, raw), Terms.of(agreement(**settings)), NOW, key)


def asked(raw: bytes, name: str = "anmeldungen.csv", **settings: object) -> list[EnrolmentRequested]:
    """Return what a file asks for where all of it is taken."""
    told = found(raw, name, **settings)
    assert [str(each) for each in told.refused] == []
    return [draft.fact for draft in told.drafts if isinstance(draft.fact, EnrolmentRequested)]


def list_of(folder: Path, name: str) -> list[Sequence[str]]:
    """Read a participants' list as a spreadsheet does: its rows without the headings."""
    (path,) = folder.glob(f"Teilnehmerliste-{name}-*.xlsx")
    page = openpyxl.load_workbook(io.BytesIO(path.read_bytes())).active
    return [[str(cell or "") for cell in row] for row in page.iter_rows(min_row=2, values_only=True)]
