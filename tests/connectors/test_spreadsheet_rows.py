"""Everything that is known to break when offices send tables: each breakage is read as it is meant, or refused."""

import json
from datetime import datetime

import openpyxl
import pytest

from contracts.agreement import Inbox
from contracts.event import EventCancelled, EventPublished
from flows.connector import Item
from flows.connectors.spreadsheet.columns import EVENTS
from flows.connectors.spreadsheet.mapping import read
from flows.connectors.spreadsheet.settings import SpreadsheetSettings
from flows.connectors.spreadsheet.terms import Terms
from tests.connectors.tables import (
    HEADINGS,
    JUDO,
    NOW,
    YOGA,
    agreement,
    delimited,
    events,
    found,
    one,
    refusals,
    saved,
    workbook,
)


def passed(raw: bytes, name: str = "kurse.csv") -> dict[int, str]:
    """Return the rows of the first sheet that say nothing, with why."""
    return found(raw, name).pages[0].passed


# --- the file --------------------------------------------------------------------------------------------------------


def test_the_first_line_may_name_the_separator() -> None:
    """``sep=;`` is Excel's own, and no row: nobody sees it there."""
    raw = b"sep=|\r\n" + delimited(HEADINGS, YOGA, ("K-2", "Judo"), separator="|")
    assert list(refusals(raw)) == ["sheet 1, row 3, date"]


def test_a_mark_is_not_glued_to_the_first_heading() -> None:
    """The byte order mark, even two of them, belongs to no heading."""
    for mark in (b"\xef\xbb\xbf", b"\xef\xbb\xbf\xef\xbb\xbf"):
        assert [event.event_id for event in events(mark + delimited(HEADINGS, YOGA))] == ["verein:K-1"]


def test_umlauts_that_were_broken_are_refused_row_by_row() -> None:
    """``GrÃ¼n`` is told to nobody: who typed it reads what happened, and the other rows go through."""
    broken = ("K-3", "Grüner Tee".encode().decode("cp1252"), *YOGA[2:])
    raw = delimited(HEADINGS, YOGA, broken)
    assert list(refusals(raw)) == ["sheet 1, row 3"]
    assert "Umlaute" in refusals(raw)["sheet 1, row 3"]
    assert len(found(raw).drafts) == 1
    assert len(events(one(Titel="Eintritt KÄ€, GRÖßE"))) == 1


@pytest.mark.parametrize(
    ("raw", "name", "reason"),
    [
        (b"", "leer.csv", "eine Zeile mit Überschriften"),
        (b"\r\n;;\r\n", "leer.csv", "eine Zeile mit Überschriften"),
        (b"\xff\xfeA", "halb.csv", "wie die Kennung der Datei sagt"),
        ("Titel;Datum".encode("utf-16-le"), "ohne-kennung.csv", "weder das noch Windows-1252"),
        (b"Titel;Datum\n\x81;1.2.2027", "fremd.csv", "weder das noch Windows-1252"),
        (b'Titel;Datum\nYoga;"1.2.2027\nJudo;3.2.2027', "offen.csv", "Anführungszeichen paarweise"),
        (b"Name;Alter\nErika;7", "andere.csv", "mindestens Titel und Datum"),
        (b"Titel;Ort\nYoga;Halle", "ohne-datum.csv", "„datum“; sie fehlen"),
        (b"<html><table></table></html>", "webseite.xls", "eine andere Datei"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(512), "alt.xls", "ohne Kennwort"),
        (b"x" * 5_000_001, "gross.csv", "höchstens 5000000 Bytes"),
        (b"Titel;Datum\n" + b"Yoga;1.2.2027\n" * 20_001, "lang.csv", "höchstens 20000 Zeilen"),
    ],
)
def test_a_file_that_is_no_table_is_refused_with_what_to_do(raw: bytes, name: str, reason: str) -> None:
    """One refusal, in German, and not a single event."""
    told = found(raw, name)
    assert told.drafts == []
    (refused,) = told.refused
    assert refused.reason.de.startswith("erwartet: ")
    assert reason in refused.reason.de


def test_a_workbook_under_another_name_is_read_as_one() -> None:
    """What somebody renamed to .csv is still a workbook."""
    assert len(events(workbook(HEADINGS, YOGA), "kurse.csv")) == 1


