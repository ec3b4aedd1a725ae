import base64
import hashlib
import json
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from contracts.admission import Message, read
from contracts.envelope import Envelope, read_envelope, source_of
from contracts.fact import Fact
from contracts.model import Privacy
from contracts.refusal import Refusal
from contracts.registry import CONTRACTS
from contracts.speaking import OPEN, speaks_of_people
from contracts.text import Line
from contracts.topics import UNIFIED
from services.dispatch.pseudonyms import Pseudonyms
from services.dispatch.rule import routes
from services.dispatch.unified import unified
from tests.contracts.strategies import FACTS
from tests.contracts.worlds import examples, message, parts, subject_of, type_of
from tests.dispatch.people import SeatTaken, taken

KEY, OTHER = "k" * 32, "o" * 32
STATISTICS = Pseudonyms("participation_statistics", KEY)
CANARY = "Erika-Kanarienvogel"
VAULT = (Privacy.PERSONAL, Privacy.SENSITIVE)
REFERENCE = "abcdefghijklmnopqrstuvwxyz"


@pytest.fixture(autouse=True)
def seat(monkeypatch: pytest.MonkeyPatch) -> None:
    """The made-up contract is one of the hub's."""
    monkeypatch.setitem(CONTRACTS, SeatTaken.type, SeatTaken)


def told(given: Message, pseudonyms: Pseudonyms = STATISTICS) -> Message:
    """What analysts get of a recorded message."""
    fact = read(given)
    assert not isinstance(fact, Refusal), fact
    return unified(pseudonyms)(fact, given)


def everything(given: Message) -> str:
    """All that a message says, keys and headers included."""
    return repr((given.key, given.value, list(given.headers)))


@given(st.text(), st.text())
def test_a_pseudonym_stands_for_one_value(one: str, other: str) -> None:
    """The same person for the same purpose has the same pseudonym, another person another one."""
    assert STATISTICS.of(one) == Pseudonyms("participation_statistics", KEY).of(one)
    assert (STATISTICS.of(one) == STATISTICS.of(other)) == (one == other)
    assert len(STATISTICS.of(one)) == 26


@given(st.text())
def test_a_pseudonym_leads_nowhere_without_its_key(value: str) -> None:
    """For another purpose or with another key it is another one, and no plain hash of the value gives it."""
    names = [
        STATISTICS.of(value),
        Pseudonyms("research_pseudonymous", KEY).of(value),
        Pseudonyms("participation_statistics", OTHER).of(value),
        *(
            base64.b32encode(hashlib.sha256(text.encode()).digest()).decode().lower()[:26]
            for text in (value, f"participation_statistics\0{value}")
        ),
    ]
    assert len({*names}) == len(names)
    assert KEY not in repr(STATISTICS)


@given(st.data())
def test_what_speaks_of_nobody_is_forwarded_byte_for_byte(data: st.DataObject) -> None:
    """Value, key and headers are those of the recorded message, for each contract without a personal class."""
    contract = data.draw(st.sampled_from([each for each in FACTS if not speaks_of_people(each)]))
    fact = data.draw(FACTS[contract])
    about = Envelope("f-1", fact.type, "2027-01-05T09:30:00Z", source_of("vhs"), fact.subject, fact.revision)
    given = Message(fact.key.encode(), fact.payload(), about.headers())
    assert told(given) is given


@pytest.mark.parametrize("name", examples())
def test_every_example_reaches_the_analysts_as_its_classes_say(name: str) -> None:
    """What has a personal class is not there as it was; the rest of what the hub records still fits its contract."""
    body, contract = examples()[name], CONTRACTS[type_of(name)]
    given = message(contract.type, body, key=subject_of(body).encode())
    unified_ = told(given)
    if not speaks_of_people(contract):
        assert unified_ is given
        return
    assert _for_the_vault(contract, body) or not isinstance(read(unified_), Refusal)
    hidden = {text for text in _secret(contract, body) if len(text) > 3}
    assert [text for text in hidden if text in everything(unified_)] == []


def _for_the_vault(model: type[Any], body: Any) -> bool:  # noqa: ANN401 - as JSON
    """Whether it says what intake moves into the vault, so that it is not what the hub records."""
    return any(
        model.privacy_of(name) in VAULT
        or any(_for_the_vault(p, value) for p in parts(model.model_fields[name].annotation) if isinstance(value, dict))
        for name, value in body.items()
    )


def _secret(model: type[Any], body: Any) -> Iterator[str]:  # noqa: ANN401 - as JSON
    """Every text below a field of another class than the open ones, but for words of a list."""
    for name, value in body.items():
        privacy = model.privacy_of(name)
        if privacy in VAULT:
            yield from _texts(value)
        elif privacy is Privacy.PSEUDONYM and "Literal" not in str(model.model_fields[name].annotation):
            yield from (text.partition(":")[2] or text for text in _texts(value))
        elif privacy in OPEN:
            inner = [part for part in parts(model.model_fields[name].annotation) if isinstance(value, dict)]
            yield from _secret(inner[0], value) if inner else ()


