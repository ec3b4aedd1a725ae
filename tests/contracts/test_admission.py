from typing import Any

import pytest

from contracts.admission import Admitted, Message, admit, read
from contracts.envelope import read_envelope
from contracts.fact import MAX_PAYLOAD_BYTES
from contracts.refusal import Refusal, RefusedError
from contracts.registry import CONTRACTS
from contracts.vocabulary import ids
from tests.contracts.worlds import Json, agreement_of, examples, message, type_of

PUBLISHED = "de.lernende-stadt.event.published.v1"
OBSERVED = "de.lernende-stadt.observation.recorded.v1"
COURSE: dict[str, Any] = examples()[f"{PUBLISHED}.1"]
ZONE = {"zone": "Europe/Berlin", "utc": "0001-01-01T00:00:00Z"}
CITY = agreement_of(COURSE)


def changed(path: str, value: Json) -> dict[str, Any]:
    """The course with one field changed; ``path`` is dotted, numbers are places in lists."""
    copy: Json = examples()[f"{PUBLISHED}.1"]
    inner, *steps = copy, *[int(step) if step.isdigit() else step for step in path.split(".")]
    for step in steps[:-1]:
        inner = inner[step]
    inner[steps[-1]] = value
    result: dict[str, Any] = copy
    return result


def refusal(sent: Message) -> Refusal:
    """Have a message judged that must be refused."""
    judged = admit(sent, CITY)
    assert isinstance(judged, Refusal)
    return judged


@pytest.mark.parametrize("name", [name for name in examples() if not CONTRACTS[type_of(name)].by_hub])
def test_examples_pass_the_door(name: str) -> None:
    """Each example passes the inbox of its partner, byte for byte, with key, source, subject and revision stamped."""
    sent = message(type_of(name), examples()[name])
    judged = admit(sent, agreement_of(examples()[name]))
    assert isinstance(judged, Admitted)
    assert judged.payload == sent.value
    assert judged.envelope.source == f"/partners/{agreement_of(examples()[name]).id}"
    assert (judged.envelope.subject, judged.envelope.revision) == (judged.fact.subject, judged.fact.revision)
    assert judged.envelope.correlation == "f-1"
    again = read(Message(judged.fact.key.encode(), judged.payload, judged.envelope.headers()))
    assert again == judged