# --- the headings ----------------------------------------------------------------------------------------------------


def test_titles_above_and_sums_below_are_no_rows() -> None:
    """A letterhead, an empty row, sums, a remark and headings that are repeated: passed over, each with its reason."""
    raw = delimited(
        *(("Sportverein Schalke e. V.",), ("Kursplan", "Stand:", "1.11.2026"), ()),
        *(HEADINGS, YOGA, ("Montag",), (), HEADINGS, JUDO),
        *(("Summe", "", "", "", "", "", "32", "12,50"), ("", "", "", "", "", "", "32", "12,50")),
        ("Änderungen vorbehalten",),
    )
    assert [event.texts[0].title for event in events(raw)] == ["Yoga für Anfänger", "Judo"]
    assert passed(raw) == {
        6: "passed-note", 8: "passed-heading", 10: "passed-sum", 11: "passed-empty", 12: "passed-note"
    }  # fmt: skip


@pytest.mark.parametrize(
    "headings",
    [
        ("KURS-NR", "Name der Veranstaltung", "Datum (TT.MM.JJJJ)", "von", "bis", "Ort", "max. TN", "Preis in €"),
        ("Kursnummer*", " Kurstitel ", "Termin", "Uhrzeit", "Endzeit", "Raum", "Teilnehmer max.", "Gebühr (EUR)"),
        ("ID", "Veranstaltung", "Beginn (Datum)", "Beginn (Uhrzeit)", "Ende (Uhrzeit)", "Wo?", "Kapazität", "Entgelt"),
    ],
)
def test_offices_head_their_columns_as_they_like(headings: tuple[str, ...]) -> None:
    """Other words, signs and units for the same columns, in another order too."""
    (plain,) = events(delimited(HEADINGS, YOGA))
    assert events(delimited(headings, YOGA)) == [plain]
    assert events(delimited(headings[::-1], YOGA[::-1])) == [plain]


def test_headings_over_two_rows() -> None:
    """What stands above belongs to what stands below; merged cells are empty but for the first."""
    raw = delimited(
        ("", "", "Termin", "", "", "Ort", "", ""),
        ("Kennung", "Titel", "Datum", "von", "bis", "Name", "Straße", "PLZ"),
        (*YOGA[:6], "Bochumer Straße 1", "45886"),
    )
    (event,) = events(raw)
    assert event.place is not None
    assert (event.place.name, event.place.street, event.place.postal_code) == (YOGA[5], "Bochumer Straße 1", "45886")
    assert event.sessions[0].end.local == datetime(2027, 2, 1, 19, 30)  # noqa: DTZ001


def test_a_heading_that_may_mean_two_things() -> None:
    """``Ort`` is the place where no other column is, else the town."""
    (alone,) = events(delimited(("Titel", "Datum", "Ort"), ("Yoga", "1.2.2027", "Halle")))
    (beside,) = events(
        delimited(("Titel", "Datum", "Veranstaltungsort", "Ort"), ("Yoga", "1.2.2027", "Halle", "Gelsenkirchen"))
    )
    assert alone.place is not None
    assert beside.place is not None
    assert (alone.place.name, alone.place.locality) == ("Halle", None)
    assert (beside.place.name, beside.place.locality) == ("Halle", "Gelsenkirchen")


def test_the_agreement_says_what_the_words_do_not() -> None:
    """A column of its own name is found; where it is renamed, the file is refused: it would look empty."""
    columns = {"title": "Angebot (Kurz)", "date": "Los geht es"}
    raw = delimited(("Angebot (Kurz)", "los geht es!", "Titel"), ("Yoga", "1.2.2027", "Frau Dr."))
    assert [event.texts[0].title for event in events(raw, columns=columns)] == ["Yoga"]
    renamed = raw.replace(b"los geht es", b"ab")
    assert "„Los geht es“; sie fehlen" in refusals(renamed, columns=columns)["sheet 1, row 1"]
    assert "„Obolus“; sie fehlen" in refusals(raw, columns={**columns, "price": "Obolus"})["sheet 1, row 1"]


def test_a_setting_names_only_fields_that_there_are() -> None:
    """A misspelled field is refused where the agreement is read."""
    with pytest.raises(ValueError, match="expected fields that a row can have, id, title"):
        SpreadsheetSettings.model_validate({"folder": "x", "columns": {"titel": "Titel"}})
    assert {"id", "title", "date", "start", "end", "place", "price", "status"} <= EVENTS.columns().keys()


