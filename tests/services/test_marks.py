import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.admission import Message
from contracts.event import EventPublished
from services.events.catalogue import catalogue
from services.events.marks import NEAR, SAME, marks_of
from services.runtime.engine.decider import MAX_MARK
from services.runtime.engine.deciding import Deciding, read_all
from services.runtime.engine.delivery import Partition
from services.runtime.engine.memory_delivery import MemoryDelivery, MemoryLog
from services.runtime.engine.memory_store import MemoryStore
from services.runtime.engine.observation import observe
from services.runtime.engine.stateful import Stateful
from tests.contracts.event_strategies import PUBLISHED
from tests.engine.facts import cancelled, published, withdrawn
from tests.engine.rigs import records

SATURDAY = {"local": "2026-10-03T10:00:00", "zone": "Europe/Berlin", "utc": "2026-10-03T08:00:00Z"}
SUNDAY = {"local": "2026-10-04T10:00:00", "zone": "Europe/Berlin", "utc": "2026-10-04T08:00:00Z"}
LONDON = {"local": "2026-10-03T09:00:00", "zone": "Europe/London", "utc": "2026-10-03T08:00:00Z"}


def session(start: dict[str, str], name: str = "single", **more: object) -> dict[str, object]:
    """A date of no length."""
    return {"session_id": name, "start": start, "end": start, **more}


def of(**fields: object) -> set[str]:
    """The marks of an event with these fields."""
    event: Any = json.loads(published(**fields).value or b"")  # type: ignore[arg-type]
    return set(marks_of(EventPublished.model_validate_json(json.dumps(event))))


def test_strong_marks_are_what_the_partner_names() -> None:
    """Each identifier and the source's address is a mark; what is told twice is one."""
    found = of(same_as=["urn:ical-uid:A1", "https://vhs.example/7"], source_url="http://vhs.example/7")
    assert found == {f"{SAME}urn:ical-uid:A1", f"{SAME}https://vhs.example/7"}


def test_weak_marks_are_start_and_place() -> None:
    """The place by its name, its postal code and its room on the web, each with the start to the minute in UTC."""
    place = {"name": "Volkshochschule, Café »Süd«", "postal_code": "45879", "street": "Ebertstraße 19"}
    found = of(sessions=[session(SATURDAY)], place=place, online_url="https://meet.example/r?id=7#x")
    start = f"{NEAR}2026-10-03T08:00Z"
    assert found == {
        f"{start}:name:volkshochschule cafe sud",
        f"{start}:post:DE45879",
        f"{start}:online:https://meet.example/r?id=7",
    }


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ({"place": {"name": "Café Süd"}}, {"place": {"name": "CAFE  SÜD!", "locality": "Gelsenkirchen"}}),
        ({"place": {"postal_code": "45879"}}, {"place": {"postal_code": "45 879", "name": "vhs"}}),
        ({"place": {"name": "vhs"}}, {"sessions": [session(SATURDAY, place={"name": "VHS"})]}),
        ({"place": {"name": "vhs"}}, {"place": {"name": "vhs"}, "sessions": [session(LONDON)]}),
        (
            {"place": {"name": "vhs"}},
            {"place": {"name": "vhs"}, "sessions": [session(SUNDAY, "b"), session(SATURDAY, "a")]},
        ),
        (
            {"place": {"name": "vhs"}, "sessions": [session(SUNDAY)]},
            {
                "place": {"name": "vhs"},
                "sessions": [session(SATURDAY, "a", status="cancelled"), session(SUNDAY, "b")],
            },
        ),
    ],
)
def test_one_date_told_in_two_ways_has_a_mark_in_common(one: dict[str, object], other: dict[str, object]) -> None:
    """Spelling, zone, order of the dates and dates that do not take place make no difference."""
    usual = {"sessions": [session(SATURDAY)]}
    assert of(**{**usual, **one}) & of(**{**usual, **other})


def test_without_date_or_place_there_is_no_weak_mark() -> None:
    """Half of it is not near to anything: everything without a place would be near to everything."""
    assert of(place={"name": "vhs"}) == of(sessions=[session(SATURDAY)]) == set()
    assert of(sessions=[session(SATURDAY)], place={"name": "?!"}) == set()


@given(PUBLISHED)
def test_marks_are_bounded_and_always_the_same(event: EventPublished) -> None:
    """Any event has marks of known kinds and bounded length, and the same ones after it was written and read."""
    found = marks_of(event)
    assert all(len(mark) <= MAX_MARK and mark.startswith((SAME, NEAR)) for mark in found)
    assert marks_of(EventPublished.model_validate_json(event.payload())) == found


def test_an_object_whose_marks_stay_costs_no_statement() -> None:
    """A new revision with the same identifiers leaves nothing to write; a mark that came and went neither."""
    partition = Partition("hub.test", "hub.events.submitted", 0)
    known = Deciding("events", partition, catalogue(), {})
    for reading in read_all(records([published(same_as=["urn:x:1"])])):
        known.take(reading)
    assert known.work.gained() == [("same:urn:x:1", "stadt:1")]
    after = Deciding("events", partition, catalogue(), known.settled().states)
    ids = ["urn:x:1"], ["urn:x:1", "urn:x:2"], ["urn:x:1"]
    for reading in read_all(records([published(revision=n, same_as=told) for n, told in enumerate(ids, 2)])):
        after.take(reading)
    assert (after.work.gained(), after.work.lost()) == ([], [])


IDS = st.lists(st.sampled_from(["urn:x:1", "urn:x:2", "https://vhs.example/7"]), max_size=3, unique=True)


@st.composite
def stories(draw: st.DrawFn, partner: str) -> list[Message]:
    """What one partner tells of one event: published, and then whatever comes."""
    told = [published(partner=partner, same_as=draw(IDS))]
    for revision in range(2, draw(st.integers(1, 6))):
        again = published(partner=partner, revision=revision, same_as=draw(IDS))
        told.append(
            draw(
                st.sampled_from(
                    [again, cancelled(partner=partner, revision=revision), withdrawn("1", revision, partner)]
                )
            )
        )
    return told


async def _kept(messages: list[Message], size: int) -> MemoryStore:
    """Take messages in batches of a size."""
    store, partition = MemoryStore(), Partition("hub.test", "hub.events.submitted", 0)
    mode, delivery = Stateful("events", catalogue(), store, observe), MemoryDelivery(MemoryLog())
    await mode.recover(delivery, partition, 0)
    for first in range(0, len(messages), size):
        await mode.process(delivery, partition, first, records(messages[first : first + size], first=first))
    return store


@given(stories("stadt"), stories("vhs"), st.randoms(use_true_random=False), st.integers(1, 12))
async def test_any_order_of_two_partners_gives_the_same_index(one, other, random, size) -> None:  # noqa: ANN001
    """Promise 6: however two partners' facts meet and are cut into batches, the index is what the states say."""
    turns = [one] * len(one) + [other] * len(other)
    random.shuffle(turns)
    left = {id(one): iter(one), id(other): iter(other)}
    mixed = await _kept([next(left[id(turn)]) for turn in turns], size)
    straight = await _kept([*one, *other], 1)
    decider = catalogue()
    said = {(mark, key) for key, body in mixed.states.items() for mark in decider.marks(decider.load(body))}
    assert mixed.marks == straight.marks == said
    assert mixed.states == straight.states
