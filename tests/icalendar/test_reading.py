"""Calendars as they come: what is taken, what is refused and by which name, what is left out."""

import re
from dataclasses import replace

import pytest

from contracts.event import EventCancelled, EventPublished
from flows.icalendar.identity import MAX_ID, object_id, resource_name
from flows.icalendar.lines import MAX_BYTES
from flows.icalendar.reading import read
from tests.icalendar.reads import CITY, NOW, calendar, event, mapped

GOOD = """
UID:kurs-1
SUMMARY;LANGUAGE=de:Löten\\, Schritt für Schritt
DESCRIPTION:Erste Zeile\\nZweite Zeile
DTSTART;TZID=Europe/Berlin:20261212T180000
DTEND;TZID=Europe/Berlin:20261212T200000
LOCATION:Lernhaus\\, Ebertstraße 19
GEO:51.5111;7.0960
CATEGORIES:Technik,Mitmachen\\, gern
CATEGORIES:Technik
URL:https://stadt.example/kurs-1
STATUS:TENTATIVE
"""


def reading(raw: bytes) -> tuple[list[str], list[str]]:
    """Return the ids that were read and the refusals."""
    found = read(raw, "kurse.ics", CITY, NOW)
    return [draft.fact.subject for draft in found.drafts], [
        f"{each.source_id}: {each.place}: {each.reason}" for each in found.refused
    ]


def test_everything_icalendar_says() -> None:
    """Each property of iCalendar's own arrives in its field."""
    told = event(GOOD)
    assert told.event_id == "stadt:kurs-1"
    assert (told.texts[0].language, told.texts[0].title) == ("de", "Löten, Schritt für Schritt")
    assert told.texts[0].description == "Erste Zeile\nZweite Zeile"
    assert told.place is not None
    assert told.place.name == "Lernhaus, Ebertstraße 19"
    assert told.place.coordinates is not None
    assert told.keywords == ("Technik", "Mitmachen, gern")
    assert str(told.source_url) == "https://stadt.example/kurs-1"
    assert (told.status, told.attendance, told.licence) == ("tentative", "offline", "CC-BY-4.0")
    assert (told.organiser.name, told.organiser.partner) == ("Stadt am Fluss", "stadt")
    assert told.same_as == ("urn:ical-uid:kurs-1",)


def test_payload_passes_the_door() -> None:
    """What we read is valid to the letter: the door takes it as it is."""
    payload = event(GOOD).payload()
    assert EventPublished.model_validate_json(payload, strict=True, extra="forbid").payload() == payload


@pytest.mark.parametrize(
    ("line", "place"),
    [
        ("DTEND;TZID=Europe/Berlin:20261212T170000", "line 13, DTEND"),
        ("DTEND:neulich", "line 13, DTEND"),
        ("DURATION:-PT1H", "line 13, DURATION"),
        ("DURATION:zwei Stunden", "line 13, DURATION"),
        ("SUMMARY:" + "ü" * 301, "line 11, SUMMARY"),
        ("DESCRIPTION:" + "ü" * 10_001, "line 13, DESCRIPTION"),
        ("LOCATION:" + "ü" * 301, "line 13, LOCATION"),
        ("RRULE:FREQ=NIE", "line 13, RRULE"),
        ("DTSTART:gestern", "line 12, DTSTART"),
    ],
)
def test_bad_event_is_refused_by_line_and_leaves_its_neighbours(line: str, place: str) -> None:
    """One wrong property refuses its event, named by line and property without its value; the next one is read."""
    lines = {"UID": "UID:2", "SUMMARY": "SUMMARY:Kurs", "DTSTART": "DTSTART:20261212T170000Z"}
    lines[place.rpartition(" ")[2]] = line
    bad = "\n".join(lines.values())
    ids, refused = reading(calendar("UID:1\nSUMMARY:x\nDTSTART:20261212", bad, "UID:3\nSUMMARY:y\nDTSTART:20261212"))
    assert ids == ["stadt:1", "stadt:3"]
    (refusal,) = refused
    assert refusal.startswith(f"kurse.ics: {place}: ")
    assert line.partition(":")[2] not in refusal


