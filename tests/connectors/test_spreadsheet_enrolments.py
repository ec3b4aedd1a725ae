"""Tables of requests for places, in whatever dialect and order: the same requests under the same names.

Broken rows alone are refused, and nothing of people is left where it should not be.
"""

import asyncio
import itertools
from collections.abc import Sequence
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from contracts.enrolment import EnrolmentCancelled, EnrolmentRequested
from contracts.wording import Wording
from flows.connector import Item, Outcome, Refused
from flows.connectors.spreadsheet.answer import answer
from flows.connectors.spreadsheet.born import born
from flows.connectors.spreadsheet.client import Tables
from flows.connectors.spreadsheet.columns import ENROLMENTS, EVENTS
from flows.connectors.spreadsheet.fates import Heard, fate
from flows.connectors.spreadsheet.lists import RIGHTS
from flows.connectors.spreadsheet.settings import SpreadsheetSettings
from flows.connectors.spreadsheet.sheet import CellUnreadableError, Value
from flows.fingerprints import Fingerprints
from flows.ledger.known import content_hash
from flows.ledger.rejections import Rejection
from flows.ledger.standings import Standing
from flows.pulling.burials import dead_letters
from flows.wording import expected
from tests.connectors.requests import ASKED, ERIKA, KEY, OTTO, asked, found
from tests.connectors.tables import PARTNER, delimited, drop, workbook

PLANTED = ("anarie", "Erika", "erika", "1987", "0209")
HEADED = {
    "Kurs": ("Kurs", "Angebot", "Kurs-Nr.", "Workshop", "VERANSTALTUNG"),
    "Nachname": ("Nachname", "Name", "Familienname*"),
    "Vorname": ("Vorname", "Vorname(n)", "Rufname"),
    "E-Mail": ("E-Mail", "Email", "E-Mail-Adresse"),
    "Telefon": ("Telefon", "Handy", "Tel."),
    "Geburtsdatum": ("Geburtsdatum", "geb. am", "Geb.-Datum"),
    "Anmeldedatum": ("Anmeldedatum", "Anmeldung vom", "Eingang"),
    "Abmeldung": ("Abmeldung", "storniert", "Status"),
}


def told(raw: bytes, **settings: object) -> list[tuple[str, object]]:
    """Each request by its name, with the human in it."""
    return [(fact.enrolment_id, fact.person) for fact in asked(raw, **settings)]


@given(
    data=st.data(),
    separator=st.sampled_from(";,\t|"),
    encoding=st.sampled_from(["utf-8", "utf-8-sig", "cp1252", "utf-16"]),
)
def test_the_same_requests_in_every_dialect(data: st.DataObject, separator: str, encoding: str) -> None:
    """Columns in any order, headed as offices do, below any titles, in any encoding and with any separator."""
    order = data.draw(st.permutations(range(len(ASKED))))
    headings = [data.draw(st.sampled_from(HEADED[ASKED[place]])) for place in order]
    rows = [[row[place] for place in order] for row in (ERIKA, OTTO)]
    above = data.draw(st.sampled_from([(), (("Anmeldungen Frühjahr",), ())]))
    raw = delimited(*above, headings, *rows, separator=separator, encoding=encoding)
    assert told(raw) == told(delimited(ASKED, ERIKA, OTTO))
    assert told(workbook(*above, headings, *rows)) == told(raw)


@given(
    rows=st.permutations([ERIKA, OTTO, ("K-2", *ERIKA[1:])]),
    phone=st.sampled_from(["", "0151 1", "+49 209 1"]),
    mail=st.sampled_from(["", "anders@beispiel.example"]),
)
def test_a_request_keeps_its_name(rows: Sequence[Sequence[str]], phone: str, mail: str) -> None:
    """Wherever the row stands and whatever contact is corrected; who it is cannot be read from it."""
    before = _names(delimited(ASKED, ERIKA, OTTO))
    after = _names(delimited(ASKED, *((*row[:3], mail, phone, *row[5:]) for row in rows)))
    assert before.items() <= after.items()
    assert len({*after.values()}) == 3
    other = found(delimited(ASKED, *rows), key=Fingerprints(PARTNER, b"another key"))
    assert not {*after.values()} & {draft.fact.subject for draft in other.drafts}
    assert not [text for text in PLANTED for name in after.values() if text in name]


