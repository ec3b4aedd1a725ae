"""Tables that the spreadsheet's tests read: as a file of any dialect, and through the source of a partner."""

import csv
import io
import os
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path

import openpyxl

from contracts.agreement import Agreement
from contracts.event import EventCancelled, EventPublished
from flows.connector import Item
from flows.connectors.spreadsheet.lines import Found
from flows.connectors.spreadsheet.mapping import read
from flows.connectors.spreadsheet.terms import Terms

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
PARTNER = "verein"
CONTRACTS = [contract.type for contract in (EventPublished, EventCancelled)]
HEADINGS = ("Kurs-Nr.", "Titel", "Datum", "Beginn", "Ende", "Veranstaltungsort", "Plätze", "Preis")
YOGA = ("K-1", "Yoga für Anfänger", "01.02.2027", "18:00", "19:30", "Turnhalle Ückendorf", "12", "12,50")
JUDO = ("K-2", "Judo", "03.02.2027", "17:00", "18:00", "Halle", "20", "kostenlos")


def agreement(folder: str = "verein", partner: str = PARTNER, **settings: object) -> Agreement:
    """The agreement of a club that puts tables into a folder."""
    return Agreement.model_validate(
        {
            "id": partner,
            "status": "draft",
            "purposes": ["event_publication"],
            "name": {"de": "Sportverein Schalke", "en": "Sports club Schalke"},
            "owner": {"unit": "Geschäftsstelle", "contact": "info@verein.example"},
            "inbox": {"contracts": CONTRACTS},
            "connector": {
                "kind": "spreadsheet",
                "directions": ["pull"],
                "licence": "CC-BY-4.0",
                "settings": {"folder": folder, "rest": 0, **settings},
            },
        }
    )


def delimited(*rows: Sequence[object], separator: str = ";", encoding: str = "utf-8") -> bytes:
    """Write rows as CSV; for UTF-16 with its mark."""
    out = io.StringIO(newline="")
    csv.writer(out, delimiter=separator, lineterminator="\r\n").writerows(rows)
    return out.getvalue().encode(encoding)


def workbook(*rows: Sequence[object], epoch: datetime | None = None, **sheets: Sequence[Sequence[object]]) -> bytes:
    """Write rows as XLSX, and further sheets by name."""
    book = openpyxl.Workbook()
    if epoch is not None:
        book.epoch = epoch
    page = book.active
    for row in rows:
        page.append(list(row))
    for name, lines in sheets.items():
        other = book.create_sheet(name)
        for row in lines:
            other.append(list(row))
    return saved(book)


def saved(book: openpyxl.Workbook) -> bytes:
    """Return a workbook's bytes."""
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def found(raw: bytes, name: str = "kurse.csv", **settings: object) -> Found:
    """Read one file."""
    return read(Item(name, raw), Terms.of(agreement(**settings)), NOW)


def events(raw: bytes, name: str = "kurse.csv", **settings: object) -> list[EventPublished]:
    """Return what a file tells where all of it is taken."""
    told = found(raw, name, **settings)
    assert [str(each) for each in told.refused] == []
    return [draft.fact for draft in told.drafts if isinstance(draft.fact, EventPublished)]


def refusals(raw: bytes, name: str = "kurse.csv", **settings: object) -> dict[str, str]:
    """Return the reasons in German, by place."""
    return {each.place: each.reason.de for each in found(raw, name, **settings).refused}


def row(**cells: object) -> Mapping[str, object]:
    """One event that is complete, with other cells by heading."""
    return dict(zip(HEADINGS, YOGA, strict=True)) | cells


def one(**cells: object) -> bytes:
    """Write a table of one row, with further columns."""
    told = row(**cells)
    return delimited(list(told), list(told.values()))


def drop(folder: Path, name: str, raw: bytes, age: int = 0) -> None:
    """Put a file into a folder, some seconds old."""
    (folder / name).write_bytes(raw)
    os.utime(folder / name, (1_700_000_000 - age, 1_700_000_000 - age))


def answer_of(folder: Path, name: str) -> list[dict[str, str]]:
    """Read an answer as a spreadsheet does."""
    text = (folder / f"{name}.antwort.csv").read_bytes().decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(text, newline=""), delimiter=";"))