def test_columns_about_people_are_never_read() -> None:
    """A name in a column for it reaches no fact and no dead letter."""
    raw = one(Kursleitung="Erika Beispiel", Telefon="0209 1234") + one(Kursleitung="Erika Beispiel", Datum="x")
    told = found(raw)
    assert told.pages[0].header.personal == ("Kursleitung", "Telefon")
    facts = [draft.fact.payload() for draft in told.drafts] + [each.raw or b"" for each in told.refused]
    assert len(facts) == 2
    assert not any(b"Erika" in each or b"0209" in each for each in facts)


# --- the rows --------------------------------------------------------------------------------------------------------


def test_a_broken_row_is_refused_alone() -> None:
    """Its place names sheet, row and field, its dead letter holds it alone, and its neighbours are taken."""
    raw = delimited(HEADINGS, YOGA, ("K-3", "Tanz", "31.02.2027", *YOGA[3:]), JUDO)
    told = found(raw)
    assert [draft.fact.subject for draft in told.drafts] == ["verein:K-1", "verein:K-2"]
    (refused,) = told.refused
    assert refused.place == "sheet 1, row 3, date"
    assert "Kalender" in refused.reason.de
    assert "Tanz" not in str(refused)
    assert json.loads(refused.raw or b"")["title"] == "Tanz"


@pytest.mark.parametrize(
    ("cells", "place", "reason"),
    [
        ({"Titel": ""}, "title", "ein Titel"),
        ({"Titel": "x" * 301}, "title", "höchstens 300 Zeichen"),
        ({"Kurs-Nr.": ""}, "id", "in jeder Zeile eine Kennung"),
        ({"Datum": ""}, "date", "„Termin folgt“"),
        ({"Datum": "02/13/2027"}, "date", "01.02.2027"),
        ({"Beginn": "25:00"}, "start", "0:00 bis 24:00"),
        ({"Beginn": "", "Ende": "19:30"}, "date", "ein Beginn"),
        ({"Ende": "01:00", "Beginn": "08:00"}, "date", "höchstens 12 Stunden"),
        ({"Datum": "1.2.2027", "Beginn": "2.2.2027 18:00"}, "date", "jeder Tag und jede Uhrzeit nur einmal"),
        ({"Status": "vielleicht"}, "status", "findet statt"),
        ({"Öffentlich": "vielleicht"}, "public", "ja, nein"),
        ({"Kostenlos": "ja"}, "free", "„kostenlos“ sagt"),
    ],
)
def test_what_a_row_needs(cells: dict[str, str], place: str, reason: str) -> None:
    """A row without it is refused with the field and what to write."""
    (told,) = refusals(one(**cells)).items()
    assert told[0] == f"sheet 1, row 2, {place}"
    assert reason.lower() in told[1].lower()


def test_a_row_torn_by_a_separator_is_refused() -> None:
    """A text with the separator in it and no quotation marks would shift everything behind it."""
    raw = delimited(HEADINGS, YOGA) + ";".join(("K-3", "Tanz", *YOGA[2:5], "Halle; oben", *YOGA[6:])).encode()
    assert list(refusals(raw)) == ["sheet 1, row 3"]


def test_rows_of_one_identifier_are_dates_of_one_event() -> None:
    """Each row is a date with its own place and state; another title under the same identifier is refused."""
    second = ("K-1", "Yoga für Anfänger", "08.02.2027", "18:00", "19:30", "Park", "", "")
    (event,) = events(delimited(HEADINGS, YOGA, second, YOGA))
    assert [session.session_id for session in event.sessions] == ["20270201T170000Z", "20270208T170000Z"]
    assert [session.place and session.place.name for session in event.sessions] == [None, "Park"]
    other = ("K-1", "Judo", "08.02.2027", *YOGA[3:])
    told = found(delimited(HEADINGS, YOGA, other))
    assert [each.place for each in told.refused] == ["sheet 1, row 3, title"]
    assert len(told.drafts) == 1