def _names(raw: bytes) -> dict[tuple[str, str | None], str]:
    """How each request is called, by what and whom it is for."""
    return {(fact.offering_id, fact.person.name): fact.enrolment_id for fact in asked(raw) if fact.person}


def test_what_the_ledger_compares_cannot_be_tried_out() -> None:
    """It changes with what is corrected, and with the key: a plain hash would be the same for all keys."""
    raw = delimited(ASKED, ERIKA)
    corrected = delimited(ASKED, (*ERIKA[:4], "0151 2", *ERIKA[5:]))
    (mine,), (moved,) = found(raw).drafts, found(corrected).drafts
    (other,) = found(raw, key=Fingerprints(PARTNER, b"another key")).drafts
    assert len({mine.fingerprint, moved.fingerprint, other.fingerprint, content_hash(mine.fact), ""}) == 5
    assert mine.fact.subject == moved.fact.subject


def test_a_human_is_read_for_the_vault() -> None:
    """Name, contact, year of birth and needs, and what tells them from others of the name."""
    raw = delimited((*ASKED, "Allergien"), (*ERIKA, "Nüsse, Milch"))
    (fact,) = asked(raw)
    assert fact.person is not None
    assert fact.person.model_dump() == {
        "person_id": "erika kanarien 1 1987-03-01",
        "name": "Erika Kanarien-1",
        "email": "kanarien-2@beispiel.example",
        "phone": "0209 Kanarien-3",
        "birth_year": 1987,
        "needs": ("Nüsse", "Milch"),
    }
    assert fact.offering_id == f"{PARTNER}:K-1"
    own = asked(delimited(("Mitgliedsnr.", "Kurs", "Name"), ("M-7", "stadt:kurs-1", "Kanarien, Erika")))
    assert [(each.offering_id, each.person.person_id, each.person.name) for each in own if each.person] == [
        ("stadt:kurs-1", "M-7", "Erika Kanarien")
    ]


def test_what_people_write_for_a_course() -> None:
    """The agreement says which event is meant by a title."""
    (fact,) = asked(delimited(ASKED, ("Yoga am Abend", *ERIKA[1:])), offerings={"Yoga am Abend": "stadt:kurs-1"})
    assert fact.offering_id == "stadt:kurs-1"


def test_who_asked_first_goes_first() -> None:
    """The day of the request counts, then the order of the rows; who has none comes last."""
    days = ("05.01.2027", "", "02.01.2027", "02.01.2027")
    rows = [(ERIKA[0], f"N{number}", *ERIKA[2:6], day, "") for number, day in enumerate(days)]
    names = [fact.person.name for fact in asked(delimited(ASKED, *rows)) if fact.person]
    assert names == ["Erika N2", "Erika N3", "Erika N0", "Erika N1"]


@pytest.mark.parametrize(
    ("cell", "gone"),
    [
        ("", False),
        ("ja", True),
        ("x", True),
        ("storniert", True),
        ("05.01.2027", True),
        ("nein", False),
        ("Warteliste", False),
    ],
)
def test_who_leaves_says_so(cell: str, gone: bool) -> None:  # noqa: FBT001 - one of two
    """A word, a tick or a day; who is on a waiting list does not leave. It tells no human."""
    (draft,) = found(delimited(ASKED, (*ERIKA[:-1], cell))).drafts
    assert isinstance(draft.fact, EnrolmentCancelled if gone else EnrolmentRequested)
    (before,) = asked(delimited(ASKED, ERIKA))
    assert draft.fact.subject == before.enrolment_id
    assert not gone or b"anarie" not in draft.fact.payload()


