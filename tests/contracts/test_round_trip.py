import json
from functools import cache

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from contracts import publish
from contracts.admission import Admitted, Message, read
from contracts.dead_letter import DeadLetter, read_dead_letter
from contracts.envelope import Envelope, read_envelope
from contracts.fact import MAX_PAYLOAD_BYTES, Fact
from contracts.refusal import Refusal
from contracts.registry import CONTRACTS
from contracts.wording import expected
from tests.contracts.strategies import FACTS

ATTRIBUTE = st.text(st.characters(codec="utf-8", exclude_categories=["Cc"]), min_size=1, max_size=50)


@cache
def validator(contract: type[Fact]) -> Draft202012Validator:
    """The contract's published schema."""
    return Draft202012Validator(publish.schema(contract))


def test_every_contract_is_made_up() -> None:
    """A contract without a strategy here would be one whose round trip nobody tests."""
    assert set(FACTS) == set(CONTRACTS.values())


@pytest.mark.parametrize("contract", FACTS, ids=[contract.type for contract in FACTS])
@given(data=st.data())
def test_a_fact_comes_back_from_its_payload(contract: type[Fact], data: st.DataObject) -> None:
    """Whatever a contract can say: payload and back is the same fact, the schema takes it, and it fits a message."""
    fact = data.draw(FACTS[contract])
    payload = fact.payload()
    again = contract.model_validate_json(payload, strict=True)
    assert again == fact
    assert again.payload() == payload
    assert len(payload) <= MAX_PAYLOAD_BYTES
    validator(contract).validate(json.loads(payload))


@given(identity=ATTRIBUTE, subject=ATTRIBUTE, revision=st.integers(1, 2**53 - 1), correlation=ATTRIBUTE)
def test_an_envelope_comes_back_from_its_headers(identity: str, subject: str, revision: int, correlation: str) -> None:
    """Whatever attributes an envelope has, its headers give them back."""
    envelope = Envelope(
        id=identity,
        type="de.lernende-stadt.event.published.v1",
        time="2027-01-01T00:00:00Z",
        source="/partners/vhs",
        subject=subject,
        revision=revision,
        correlation=correlation,
        traceparent="00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
        redrive_of="partner.vhs.inbox/0/7",
    )
    assert read_envelope(envelope.headers()) == envelope


@given(
    key=st.none() | st.binary(max_size=30),
    value=st.none() | st.binary(max_size=200),
    headers=st.lists(st.tuples(st.sampled_from(["ce_id", "dl_id", "original_ce_id", "x"]), st.binary(max_size=30))),
    offset=st.integers(0, 2**62),
)
def test_a_dead_letter_comes_back_whole(
    key: bytes | None, value: bytes | None, headers: list[tuple[str, bytes]], offset: int
) -> None:
    """The original's key, bytes and headers survive burial, also absent ones and ones named like our own."""
    letter = DeadLetter(
        partner="vhs",
        direction="inbound",
        service="intake",
        topic="partner.vhs.inbox",
        partition=3,
        offset=offset,
        refusal=Refusal("json-invalid", "payload", expected("json_invalid")),
        time="2027-01-01T00:00:00Z",
        original=Message(key, value, headers),
    )
    buried = letter.message()
    assert read_dead_letter(buried.value, buried.headers) == letter


def test_a_reader_ignores_what_a_newer_writer_adds() -> None:
    """In the hub's own topics an unknown field is no reason to stop."""
    payload = b'{"revision":1,"event_id":"vhs:1","cause":"legal","added_in_v1_1":true}'
    headers = Envelope("f-1", "de.lernende-stadt.event.withdrawn.v1", "2027-01-01T00:00:00Z").headers()
    taken = read(Message(b"vhs:1", payload, headers))
    assert isinstance(taken, Admitted)
    assert taken.payload == payload
