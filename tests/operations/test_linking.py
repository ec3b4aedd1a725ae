import json
from datetime import datetime
from typing import Any

import pytest

from contracts.admission import Admitted, read
from services.events.catalogue import catalogue
from services.operations.duplicates import linking
from services.operations.duplicates.likeness import ALIKE, likeness
from services.operations.duplicates.linking import certain, identified, likely, near
from services.operations.duplicates.told import Told, read_told
from tests.engine.facts import cancelled, published, withdrawn

MAY, JUNE = datetime(2027, 5, 1, 10), datetime(2027, 6, 1, 10)  # noqa: DTZ001 - wall clock


def told(event: str, title: str = "Kurs", status: str = "published", start: datetime = MAY) -> Told:
    """An event with one title."""
    return Told(event, status, [title], start)


def test_only_two_partners_make_a_link() -> None:
    """A partner's own events are never linked with each other, whatever they share."""
    assert identified({"same:a": ["vhs:1", "uni:1"], "same:b": ["vhs:1", "vhs:2"]}) == {("uni:1", "vhs:1"): ["a"]}
    assert set(near({"near:a": ["vhs:1", "vhs:2", "uni:1"]})) == {("uni:1", "vhs:1"), ("uni:1", "vhs:2")}
    assert list(near({"near:a": ["vhs-nord:1", "vhs:1"]})) == [("vhs-nord:1", "vhs:1")]


def test_an_identifier_of_several_events_identifies_none_of_them() -> None:
    """A partner's page for all its courses links none of them; others who name it once each are still linked."""
    page = {"same:https://vhs.example/kurse": ["vhs:1", "vhs:2", "uni:1", "ngo:1"]}
    assert list(identified(page)) == [("ngo:1", "uni:1")]


def test_a_claim_on_many_events_takes_no_link_from_others() -> None:
    """A partner that names another's identifier, once or often, adds rows or none; it never removes one."""
    honest = identified({"same:a": ["vhs:1", "uni:1"]})
    for claims in (["spam:1"], ["spam:1", "spam:2"]):
        assert identified({"same:a": ["vhs:1", "uni:1", *claims]}).items() >= honest.items()


def test_a_pair_is_one_row_with_all_its_identifiers() -> None:
    """Sharing a UID and an address makes one link that names both."""
    pairs = identified({"same:a": ["vhs:1", "uni:1"], "same:b": ["uni:1", "vhs:1"]})
    (link,) = certain(pairs, {"vhs:1": told("vhs:1"), "uni:1": told("uni:1")})
    assert (link.row()["link"], link.row()["by"]) == ("certain", "a, b")


def test_the_worst_comes_first() -> None:
    """First what only one of two cancelled: people would come for nothing. Then the latest."""
    events = {
        "uni:1": told("uni:1", start=MAY),
        "vhs:1": told("vhs:1"),
        "uni:2": told("uni:2", start=JUNE),
        "vhs:2": told("vhs:2"),
        "uni:3": told("uni:3", status="cancelled", start=MAY),
        "vhs:3": told("vhs:3"),
    }
    links = certain({(f"uni:{n}", f"vhs:{n}"): ["x"] for n in (1, 2, 3)}, events)
    assert [(link.one.event, link.statuses) for link in links] == [
        ("uni:3", "cancelled / published"),
        ("uni:2", "published"),
        ("uni:1", "published"),
    ]


def test_candidates_have_titles_alike() -> None:
    """Of what begins at the same time and place, only like titles are shown, each pair once, the most alike first."""
    events = [
        told("a:1", "Reparatur-Café"),
        told("b:1", "Nähcafé"),
        told("b:2", "Repair-Café"),
        told("b:3", "Reparaturcafé"),
    ]
    pairs = [("a:1", "b:1"), ("a:1", "b:2"), ("a:1", "b:3"), ("a:1", "b:2")]
    links = likely(pairs, {each.event: each for each in events})
    assert [link.other.event for link in links] == ["b:3", "b:2"]
    assert str(links[0].row()["by"]).startswith("start, place, title ")


def test_what_was_withdrawn_meanwhile_is_not_shown() -> None:
    """Between reading marks and entries an event may go: its pairs go with it."""
    assert certain({("a:1", "b:1"): ["x"]}, {"a:1": told("a:1")}) == []
    assert likely([("a:1", "b:1")], {"a:1": told("a:1")}) == []


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Reparatur-Café im Quartier", "Repair Café"),
        ("Einführung in Python", "Python-Einführung"),
        ("Offenes Nähcafé", "NÄHCAFE (offen)"),
        ("Citizen-Science-Abend", "Citizen Science Abend: Luftqualität messen"),
        ("Lastenrad selbst bauen", "Workshop: Lastenrad bauen"),
    ],
)
def test_titles_that_people_take_for_the_same_are_alike(one: str, other: str) -> None:
    """Order, endings, joints, accents and additions matter little, in both directions alike."""
    assert likeness(one, other) == likeness(other, one) >= ALIKE


@pytest.mark.parametrize(
    ("one", "other"), [("Reparatur-Café", "Nähcafé"), ("Digitale Sprechstunde", "Rechtsberatung"), ("!", "?")]
)
def test_other_titles_are_not_alike(one: str, other: str) -> None:
    """What shares a joint or nothing is no candidate; titles without a word neither."""
    assert likeness(one, other) < ALIKE


def entry(*messages: object) -> bytes:
    """What the catalogue keeps after these facts."""
    decider, state = catalogue(), None
    for message in messages:
        fact = read(message)  # type: ignore[arg-type]
        assert isinstance(fact, Admitted)
        state = decider.evolve(state, fact)
    assert state is not None
    return decider.dump(state)


def test_entries_are_read_as_the_catalogue_writes_them() -> None:
    """Title, status and first date that takes place come from the entry; a withdrawn one tells nothing."""
    dates: list[Any] = [
        {"local": f"2027-05-0{day}T10:00:00", "zone": "UTC", "utc": f"2027-05-0{day}T10:00:00Z"} for day in (1, 2, 3)
    ]
    sessions = [{"session_id": str(n), "start": date, "end": date} for n, date in enumerate(dates)]
    event = published(title="Kurs\u202eB", sessions=[sessions[2], sessions[1], {**sessions[0], "status": "cancelled"}])
    found = read_told("stadt:1", entry(event, cancelled()))
    assert found == Told("stadt:1", "cancelled", ["KursB"], datetime(2027, 5, 2, 10))  # noqa: DTZ001 - wall clock
    assert read_told("stadt:1", entry(event, cancelled(), withdrawn())) is None
    assert read_told("stadt:1", entry(published())) == Told("stadt:1", "published", ["Reparatur-Café"], None)


def test_nothing_of_a_row_steers_a_terminal() -> None:
    """Ids, titles and identifiers come from outside: signs that a terminal obeys are left out."""
    link = linking.Link(told("a:\x9b31m", "x"), told("b:\u202e1", "x"), 1.0, ["urn:x:\x9b2J"])
    assert json.dumps(link.row(), default=str, ensure_ascii=False).isprintable()
