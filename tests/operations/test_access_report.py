"""The access report's words and its facts, without any part running."""

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, get_args
from uuid import UUID

import pytest

from contracts.admission import Admitted
from contracts.enrolment import Enrolment
from contracts.envelope import Envelope, source_of
from contracts.registry import CONTRACTS
from services.operations.people import access_report, persons
from services.operations.people.footprints import Footprints, followed
from services.runtime.vault import KEPT, READABLE
from services.runtime.vault_rows import Door, Receipt
from tests.vault.people import ORGANISER, STRANGER, TELLER, agreement

REF, OTHER = "a" * 26, "b" * 26
NOW = datetime(2027, 1, 5, 8, 30, tzinfo=UTC)
ABOUT_PEOPLE = {name: contract for name, contract in CONTRACTS.items() if issubclass(contract, Enrolment)}
AGREEMENTS = {name: agreement(name) for name in (TELLER, ORGANISER, STRANGER)}


def fact(contract: str, revision: int, reference: str = REF, **more: object) -> Admitted:
    """A recorded fact of an enrolment."""
    own = {"enrolment_id": f"{TELLER}:1", "offering_id": f"{ORGANISER}:kurs", "person_ref": reference, **more}
    told = CONTRACTS[f"de.lernende-stadt.enrolment.{contract}.v1"].model_validate({"revision": revision, **own})
    return Admitted(Envelope("m", told.type, "2027-01-05T08:30:00Z", source_of(TELLER)), told, b"")


def report(language: str, person: Mapping[str, Any] | None = None, prints: Footprints | None = None) -> str:
    """A report with one access of each purpose, and an erasure."""
    purposes = [*READABLE, persons.PURPOSE]
    readers = [(STRANGER, "http"), *((f"operator {STRANGER}", each) for each in get_args(Door))]
    accesses = [
        {"at": NOW, "reader": reader, "purpose": each, "fields": KEPT, "door": door}
        for each in purposes
        for reader, door in readers
    ]
    held = persons.Held(
        person, [{"partner": TELLER, "since": NOW}], accesses, Receipt(REF, UUID(int=7), NOW) if not person else None
    )
    told = access_report.Told(REF, held, prints or Footprints(), {TELLER: "Club"})
    return "\n".join(access_report.lines(told, language))


@pytest.mark.parametrize("language", ["de", "en"])
def test_every_word_of_contracts_and_agreements_has_a_sentence(language: str) -> None:
    """A field, a purpose or a contract that comes new has its words, or this fails."""
    assert report(language)
    for name in ABOUT_PEOPLE:
        assert access_report.WORDS(f"status-{name.split('.')[-2]}").told(language)


def test_both_languages_say_all_and_differ() -> None:
    """The same lines, in other words."""
    person = {"partner": TELLER, "told_at": NOW, **dict.fromkeys(KEPT), "name": "Erika", "needs": ["Stuhl", "Rampe"]}
    prints = followed([fact("requested", 1), fact("associated", 2)], AGREEMENTS, REF)
    english, german = (report(language, person, prints).splitlines() for language in ("en", "de"))
    assert len(english) == len(german)
    assert [line for line in english if line and line in german] == []
    for word in ("Erika", "Stuhl; Rampe", "Club", "2027-01-05 08:30 UTC"):
        assert word in "\n".join(english)
        assert word in "\n".join(german)


def test_the_german_report_has_no_english_word() -> None:
    """What both have are data and words of both languages: no door, purpose or reader goes through as it is noted."""
    person = {"partner": TELLER, "told_at": NOW, **dict.fromkeys(KEPT), "name": "Erika", "needs": []}
    contracts = [each.split(".")[-2] for each in ABOUT_PEOPLE]
    more = {"queued": {"place": 1}, "denied": {"cause": "organiser"}, "cancelled": {"cause": "person"}}
    facts = [fact(each, 1, enrolment_id=f"{TELLER}:{i}", **more.get(each, {})) for i, each in enumerate(contracts)]
    prints = followed(facts, {TELLER: AGREEMENTS[TELLER]}, REF)
    for one in (person, None):
        english, german = ({*re.findall(r"[^\W\d_]{2,}", report(each, one, prints))} for each in ("en", "de"))
        assert english & german <= {"Art", "Club", "Erika", "HTTP", "Name", "UTC", "Hub", REF, *AGREEMENTS, "kurs"}


def test_what_was_erased_is_said_with_its_receipt() -> None:
    """Nothing is stored, since when, and by which receipt."""
    told = report("en")
    assert "Nothing is stored about you." in told
    assert str(UUID(int=7)) in told


def test_a_value_steers_no_terminal() -> None:
    """A name from outside that turns the direction of writing is shown without that."""
    person = {"partner": TELLER, "told_at": NOW, **dict.fromkeys(KEPT), "name": "Erika\u202eakirE", "needs": []}
    assert "\u202e" not in report("en", person)


def test_the_latest_fact_is_the_status_and_outboxes_are_counted() -> None:
    """Only this reference, in the order of the stream; told to whom it is between, and to nobody else."""
    again = {"enrolment_id": f"{TELLER}:2", "offering_id": f"{STRANGER}:kurs"}
    facts = [
        fact("requested", 1),
        fact("requested", 1, OTHER, enrolment_id=f"{TELLER}:9"),
        fact("queued", 2, place=1),
        fact("requested", 1, **again),
        fact("associated", 3),
    ]
    prints = followed(facts, AGREEMENTS, REF)
    assert [(one.enrolment, one.status) for one in prints.enrolments.values()] == [
        (f"{TELLER}:1", "associated"),
        (f"{TELLER}:2", "requested"),
    ]
    assert prints.told == {TELLER: 4, ORGANISER: 3, STRANGER: 1}
    assert not prints.before


def test_who_has_no_agreement_today_was_told_all_the_same() -> None:
    """Art. 15 (1) (c) GDPR: an agreement that ended or was closed takes back nothing of what it let out."""
    facts = [fact("requested", 1), fact("associated", 2)]
    nothing = type(AGREEMENTS[ORGANISER].outbox)()
    first = nothing.model_copy(update={"contracts": AGREEMENTS[ORGANISER].outbox.contracts[:1]})
    for outbox, told, before in ((nothing, 0, 2), (first, 1, 1)):
        shut = {**AGREEMENTS, ORGANISER: AGREEMENTS[ORGANISER].model_copy(update={"outbox": outbox})}
        prints = followed(facts, shut, REF)
        assert (prints.told[ORGANISER], prints.before) == (told, {ORGANISER: before})
    prints = followed(facts, {TELLER: AGREEMENTS[TELLER]}, REF)
    assert (prints.told, prints.before) == ({TELLER: 2}, {ORGANISER: 2})


@pytest.mark.parametrize(
    ("language", "told", "read"),
    [
        (
            "en",
            f"  {ORGANISER} (has no agreement today): up to 1 facts under an earlier agreement",
            f"{STRANGER} (has no agreement today), for",
        ),
        (
            "de",
            f"  {ORGANISER} (hat heute keine Vereinbarung): bis zu 1 Fakten nach einer früheren Vereinbarung",
            f"{STRANGER} (hat heute keine Vereinbarung), für",
        ),
    ],
)
def test_a_former_partner_is_marked_wherever_it_is_named(language: str, told: str, read: str) -> None:
    """Who got facts, and who read: a name nobody knows any more is told with why."""
    text = report(language, None, followed([fact("requested", 1)], {TELLER: AGREEMENTS[TELLER]}, REF))
    assert told in text.splitlines()
    assert read in text
    assert "Club (" not in text
