import json
from collections.abc import Iterator
from functools import cache, reduce
from typing import Any

from hypothesis import example, given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from contracts import publish
from contracts.admission import Admitted, Message, admit, read
from contracts.agreement import Agreement
from contracts.agreements import EXAMPLES, load_agreements
from contracts.refusal import Refusal
from contracts.registry import CONTRACTS
from tests.contracts.worlds import Json, examples, message, partner_of, type_of

CANARY = "Kanarienvogel.7731@privat.example"
NAMES = [
    "ce_id",
    "ce_type",
    "ce_time",
    "ce_source",
    "ce_specversion",
    "ce_subject",
    "ce_revision",
    "CE_ID",
    "content-type",
]
VALIDATORS = {name: Draft202012Validator(publish.schema(contract)) for name, contract in CONTRACTS.items()}
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20) | st.sampled_from(
        ["2027-03-18T18:00:00", "0001-01-01T00:00:00", "9999-12-31T23:59:59Z", "Europe/Berlin", "yes", "12.50", "1e400"]
    ),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)  # fmt: skip


@cache
def partners() -> dict[str, Agreement]:
    """The agreements of the examples."""
    return load_agreements(EXAMPLES)


def owner(payload: dict[str, Any]) -> Agreement:
    """The agreement of the partner whose object it is."""
    return partners()[partner_of(payload)]


def places(value: Json, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The path of every value in a document, the root's too."""
    yield path
    if isinstance(value, dict | list):
        for step, inner in value.items() if isinstance(value, dict) else enumerate(value):
            yield from places(inner, (*path, step))


def put(document: Json, path: tuple[Any, ...], value: Json) -> Json:
    """The document with another value at a path."""
    if not path:
        return value
    copy = dict(document) if isinstance(document, dict) else list(document)
    copy[path[0]] = put(copy[path[0]], path[1:], value)
    return copy


@st.composite
def spoiled(draw: st.DrawFn, what: st.SearchStrategy[Any]) -> Message:
    """An example with something else in one place, or as a header, or as the key."""
    name = draw(st.sampled_from(sorted(examples())))
    payload, kind = examples()[name], type_of(name)
    where = draw(st.sampled_from(["value", "field", "header", "key"]))
    value = draw(what)
    text = (value if isinstance(value, str) else json.dumps(value)).encode(errors="surrogatepass")
    if where == "value":
        return message(kind, put(payload, draw(st.sampled_from(list(places(payload)))), value))
    if where == "field":
        return message(kind, {**payload, str(value): value})
    if where == "header":
        return message(kind, payload, more=[(draw(st.sampled_from(NAMES)), text)])
    return message(kind, payload, key=text)


@given(
    key=st.none() | st.binary(),
    value=st.none() | st.binary(),
    headers=st.lists(st.tuples(st.sampled_from(NAMES) | st.text(max_size=10), st.binary(max_size=40))),
)
def test_no_bytes_break_the_door(key: bytes | None, value: bytes | None, headers: list[tuple[str, bytes]]) -> None:
    """Whatever lies in an inbox, admission answers: it never raises."""
    assert isinstance(admit(Message(key, value, headers), partners()["stadt-gelsenkirchen"]), Admitted | Refusal)
    assert isinstance(read(Message(key, value, headers)), Admitted | Refusal)


@given(value=st.binary(max_size=300))
@example(value=b'{"revision": ' + b"9" * 5_000 + b"}")
@example(value=b'{"a":' * 5_000)
@example(value=b"NaN")
@example(value=b"\xef\xbb\xbf{}")
def test_no_payload_under_good_headers_breaks_the_door(value: bytes) -> None:
    """Bytes that get as far as the contract do not break it either."""
    sent = message("de.lernende-stadt.event.published.v1", value)
    assert isinstance(admit(sent, partners()["stadt-gelsenkirchen"]), Refusal)
    assert isinstance(read(sent), Refusal)


@given(sent=spoiled(JSON))
def test_what_passes_the_door_keeps_to_the_published_schema(sent: Message) -> None:
    """The bytes go on as they are, so what the schema refuses must not pass, whatever the model makes of it."""
    judged = admit(sent, partners()["stadt-gelsenkirchen"])
    assert isinstance(judged, Refusal) or VALIDATORS[judged.envelope.type].is_valid(json.loads(judged.payload))


def respelled(value: Json) -> list[Any]:
    """The same value as lenient programs write it."""
    if isinstance(value, dict | list):
        return [[value], json.dumps(value), None]
    text = str(value)
    return [
        *(text, f"{text} ", f"{text}\n", [value], text.upper(), text.replace("T", " "), text.replace(":00:00", ":00")),
        *(
            text.replace("-", ""),
            text[:10],
            text.replace("Z", "+00:00"),
            text.replace(".00", ""),
            text.replace(".", ","),
        ),
        *((1, 0, "true", "yes") if isinstance(value, bool) else ()),
        *((float(value), f"{value}.0", value + 0.5) if isinstance(value, int | float) else (1_805_302_800, 12.5, True)),
    ]


def test_no_lenient_spelling_passes_that_the_schema_refuses() -> None:
    """The same for each value of each example, told as other programs would: as text, as a number, with a blank."""
    admitted = {
        judged.payload: judged.envelope.type
        for name, payload in examples().items()
        for path in places(payload)
        for value in respelled(reduce(lambda inner, step: inner[step], path, payload))
        if isinstance(judged := admit(message(type_of(name), put(payload, path, value)), owner(payload)), Admitted)
    }
    assert admitted
    for sent, kind in admitted.items():
        VALIDATORS[kind].validate(json.loads(sent))


@given(sent=spoiled(st.just(CANARY) | st.just([CANARY]) | st.just({CANARY: CANARY})))
def test_a_refusal_repeats_no_value(sent: Message) -> None:
    """What a partner wrote by mistake into any field, header or key is not told further by the refusal."""
    judged = admit(sent, partners()["stadt-gelsenkirchen"])
    if isinstance(judged, Refusal):
        assert CANARY not in f"{judged} {judged!r} {judged.remedy('de')}"
        assert "7731" not in repr(judged)


def test_a_canary_in_each_place_of_each_example_is_not_repeated() -> None:
    """The same, without leaving a place out, and almost all of those places do refuse it."""
    told = [
        admit(message(type_of(name), put(payload, path, CANARY)), owner(payload))
        for name, payload in examples().items()
        for path in places(payload)
    ]
    refusals = [judged for judged in told if isinstance(judged, Refusal)]
    assert len(refusals) > len(told) / 2
    assert not [judged for judged in refusals if CANARY in repr(judged)]