@pytest.mark.parametrize(
    ("raw", "reason"),
    [
        (b"", "an empty file"),
        (b"<!DOCTYPE html><html><body>Bitte anmelden</body></html>", "a web page"),
        (b"PK\x03\x04 nichts", "something else"),
        (calendar(GOOD)[:-40], "cut off"),
        (calendar(GOOD).replace(b"END:VCALENDAR", b""), "cut off"),
        (b"x" * (MAX_BYTES + 1), "at most 5000000 bytes"),
        (calendar(GOOD).replace("Löten".encode(), b"L\xf6ten\x81"), "neither"),
    ],
    ids=["empty", "HTML", "other", "cut off", "without end", "too large", "no encoding"],
)
def test_file_that_is_no_calendar_is_refused_whole(raw: bytes, reason: str) -> None:
    """Nothing is taken from a file that is none, or that has no end."""
    ids, (refusal,) = reading(raw)
    assert ids == []
    assert reason in refusal


@pytest.mark.parametrize(
    "raw",
    [
        b"\xef\xbb\xbf" + calendar(GOOD),
        calendar(GOOD).replace(b"\r\n", b"\n"),
        calendar(GOOD).replace(b"\r\n", b"\r"),
        calendar(GOOD).replace(b"\r\n", b"\r\r\n"),
        calendar(GOOD).decode().encode("utf-16"),
        calendar(GOOD).decode().encode("cp1252"),
        calendar(GOOD).replace("Lö".encode(), b"L\xc3\r\n \xb6"),
    ],
    ids=["BOM", "LF", "CR", "CR CR LF", "UTF-16", "Windows-1252", "folded inside a character"],
)
def test_spellings_of_the_same_calendar(raw: bytes) -> None:
    """However the bytes are written, the event is the same."""
    (draft,) = read(raw, "kurse.ics", CITY, NOW).drafts
    assert draft.fact == event(GOOD)


def test_torn_description_is_put_together() -> None:
    """A line break that was not escaped stays a line break."""
    torn = GOOD.replace("Erste Zeile\\nZweite Zeile", "Erste Zeile\nZweite Zeile")
    assert event(torn).texts[0].description == "Erste Zeile\nZweite Zeile"


@pytest.mark.parametrize(
    ("written", "told"),
    [
        ("<p>Hallo&nbsp;du</p><ul><li>eins</li><li>zwei</li></ul>", "Hallo du\n\neins\nzwei"),
        ("Zeile<br>Zeile<br/>Ende<script>böse()</script>", "Zeile\nZeile\nEnde"),
        ("M&uuml;ller &amp; Co", "Müller & Co"),
        ("3 < 4 und 5 > 4", "3 < 4 und 5 > 4"),
        ("a\\nb\\vc", "a\nb\\vc"),
    ],
)
def test_markup_becomes_text(written: str, told: str) -> None:
    """HTML in a description is told as text, and text is left alone."""
    assert event(GOOD.replace("Erste Zeile\\nZweite Zeile", written)).texts[0].description == told


@pytest.mark.parametrize("word", ["PRIVATE", "CONFIDENTIAL"])
def test_private_event_is_not_published(word: str) -> None:
    """What a calendar keeps to itself is counted and named, and counts as absent."""
    found = mapped(GOOD + f"CLASS:{word}", GOOD.replace("kurs-1", "kurs-2") + "CLASS:PUBLIC")
    assert [draft.fact.subject for draft in found.drafts] == ["stadt:kurs-2"]
    (refused,) = found.refused
    assert refused.not_public
    assert "not public" in refused.reason.en


def test_cancelled_event() -> None:
    """STATUS:CANCELLED is told as cancelled."""
    (draft,) = mapped(GOOD.replace("TENTATIVE", "CANCELLED")).drafts
    assert isinstance(draft.fact, EventCancelled)


@pytest.mark.parametrize(
    ("organizer", "contact"),
    [
        ("ORGANIZER;CN=VHS:mailto:kurse@stadt.example", "kurse@stadt.example"),
        ("ORGANIZER;CN=VHS:MAILTO:lernbuero@stadt.example", "lernbuero@stadt.example"),
        ("ORGANIZER;CN=Erika Muster:mailto:erika.muster@stadt.example", None),
        ("ORGANIZER:urn:uuid:1", None),
    ],
)
def test_only_an_office_is_a_contact(organizer: str, contact: str | None) -> None:
    """A human's name or address never enters a fact; an office's does."""
    context = replace(CITY, role_addresses=("lernbuero@stadt.example",))
    told = event(f"{GOOD}{organizer}\nATTENDEE;CN=Max Muster:mailto:max@privat.example", context=context)
    assert told.organiser.contact == contact
    assert "uster" not in told.payload().decode()