def test_without_a_column_for_it_title_and_day_are_the_identifier() -> None:
    """So another price is a change, and another row another event."""
    headings, first = HEADINGS[1:], YOGA[1:]
    before, after = events(delimited(headings, first)), events(delimited(headings, (*first[:-1], "15,00"), JUDO[1:]))
    assert before[0].event_id == after[0].event_id == "verein:yoga-fur-anfanger/2027-02-01"
    assert before[0] != after[0]
    assert len(after) == 2


@pytest.mark.parametrize("cells", [{"Status": "fällt aus"}, {"Status": "ABGESAGT!"}, {"Titel": "Abgesagt: Yoga"}])
def test_called_off(cells: dict[str, str]) -> None:
    """In a column or in front of the title, with a date or without one."""
    for more in ({}, {"Datum": ""}):
        (draft,) = found(one(**cells, **more)).drafts
        assert isinstance(draft.fact, EventCancelled)
        assert draft.fact.event_id == "verein:K-1"


def test_states_and_places_left() -> None:
    """Postponed, tentative and full are told as such; a date that is called off alone is one of the event's."""
    assert events(one(Status="verschoben"))[0].status == "postponed"
    assert events(one(Status="unter Vorbehalt"))[0].status == "tentative"
    full = events(one(Status="ausgebucht"))[0].capacity
    assert full is not None
    assert (full.maximum, full.remaining) == (12, 0)
    rows = [[*HEADINGS, "Status"], [*YOGA, ""], [*YOGA[:2], "08.02.2027", *YOGA[3:], "abgesagt"]]
    assert [session.status for session in events(delimited(*rows))[0].sessions] == ["scheduled", "cancelled"]


def test_a_number_for_a_date_counts_from_the_year_that_is_agreed() -> None:
    """A CSV file does not say its epoch; the same day has two numbers."""
    (usual,), (other,) = events(one(Datum="46419")), events(one(Datum="44957"), dates="1904")
    assert usual.sessions == other.sessions
    assert usual.sessions[0].start.local == datetime(2027, 2, 1, 18)  # noqa: DTZ001


def test_not_public_is_no_mistake() -> None:
    """A row that is not to be published counts as absent, not as broken."""
    (refused,) = found(one(Öffentlich="nein")).refused
    assert refused.not_public
    assert len(events(one(Öffentlich="x"))) == 1


def test_dates_to_follow_whole_days_and_nights() -> None:
    """No date yet, no time, several days, over midnight and up to it."""
    assert events(one(Datum="Termin folgt"))[0].sessions == ()
    (whole,) = events(one(Beginn="", Ende=""))[0].sessions
    assert (whole.all_day, whole.end.local) == (True, datetime(2027, 2, 2))  # noqa: DTZ001
    (days,) = events(one(Datum="1.-3.2.2027", Beginn="", Ende=""))[0].sessions
    assert days.end.local == datetime(2027, 2, 4)  # noqa: DTZ001
    for end in ("02:00", "24:00"):
        (night,) = events(one(Beginn="20:00", Ende=end))[0].sessions
        assert night.end.local.date() == datetime(2027, 2, 2).date()  # noqa: DTZ001


@pytest.mark.parametrize(
    ("heading", "cell", "field"),
    [
        ("Plätze", "ein paar", "capacity"),
        ("Preis", "nach Vereinbarung", "price"),
        ("Webseite", "siehe Aushang", "source_url"),
        ("Kontakt", "erika.beispiel@verein.example", "contact"),
        ("Zielgruppe", "alle Netten", "audience"),
        ("Anmeldeschluss", "bald", "registration_closes"),
    ],
)
def test_what_may_be_missing_is_left_out_and_told(heading: str, cell: str, field: str) -> None:
    """Such a cell costs its row nothing but itself: the partner reads what was left out."""
    told = found(one(**{heading: cell}))
    assert len(told.drafts) == 1
    assert [name for name, _ in told.lines[0].notes] == [field]
    assert cell not in str(told.drafts[0].fact)