def _texts(value: Any) -> Iterator[str]:  # noqa: ANN401 - as JSON
    if isinstance(value, dict | list):
        for inner in value.values() if isinstance(value, dict) else value:
            yield from _texts(inner)
    elif isinstance(value, str):
        yield value


@given(st.from_regex(r"[A-Za-z]{6,30}", fullmatch=True))
def test_nothing_of_a_person_is_left(canary: str) -> None:
    """Wherever a text about a person stands, as value, field name, header, id or correlation: it does not pass."""
    canary = f"x{canary}x"
    shown = everything(told(taken(1, canary, REFERENCE)))
    assert json.dumps(canary)[1:-1] not in shown
    assert canary not in shown
    assert "privat.example" not in shown
    assert REFERENCE not in shown


def test_what_analysts_count_with_is_left() -> None:
    """Bands, words of a list, counts, times, institutions and events; one pseudonym for a person wherever it stands."""
    given = told(taken(1, CANARY, REFERENCE))
    body, about = json.loads(given.value or b""), read_envelope(given.headers)
    name = STATISTICS.of(REFERENCE)
    assert body == {
        "revision": 1,
        "seat_id": about.subject,
        "event_id": "stadt:kurs-1",
        "person_ref": name,
        "age_band": "14-17",
        "office": "kurse@stadt.example",
        "country": "DE",
        "attendance": "attended",
        "waits_until": "2026-12-01T10:00:00Z",
        "seats": [{"number": 7, "reserved_for": [name]}],
    }
    assert about.subject == STATISTICS.of_object(f"stadt:{CANARY}-1")
    assert (about.source, given.key, about.traceparent, about.redrive_of) == (
        "/partners/stadt",
        b"stadt:kurs-1",
        "",
        "",
    )


def test_no_time_leads_back_to_a_person() -> None:
    """Who asked at which second an organiser may know: analysts get the day, and no deadline counted from it."""
    name = next(each for each, body in examples().items() if type_of(each).endswith("enrolment.requested.v1"))
    body = {**examples()[name], "waits_until": "2027-02-04T11:22:33Z"}
    body.pop("person", None)
    given = message(
        type_of(name), {**body, "person_ref": REFERENCE}, more=[("ce_time", b"2027-01-05T09:30:07.5+01:00")]
    )
    shown = told(given)
    assert read_envelope(shown.headers).time == "2027-01-05T00:00:00Z"
    assert "waits_until" not in json.loads(shown.value or b"")


def test_a_person_is_followed_over_facts_and_not_over_purposes() -> None:
    """Two facts about one person have one pseudonym; another purpose's stream cannot be joined with this one."""
    first, second = (json.loads(told(taken(n, CANARY, REFERENCE)).value or b"") for n in (1, 2))
    other = json.loads(told(taken(1, CANARY, REFERENCE), Pseudonyms("research_pseudonymous", KEY)).value or b"")
    assert first["person_ref"] == second["person_ref"] != other["person_ref"]
    assert first["seat_id"] != second["seat_id"]


def test_the_unified_fact_still_fits_its_contract() -> None:
    """Readers of the stream read it with the contract, in which a pseudonym is a reference like any other."""
    fact = read(told(taken(1, CANARY, REFERENCE)))
    assert not isinstance(fact, Refusal)
    assert isinstance(fact.fact, SeatTaken)


def test_a_contract_named_by_a_person_is_refused_at_the_start() -> None:
    """What nobody may read cannot be a subject: the service does not start, and says which field it is."""

    class PersonSeen(Fact, type="x.person.seen.v1", stream="events", subject="name", privacy=Privacy.PERSONAL):
        name: Line

    with pytest.raises(TypeError, match=r"x\.person\.seen\.v1 .*name is personal"):
        unified(STATISTICS, [PersonSeen])


def test_what_is_not_known_to_the_rule_goes_nowhere() -> None:
    """A contract that the door knows and the rule does not is an error, which makes a dead letter, and no leak."""
    given = taken(1, CANARY, REFERENCE)
    fact = read(given)
    assert not isinstance(fact, Refusal)
    with pytest.raises(KeyError):
        unified(STATISTICS, [])(fact, given)


def test_the_strictest_class_of_an_annotation_counts() -> None:
    """Where a field may be missing, its class stands inside the annotation: it is found there all the same."""
    assert SeatTaken.privacy_of("person_ref") is Privacy.PSEUDONYM
    assert SeatTaken.privacy_of("office") is Privacy.ROLE
    with pytest.raises(ValidationError):
        SeatTaken.model_validate({})


def test_a_key_is_told_from_another_by_what_stands_for_no_value() -> None:
    """The route of the analysts' stream carries it, so that nothing is written there with a key made anew."""
    one, other = STATISTICS, Pseudonyms(STATISTICS.purpose, OTHER)
    assert one.fingerprint() != other.fingerprint()
    assert one.fingerprint() != one.of("fingerprint")
    held = {route.topic: route.fingerprint for route in routes({}, one.fingerprint()).values()}
    assert held == {UNIFIED: one.fingerprint()}