@pytest.mark.parametrize(
    ("sent", "rule", "place"),
    [
        (message(PUBLISHED, b"\xff\xfe\x00"), "json-invalid", "payload"),
        (message(PUBLISHED, b'{"revision": 1,'), "json-invalid", "payload"),
        (message(PUBLISHED, b"<html>"), "json-invalid", "payload"),
        (message(PUBLISHED, b""), "json-invalid", "payload"),
        (Message(None, None, message(PUBLISHED, b"").headers), "json-invalid", "payload"),
        (message(PUBLISHED, b"[]"), "contract-violated", "the whole fact"),
        (message(PUBLISHED, b"[" * 100_000), "json-invalid", "payload"),
        (message(PUBLISHED, b'{"revision": "a", "revision": 1}'), "contract-violated", "event_id"),
        (message(PUBLISHED, b" " * (MAX_PAYLOAD_BYTES + 1)), "too-large", "payload"),
        (message("de.lernende-stadt.event.annulled.v1", COURSE), "type-unknown", "header ce_type"),
        (message("de.lernende-stadt.event.published.v9", COURSE), "version-unknown", "header ce_type"),
        (
            message(PUBLISHED, COURSE, more=[("ce_source", b"/partners/vhs-essen")]),
            "source-foreign",
            "header ce_source",
        ),
        (message(PUBLISHED, COURSE, without=["ce_id"]), "attribute-missing", "header ce_id"),
        (message(PUBLISHED, COURSE, without=["ce_type"]), "attribute-missing", "header ce_type"),
        (message(PUBLISHED, COURSE, more=[("ce_id", b"\xff")]), "attribute-invalid", "header ce_id"),
        (message(PUBLISHED, COURSE, more=[("ce_id", b"a\n")]), "attribute-invalid", "header ce_id"),
        (message(PUBLISHED, COURSE, more=[("ce_id", b"a" * 301)]), "attribute-invalid", "header ce_id"),
        (message(PUBLISHED, COURSE, more=[("ce_specversion", b"0.3")]), "attribute-invalid", "header ce_specversion"),
        (message(PUBLISHED, COURSE, more=[("ce_time", b"2027-01-05T09:30:00")]), "attribute-invalid", "header ce_time"),
        (message(PUBLISHED, COURSE, more=[("ce_time", b"20270105T093000Z")]), "attribute-invalid", "header ce_time"),
        (message(PUBLISHED, COURSE, more=[("ce_time", b"yesterday")]), "attribute-invalid", "header ce_time"),
        (message(PUBLISHED, COURSE, more=[("ce_revision", b"4")]), "attribute-invalid", "header ce_revision"),
        (message(PUBLISHED, COURSE, more=[("ce_revision", "³".encode())]), "attribute-invalid", "header ce_revision"),
        (message(PUBLISHED, COURSE, more=[("ce_subject", b"vhs:1")]), "subject-differs", "header ce_subject"),
        (
            message(PUBLISHED, COURSE, more=[("content-type", b"text/calendar")]),
            "attribute-invalid",
            "header content-type",
        ),
        (message(PUBLISHED, COURSE, key=b"another"), "key-differs", "key"),
        (message(PUBLISHED, COURSE, key=b"\xff"), "key-differs", "key"),
        (message(PUBLISHED, changed("event_id", "vhs-essen:1")), "object-foreign", "event_id"),
        (message(PUBLISHED, changed("event_id", "stadt-gelsenkirchen-2:1")), "object-foreign", "event_id"),
        (message(PUBLISHED, changed("organiser.contact", "erika.mustermann@stadt.example")), "contact-personal", None),
        (message(PUBLISHED, changed("texts.0.title", "x" * 301)), "contract-violated", "texts.0.title"),
        (message(PUBLISHED, changed("texts.0.title", "a\x00b")), "contract-violated", "texts.0.title"),
        (message(PUBLISHED, changed("texts.0.description", "a\x00b")), "contract-violated", "texts.0.description"),
        (message(PUBLISHED, changed("texts.1.language", "de")), "contract-violated", "the whole fact"),
        (message(PUBLISHED, changed("sessions.0.start.local", "2027-03-18T18:00:00+01:00")), "contract-violated", None),
        (message(PUBLISHED, changed("sessions.0.start.utc", "2027-03-18T17:00:00")), "contract-violated", None),
        (message(PUBLISHED, changed("sessions.0.start.utc", "1805302800")), "contract-violated", None),
        (message(PUBLISHED, changed("sessions.0.start.utc", 1_805_302_800)), "contract-violated", None),
        (message(PUBLISHED, changed("sessions.0.start.zone", "W. Europe Standard Time")), "contract-violated", None),
        (
            message(PUBLISHED, changed("sessions.0.start.utc", "2027-03-18T18:00:00Z")),
            "contract-violated",
            "sessions.0.start",
        ),
        (
            message(
                PUBLISHED, changed("sessions.0.end", COURSE["sessions"][0]["start"] | {"local": "2027-03-18T17:59:59"})
            ),
            "contract-violated",
            "sessions.0.end",
        ),
        (
            message(PUBLISHED, changed("sessions.0.start", ZONE | {"local": "0001-01-01T00:00:00"})),
            "contract-violated",
            "sessions.0.start",
        ),
        (message(PUBLISHED, changed("sessions.0.start.local", "2027-02-30T18:00:00")), "contract-violated", None),
        (message(PUBLISHED, changed("prices.0.amount", 12.5)), "contract-violated", "prices.0.amount"),
        (message(PUBLISHED, changed("prices.0.amount", "1E+2")), "contract-violated", "prices.0.amount"),
        (message(PUBLISHED, changed("revision", "3")), "contract-violated", "revision"),
        (message(PUBLISHED, changed("revision", 0)), "contract-violated", "revision"),
        (message(PUBLISHED, changed("place.ags", 5513000)), "contract-violated", "place.ags"),
        (message(PUBLISHED, changed("source_url", "https://vhs.example/100%")), "contract-violated", "source_url"),
        (message(PUBLISHED, changed("source_url", "https://me:pw@vhs.example/")), "contract-violated", "source_url"),
        (message(PUBLISHED, changed("source_url", "javascript:alert(1)")), "contract-violated", "source_url"),
        (message(PUBLISHED, changed("licence", "CC-BY-9")), "contract-violated", "licence"),
        (message(PUBLISHED, changed("bausteine.0", "B17")), "contract-violated", "bausteine.0"),
        (message(PUBLISHED, changed("sdgs.0.target", "4.7")), "contract-violated", "sdgs.0"),
        (message(PUBLISHED, changed("free_of_charge", "yes")), "contract-violated", "the whole fact"),
    ],
)
def test_bad_input_is_refused_with_rule_and_place(sent: Message, rule: str, place: str | None) -> None:
    """Each kind of bad input names the rule it breaks and where, and the rule has a remedy in both languages."""
    judged = refusal(sent)
    assert (judged.rule, place or judged.place) == (rule, judged.place)
    assert judged.rule in ids("rules")
    assert judged.remedy("de")
    assert judged.remedy("en")