BROKEN = {
    "offering": (("", *OTTO[1:]), "erwartet: der Kurs"),
    "last_name": (("K-1", "", "", *OTTO[3:]), "erwartet: ein Name"),
    "birth": (("K-1", "Kanarien-4", "Otto", "", "", "", *OTTO[6:]), "erwartet: was Menschen gleichen Namens"),
    "email": ((*OTTO[:3], "kanarien-5 at home", *OTTO[4:]), "erwartet: eine E-Mail-Adresse"),
    "cancelled": ((*OTTO[:-1], "vielleicht"), "erwartet: eins von storniert"),
}


@pytest.mark.parametrize("field", BROKEN)
def test_a_broken_row_is_refused_and_its_neighbours_go(field: str) -> None:
    """With row, field and reason in German; what is kept of it is a fingerprint."""
    row, reason = BROKEN[field]
    read = found(delimited(ASKED, ERIKA, row))
    (refused,) = read.refused
    assert (refused.place, len(read.drafts)) == (f"sheet 1, row 3, {field}", 1)
    assert refused.reason.de.startswith(reason)
    letters = dead_letters(
        PARTNER, read.refused, [Item("anmeldungen.csv", b"Kanarien", kept=b"fingerprint")], "2027-01-01T00:00:00Z"
    )
    assert [text for text in ("anarien", "Otto", "beispiel") if text in repr(letters)] == []
    assert len(letters) == 1


def test_a_row_twice() -> None:
    """The same again is passed over; one that says otherwise is refused, as two humans of a name might be one."""
    read = found(delimited(ASKED, ERIKA, ERIKA, (*ERIKA[:4], "0151", *ERIKA[5:])))
    assert (len(read.drafts), [line.same for line in read.lines], [each.place for each in read.refused]) == (
        1, [False, True, False], ["sheet 1, row 4, last_name"],
    )  # fmt: skip


def test_a_file_without_headings_leaves_nothing_of_it(tmp_path: Path) -> None:
    """Its name and its content may be a human's: both stand as fingerprints, in refusals and dead letters."""
    drop(tmp_path, "Anmeldung Kanarien-9.csv", b"Erika Kanarien-1;1987")
    tables = Tables(tmp_path, 0, ENROLMENTS, KEY, RIGHTS, "anmeldungen/")
    reading = asyncio.run(tables.read(None))
    (item,) = reading.items
    read = found(item.raw, item.source_id)
    letters = dead_letters(PARTNER, read.refused, reading.items, "2027-01-01T00:00:00Z")
    shown = repr((item.source_id, reading.cursor, read.refused, letters))
    assert (len(letters), [text for text in PLANTED if text in shown]) == (1, [])
    assert read.refused[0].reason.de.startswith("erwartet: eine Zeile mit Überschriften, mindestens Kurs und Nachname")
    tables.answer(item.source_id, b"x")
    answered = tmp_path / "Anmeldung Kanarien-9.csv.antwort.csv"
    assert answered.stat().st_mode & 0o007 == 0, "it is about people: owner and group alone"
    assert answered.read_bytes() == b"x"


@pytest.mark.parametrize(
    ("cell", "said"),
    [
        ("01.03.1987", "1987-03-01"), ("1.3.87", "1987-03-01"), ("24.12.58", "1958-12-24"), ("1.2.12", "2012-02-01"),
        ("1987-03-01", "1987-03-01"), ("1987", "1987"), (1987.0, "1987"), (date(1950, 5, 5), "1950-05-05"),
        (datetime(1950, 5, 5, tzinfo=UTC), "1950-05-05"), ("31837", "1987-03-01"),
    ],
)  # fmt: skip
def test_when_somebody_was_born(cell: Value, said: str) -> None:
    """Days as Germans write them, years alone, and what spreadsheets make of them."""
    assert born(cell, date(1899, 12, 30), date(2026, 11, 24)) == said


@pytest.mark.parametrize("cell", ["31.02.1987", "02/03/1987", "morgen", "1.1.1800", "01.03.2099", "", True])
def test_when_nobody_was_born(cell: Value) -> None:
    """What is no day, no day of a life, or ambiguous is refused."""
    with pytest.raises(CellUnreadableError):
        born(cell, date(1899, 12, 30), date(2026, 11, 24))