def test_ticks_and_other_details() -> None:
    """Ja, x, ✓, WAHR: however people tick; addresses, lists and codes as they are meant."""
    for tick in ("ja", "J", "x", "✓", "WAHR", "TRUE", "1"):
        told = events(one(**{"Anmeldung erforderlich": tick, "Preis": ""}))[0].registration
        assert told is not None
        assert told.required == "yes"
    assert events(one(Preis="kostenlos"))[0].free_of_charge == "yes"
    assert events(one(Preis=""))[0].free_of_charge == "unknown"
    (event,) = events(
        one(
            PLZ="1067", Kontakt="kurse@verein.example", Kategorie="Sport, Gesundheit", Webseite="www.verein.example",
            Zielgruppe="Kinder; Familien", Anmeldeschluss="25.1.2027",
            **{"Preis ermäßigt": "8,-", "PLZ/Ort": "01067 Dresden"},
        )
    )  # fmt: skip
    assert event.place is not None
    assert event.registration is not None
    assert event.audience is not None
    assert (event.place.postal_code, event.organiser.contact) == ("01067", "kurse@verein.example")
    assert (event.keywords, event.audience.groups) == (("Sport", "Gesundheit"), ("children", "families"))
    assert str(event.source_url) == "https://www.verein.example/"
    assert [(price.tariff, str(price.amount)) for price in event.prices] == [("Preis", "12.50"), ("ermäßigt", "8.0")]
    assert str(event.registration.closes) == "2027-01-25 23:00:00+00:00"


def test_what_the_agreement_does_not_open_is_refused_here() -> None:
    """Nobody reads that a row was taken which the hub's door would refuse."""
    narrow = agreement().model_copy(update={"inbox": Inbox(contracts=(EventPublished.type,))})
    told = read(Item("kurse.csv", one(Status="abgesagt")), Terms.of(narrow), NOW)
    assert told.drafts == []
    assert [(each.place, EventPublished.type in each.reason.de) for each in told.refused] == [("sheet 1, row 2", True)]


# --- workbooks -------------------------------------------------------------------------------------------------------


def test_merged_cells_count_for_the_rows_below() -> None:
    """A title that is merged over three dates is the title of all three."""
    book = openpyxl.Workbook()
    page = book.active
    page.append(["Sportverein Schalke, Kursplan"])
    page.append(["Titel", "Kursnummer", "Datum", "Ort"])
    for day in (1, 8, 15):
        page.append(["Yoga", "K-1", datetime(2027, 2, day, 18), "Halle"])  # noqa: DTZ001
    page.merge_cells("A1:D1")
    for column in "ABD":
        page.merge_cells(f"{column}3:{column}5")
    (event,) = events(saved(book), "kurse.xlsx")
    assert len(event.sessions) == 3
    assert event.place is not None


def test_sheets_that_are_tables() -> None:
    """Every visible sheet is read, or those that the agreement names; one without headings is refused."""
    raw = workbook(HEADINGS, YOGA, Herbst=[HEADINGS, JUDO], Hinweise=[["Bitte", "alles"], ["aus", "füllen"]])
    told = found(raw, "kurse.xlsx")
    assert [draft.fact.subject for draft in told.drafts] == ["verein:K-1", "verein:K-2"]
    assert [each.place for each in told.refused] == ["sheet 3"]
    assert len(events(raw, "kurse.xlsx", sheets=["Sheet", "Herbst"])) == 2
    assert "Blätter Winter" in refusals(raw, "kurse.xlsx", sheets=["Winter"])["file"]
    book = openpyxl.Workbook()
    hidden = book.create_sheet("Listen")
    hidden.append(["ja", "nein"])
    hidden.sheet_state = "hidden"
    for row in (HEADINGS, YOGA):
        book.worksheets[0].append(row)
    assert len(events(saved(book), "kurse.xlsx")) == 1


def test_a_number_without_a_format_counts_from_the_workbooks_own_year() -> None:
    """A date that lost its format in a workbook that counts from 1904."""
    raw = workbook(HEADINGS, (*YOGA[:2], 44957, *YOGA[3:]), epoch=datetime(1904, 1, 1))  # noqa: DTZ001
    assert events(raw, "kurse.xlsx")[0].sessions[0].start.local == datetime(2027, 2, 1, 18)  # noqa: DTZ001


def test_codes_keep_the_zeros_that_people_see() -> None:
    """A number that is shown as 00042 is a code; a whole number has no decimals."""
    book = openpyxl.Workbook()
    page = book.active
    for row in (HEADINGS, (42, *YOGA[1:]), (43.0, *JUDO[1:])):
        page.append(row)
    page["A2"].number_format = "00000"
    assert [event.event_id for event in events(saved(book), "kurse.xlsx")] == ["verein:00042", "verein:43"]
