"""The catalogue as a table that a spreadsheet opens without questions: one row a date."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache

from contracts.event import EventPublished
from contracts.parts import Session
from contracts.place import Place
from contracts.vocabulary import load
from flows.connectors.cells import written
from flows.icalendar.places import rendered

_ANSWERS = {"yes": "ja / yes", "no": "nein / no", "unknown": ""}


@cache
def _licences() -> dict[str, str]:
    """Return the licences by their identifiers, as people call them; one with an international name has it once."""
    return {term["id"]: " / ".join(dict.fromkeys((term["de"], term["en"]))) for term in load("licences")["term"]}


@dataclass(frozen=True, slots=True)
class Row:
    """One date of an event; none where its dates are not fixed."""

    event: EventPublished
    cancelled: bool
    session: Session | None = None

    @property
    def status(self) -> str:
        """In words, German and English."""
        if self.cancelled or (self.session and self.session.status == "cancelled"):
            return "fällt aus / cancelled"
        if self.session is None:
            return "Termin folgt / date to follow"
        moved = "verlegt / moved" if self.session.moved_from else "findet statt / scheduled"
        return {"tentative": "unter Vorbehalt / tentative", "postponed": "verschoben / postponed"}.get(
            self.event.status, moved
        )


COLUMNS: tuple[tuple[str, Callable[[Row], str | None]], ...] = (
    ("Titel / Title", lambda row: row.event.texts[0].title),
    ("Beginn / Start", lambda row: _shown(row.session.start.local, row.session) if row.session else None),
    ("Ende / End", lambda row: _last(row.session) if row.session else None),
    ("ganztägig / all day", lambda row: ("ja / yes" if row.session.all_day else "nein / no") if row.session else None),
    ("Zeitzone / Time zone", lambda row: row.session.start.zone if row.session else None),
    ("Stand / Status", lambda row: row.status),
    ("Ort / Place", lambda row: rendered(where) if (where := _where(row)) else None),
    ("Online", lambda row: str(row.event.online_url or "")),
    ("Veranstalter / Organiser", lambda row: row.event.organiser.name),
    ("Kontakt / Contact", lambda row: row.event.organiser.contact),
    ("Plätze / Places", lambda row: str((row.event.capacity and row.event.capacity.maximum) or "")),
    ("kostenfrei / free of charge", lambda row: _ANSWERS[row.event.free_of_charge]),
    ("Preise / Prices", lambda row: "; ".join(f"{p.tariff}: {p.amount} {p.currency}" for p in row.event.prices)),
    ("Anmeldung / Registration", lambda row: str((row.event.registration and row.event.registration.url) or "")),
    ("Sprachen / Languages", lambda row: ", ".join(row.event.languages)),
    ("Schlagwörter / Keywords", lambda row: ", ".join(row.event.keywords)),
    ("Beschreibung / Description", lambda row: row.event.texts[0].description),
    ("Quelle / Source", lambda row: str(row.event.source_url or "")),
    ("Lizenz / Licence", lambda row: _licences()[row.event.licence]),
    ("Kennung / Identifier", lambda row: row.event.event_id),
)


def rows(event: EventPublished, *, cancelled: bool) -> list[Row]:
    """Return the rows of one event."""
    return [Row(event, cancelled, session) for session in event.sessions] or [Row(event, cancelled)]


def table(lines: Iterable[Row]) -> bytes:
    """Write the rows in the order of their dates; times as ISO 8601."""
    ordered = sorted(
        lines, key=lambda row: (row.session is None, row.session.start.utc.isoformat() if row.session else "")
    )
    cells = ([cell(row) or "" for _, cell in COLUMNS] for row in ordered)
    return written([title for title, _ in COLUMNS], cells)


def _shown(local: datetime, session: Session) -> str:
    return f"{local:%Y-%m-%d}" if session.all_day else f"{local:%Y-%m-%d %H:%M}"


def _last(session: Session) -> str:
    """Show the end as people say it: the last day, where the contract has the day after."""
    shown = session.end.local - timedelta(days=1) if session.all_day else session.end.local
    return _shown(max(shown, session.start.local), session)


def _where(row: Row) -> Place | None:
    return (row.session.place if row.session else None) or row.event.place