def test_an_end_before_its_start_is_refused() -> None:
    """A session that ends before it starts is told as such."""
    session = {**COURSE["sessions"][0], "end": COURSE["sessions"][0]["start"], "start": COURSE["sessions"][0]["end"]}
    judged = refusal(message(PUBLISHED, changed("sessions.0", session)))
    assert (judged.rule, judged.place) == ("contract-violated", "sessions.0")
    assert "not before the start" in judged.expected.en


@pytest.mark.parametrize(
    ("coarsened", "uncertainty", "taken"),
    [("yes", None, False), ("yes", 700, True), ("no", None, True), ("unknown", None, True)],
)
def test_a_coarsened_point_has_a_radius(coarsened: str, uncertainty: int | None, *, taken: bool) -> None:
    """Without one, somebody's map shows the point as the place where a rare bird breeds."""
    body = {**examples()[f"{OBSERVED}.1"], "coarsened": coarsened, "uncertainty": uncertainty}
    told = {name: value for name, value in body.items() if value is not None}
    judged = admit(message(OBSERVED, told), agreement_of(told))
    assert isinstance(judged, Admitted) is taken
    assert isinstance(judged, Admitted) or "uncertainty" in judged.expected.de


def test_a_lone_surrogate_is_refused() -> None:
    """Half a character, which JSON can spell and UTF-8 cannot, does not come in."""
    value = message(PUBLISHED, changed("texts.0.title", "PLATZ")).value or b""
    assert refusal(message(PUBLISHED, value.replace(b"PLATZ", b"\\ud800"))).rule in (
        "json-invalid",
        "contract-violated",
    )


def test_a_key_that_stands_twice_is_refused() -> None:
    """We would judge the last of the twins; a reader that takes the first would see what nobody judged."""
    value = message(PUBLISHED, COURSE).value or b""
    twin = value.replace(b'"revision": 3', b'"revision": "erika.mustermann@stadt.example", "revision": 3')
    judged = refusal(message(PUBLISHED, twin))
    assert (judged.rule, judged.place) == ("json-invalid", "payload")
    assert judged.expected.en.startswith("expected each key of an object once")


def test_an_unknown_field_is_refused_from_a_writer_and_ignored_by_a_reader() -> None:
    """A partner's unknown field is refused without naming it, since it may be a name; in hub topics it is ignored."""
    sent = message(PUBLISHED, COURSE | {"erika_mustermann": 1})
    judged = refusal(sent)
    assert (judged.rule, judged.place) == ("contract-violated", "(a field the contract does not know)")
    assert isinstance(read(sent), Admitted)


def test_a_type_the_agreement_does_not_open_is_refused() -> None:
    """What a partner may send is what its agreement opens, and the refusal says what that is."""
    closed = CITY.model_copy(update={"inbox": CITY.inbox.model_copy(update={"contracts": ()})})
    judged = admit(message(PUBLISHED, COURSE), closed)
    assert isinstance(judged, Refusal)
    assert judged.rule == "type-not-allowed"
    assert "the agreement stadt-gelsenkirchen opens no contract" in judged.expected.en


def test_an_agreed_address_passes() -> None:
    """An address that looks personal passes where the agreement lists it as an office's."""
    contact = "moni@stadt-gelsenkirchen.example"
    sent = message(PUBLISHED, changed("organiser.contact", contact))
    assert refusal(sent).rule == "contact-personal"
    assert isinstance(admit(sent, CITY.model_copy(update={"role_addresses": (contact,)})), Admitted)


def test_what_is_foreign_in_the_headers_does_not_travel_on() -> None:
    """The stamped envelope holds what the hub knows, nothing that a partner slipped in beside it."""
    judged = admit(message(PUBLISHED, COURSE, more=[("x-person", b"Erika"), ("reply_to", b"hub.events")]), CITY)
    assert isinstance(judged, Admitted)
    assert {name for name, _ in judged.envelope.headers()} == {
        "ce_specversion", "ce_id", "ce_source", "ce_type", "ce_subject", "ce_time", "ce_revision", "ce_correlationid",
        "content-type",
    }  # fmt: skip


def test_a_header_without_a_value_counts_as_missing() -> None:
    """Kafka knows headers without a value; one is no reason to break down."""
    nothing: Any = None
    sent = message(PUBLISHED, COURSE, more=[("ce_subject", nothing)])
    assert read_envelope(sent.headers).subject == ""
    assert refusal(message(PUBLISHED, COURSE, more=[("ce_id", nothing)])).rule == "attribute-missing"


def test_the_first_of_two_content_types_counts() -> None:
    """A reader may take either; what says first that it is no JSON is refused."""
    sent = message(PUBLISHED, COURSE, without=["content-type"])
    twice = [*sent.headers, ("content-type", b"text/plain"), ("content-type", b"application/json")]
    with pytest.raises(RefusedError, match="header content-type"):
        read_envelope(twice)