def test_over_long_and_odd_uids() -> None:
    """An id holds any UID, the same every time, two never the same."""
    assert object_id("stadt", "a b%c") == "stadt:a%20b%25c"
    assert object_id("stadt", "ü/ß@x") == "stadt:ü/ß@x"
    long = [object_id("stadt", "x" * 500 + end) for end in "ab"]
    assert len(set(long)) == 2
    assert all(len(each) <= MAX_ID for each in long)


@pytest.mark.parametrize("own", ["../../etc/passwd", "a/b", "a\\b", "CON", "ü", ".", "x" * 290])
def test_file_names_are_harmless(own: str) -> None:
    """A file name made from an id leads nowhere else, on no system."""
    assert re.fullmatch(r"stadt-[a-z0-9-]{1,90}\.ics", resource_name(f"stadt:{own}"))


def test_whole_days() -> None:
    """Whole days end exclusively; a program that names the last day is understood; none given is one day."""
    for end, days in (("DTEND;VALUE=DATE:20261214", 2), ("DTEND;VALUE=DATE:20261212", 1), ("DURATION:P3D", 3), ("", 1)):
        session = event(f"UID:1\nSUMMARY:Fest\nDTSTART;VALUE=DATE:20261212\n{end}").sessions[0]
        assert session.all_day
        assert (session.end.local - session.start.local).days == days


def test_answer_to_an_invitation_is_no_event() -> None:
    """METHOD:REPLY tells who comes, not what happens; METHOD:CANCEL cancels."""
    assert not mapped(GOOD, header="METHOD:REPLY").drafts
    assert isinstance(mapped(GOOD, header="METHOD:CANCEL").drafts[0].fact, EventCancelled)


def test_missing_end_of_one_event() -> None:
    """Where one END is missing its event is refused and the next one is read."""
    raw = calendar(GOOD, GOOD.replace("kurs-1", "kurs-2")).replace(b"END:VEVENT", b"", 1)
    ids, refused = reading(raw)
    assert ids == ["stadt:kurs-2"]
    assert "END:VEVENT" in refused[0]


def test_our_own_words_are_believed_where_only_we_write() -> None:
    """Elsewhere id, organiser and licence come from the agreement, whatever a file claims; the origin is named."""
    claim = 'X-LCH-EVENT-ID:andere:1\nX-LCH-ORGANISER:{"name":"Andere"}\nX-LCH-LICENCE:"CC0-1.0"\n'
    claim += 'X-LCH-CAPACITY:{"maximum":12}'
    (draft,) = mapped(GOOD + claim).drafts
    assert isinstance(draft.fact, EventPublished)
    assert draft.origin == "andere:1"
    assert (draft.fact.event_id, draft.fact.organiser.name) == ("stadt:kurs-1", "Stadt am Fluss")
    assert draft.fact.licence == "CC-BY-4.0"
    assert draft.fact.capacity is not None
    assert draft.fact.capacity.maximum == 12


def test_spoilt_words_of_ours_are_left_out() -> None:
    """A property of ours that somebody spoilt is left out and named; the event is told."""
    (draft,) = mapped(GOOD + "X-LCH-CAPACITY:viele\nX-LCH-SDGS:[{]").drafts
    assert "X-LCH-CAPACITY not understood" in draft.flags
    assert "X-LCH-SDGS not understood" in draft.flags


@pytest.mark.parametrize(
    ("line", "most", "came"),
    [("SUMMARY", 300, 301), ("LOCATION", 300, 301), ("DESCRIPTION", 10_000, 10_001), ("CATEGORIES", 300, 301)],
)
def test_what_is_too_long_is_told_by_its_line_and_size(line: str, most: int, came: int) -> None:
    """Who wrote the entry reads in both languages which line is too long, and by how much."""
    lines = [each for each in GOOD.strip().splitlines() if not each.startswith(line)] + [f"{line}:{'x' * came}"]
    (refused,) = mapped("\n".join(lines)).refused
    assert refused.place.endswith(f", {line}")
    assert refused.reason.en == f"expected at most {most} characters, came {came}"
    assert refused.reason.de == f"erwartet: höchstens {most} Zeichen; gekommen: {came}"
