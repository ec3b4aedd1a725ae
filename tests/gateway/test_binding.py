"""One fact in three forms is one message. Source: CloudEvents 1.0.2, HTTP protocol binding and JSON event format."""

import base64
import json
from typing import Any
from urllib.parse import quote

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from contracts.admission import Message
from contracts.envelope import ATTRIBUTES
from services.gateway.binding import read_facts
from services.gateway.language import preferred
from services.gateway.rates import Rates
from services.gateway.spelled import members, objects

TEXTS = st.text(st.characters(codec="utf-8"), max_size=40)
JSON: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | TEXTS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXTS, inner, max_size=4),
    max_leaves=20,
)
SPACES = st.text(" \t\n\r", max_size=3)
ATTRIBUTE = st.dictionaries(st.sampled_from(ATTRIBUTES), TEXTS)


def _escaped(value: str) -> str:
    """As section 3.1.3.2 says: what is no visible ASCII, blanks, quotation marks and % are percent-encoded."""
    return quote(value, safe="".join(chr(n) for n in range(0x21, 0x7F) if chr(n) not in '"%'))


def _binary(attributes: dict[str, str], payload: bytes) -> Message:
    headers = [(f"ce-{name}".encode(), _escaped(value).encode()) for name, value in attributes.items()]
    (message,) = read_facts([*headers, (b"content-type", b"application/json")], payload).messages
    return message


def _read(media_type: str, body: str) -> list[Message]:
    return read_facts([(b"content-type", media_type.encode())], body.encode()).messages


@given(ATTRIBUTE, JSON, SPACES, st.booleans())
@example(attributes={"id": 'a "b" %41 ö', "subject": "\\"}, data={"a": "\u2028"}, space=" ", ascii_alone=True)
def test_the_three_forms_of_a_fact_give_one_message(
    attributes: dict[str, str],
    data: Any,  # noqa: ANN401 - drawn
    space: str,
    ascii_alone: bool,  # noqa: FBT001 - drawn
) -> None:
    """Attributes by their text, the payload byte for byte as it is written, whatever stands around it."""
    payload = json.dumps(data, ensure_ascii=ascii_alone, indent=1)
    names = [f"{json.dumps(name)}{space}:{space}{json.dumps(value)}" for name, value in attributes.items()]
    whole = "{" + space + f"{space},{space}".join([*names, f'"data":{space}{payload}']) + space + "}"
    encoded = json.dumps({**attributes, "data_base64": base64.b64encode(payload.encode()).decode()})
    binary = _binary(attributes, payload.encode())
    assert binary.value == payload.encode()
    assert _read("application/cloudevents+json", whole) == [binary]
    assert _read("application/cloudevents+json; charset=UTF-8", encoded) == [binary]
    batch = f"{space}[{space}{whole}{space},{space}{encoded}{space}]{space}"
    assert _read("application/cloudevents-batch+json", batch) == [binary, binary]


@given(st.integers(-(2**53), 2**53), st.booleans())
def test_numbers_and_truth_have_one_text(number: int, truth: bool) -> None:  # noqa: FBT001 - drawn
    """The canonical form of the type system: 7 and "7" are the same attribute."""
    whole = json.dumps({"revision": number, "subject": truth, "id": None})
    written = {"revision": str(number), "subject": str(truth).lower()}
    assert _read("application/cloudevents+json", whole) == [_binary(written, b"")]


@given(JSON)
def test_what_json_is_read_as_python_reads_it(value: Any) -> None:  # noqa: ANN401 - drawn
    """Taken apart and put together again, an object is what it was."""
    text = json.dumps({"a": value, "b": [value]})
    found = members(text)
    assert {name: each.value for name, each in found.items()} == json.loads(text)
    assert {name: json.loads(each.text) for name, each in found.items()} == json.loads(text)
    assert [len(each) for each in objects(f"[{text},{{}}]")] == [2, 0]


@given(st.text(st.sampled_from('{}[]",: a1\\'), max_size=12))
def test_nonsense_is_refused_where_python_refuses_it(text: str) -> None:
    """No text is taken that is no JSON."""
    try:
        python = json.loads(text)
    except ValueError:
        python = None
    try:
        ours: Any = {name: each.value for name, each in members(text).items()}
    except ValueError:
        ours = None
    twice = isinstance(python, dict) and len(python) < text.count(":") and ours is None
    assert twice or ours == (python if isinstance(python, dict) else None)


@pytest.mark.parametrize(
    ("header", "language"),
    [
        ("", "en"),
        ("de", "de"),
        ("de-DE,de;q=0.9,en;q=0.8", "de"),
        ("en,de", "en"),
        ("en;q=0.4,de;q=0.5", "de"),
        ("fr, *;q=0.1", "en"),
        ("*, en;q=0.1", "de"),
        ("de;q=0", "en"),
        ("de;q=x", "en"),
        ("tr,de;q=0.3", "de"),
    ],
)
def test_the_language_is_what_the_header_weighs_more(header: str, language: str) -> None:
    """RFC 9110, section 12.5.4."""
    assert preferred(header) == language


@given(st.integers(1, 20), st.lists(st.sampled_from([0.0, 0.01, 0.5, 7.0]), max_size=90))
@example(most=1, pauses=[0.0, 1.0])
def test_nobody_gets_more_than_a_full_bucket_and_what_flows_in(most: int, pauses: list[float]) -> None:
    """And whoever waits as long as told is let in."""
    rates, now, let_in = Rates(), 0.0, 0
    for pause in pauses:
        now += pause
        seconds = rates.wait("p", most, now)
        let_in += seconds == 0
        if seconds and pause:
            now += seconds
            assert rates.wait("p", most, now) == 0
            let_in += 1
    assert let_in <= most + now * most / 60 + 1