CAUSES = {
    "requested": (None,),
    "queued": (None,),
    "associated": (None,),
    "denied": ("organiser", "offering-unknown", "offering-closed", "offering-cancelled", "offering-withdrawn"),
    "cancelled": ("person", "organiser", "offering-cancelled", "offering-withdrawn"),
    "finished": (None,),
}


def test_each_outcome_is_told_in_both_languages() -> None:
    """Whatever the hub may tell of an enrolment has its sentence, and each its own."""
    rows = [(status, cause) for status, causes in CAUSES.items() for cause in causes]
    said = set()
    for (status, cause), leaving in itertools.product(rows, (False, True)):
        result, why = fate(Heard(Standing("verein:x", "verein:K-1", "a" * 26, status, 3, cause)), leaving=leaving)
        assert result
        assert why.de != why.en
        said.add((result, why.de))
    assert len(said) == len(rows) + 2
    assert "3" in fate(Heard(Standing("v:x", "v:K", "", "queued", 3)), leaving=False)[1].de


def test_what_the_hub_refused_is_told_until_a_later_request_counts() -> None:
    """In the hub's words; and why an event is off in the organiser's, in the reader's language or the first one."""
    refused = Rejection(2, Wording("expected another state", "erwartet: ein anderer Stand"))
    for asked_, result in ((0, "refused"), (1, "refused"), (2, "associated"), (3, "associated")):
        standing = Standing("verein:x", "verein:K-1", "", "associated", asked=asked_)
        assert fate(Heard(standing, refused), leaving=False)[0] == result
    assert fate(Heard(None, refused), leaving=True) == ("refused", refused.reason)
    off = Standing("v:x", "v:K", "", "cancelled", cause="offering-cancelled", reason={"tr": "Az", "de": "Zu wenige"})
    why = fate(Heard(off), leaving=False)[1]
    assert ("„Zu wenige“" in why.de, "“Az”" in why.en) == (True, True)


def test_an_answer_tells_what_became_of_each_row() -> None:
    """The outcome in place of the door's answer as soon as it is known; nobody is gone by being missing."""
    raw = delimited(ASKED, ERIKA, OTTO, BROKEN["email"][0])
    read = found(raw)
    name = str(asked(delimited(ASKED, ERIKA))[0].enrolment_id)
    outcome = Outcome((Item("anmeldungen.csv", raw),), tuple(read.refused), {})
    known = {name: Heard(Standing(name, f"{PARTNER}:K-1", "a" * 26, "queued", 2))}
    text = answer("anmeldungen.csv", read, outcome, "de", known).decode("utf-8-sig")
    assert "Platz 2 der Warteliste" in text
    assert ";angenommen;" in text
    assert "wer in der Tabelle fehlt, bleibt angemeldet" in text
    assert "gelöscht" not in text
    assert "2 Zeilen übernommen, 1 abgelehnt" in text


@pytest.mark.parametrize("name", ["out", "../in", "a/b", "", "in\n", "x" * 61])
def test_a_folder_of_tables_has_a_plain_name(name: str) -> None:
    """No way out of the partner's folder, nor into that of the lists."""
    with pytest.raises(ValidationError, match="expected"):
        SpreadsheetSettings.model_validate({"folder": "x", "holds": {name: "enrolments"}})


def test_events_do_not_read_people() -> None:
    """Of a table of courses a column about humans stays unread; of requests it is what is read."""
    assert "telefon" in EVENTS.unread()
    assert ENROLMENTS.unread() == frozenset()


def test_a_refusal_for_another_file_is_not_this_ones() -> None:
    """What the flow refuses of an enrolment as a whole reaches the row that told it."""
    read = found(delimited(ASKED, ERIKA))
    (draft,) = read.drafts
    refused = Refused("anmeldungen.csv", draft.place, expected("told-once"))
    outcome = Outcome((Item("anmeldungen.csv", b""),), (refused,), {})
    assert ";abgelehnt;" in answer("anmeldungen.csv", read, outcome, "de").decode("utf-8-sig")
