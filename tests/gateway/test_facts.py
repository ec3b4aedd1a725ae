"""``POST /v1/facts`` without Kafka: what is taken, and what a partner reads when it is not."""

import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from contracts.vocabulary import load
from services.gateway.body import MOST_BYTES
from services.gateway.json_format import MOST_FACTS
from services.runtime.api_keys import MOST, KeyFile, new_key
from tests.gateway.worlds import CITY, TYPE, UNIVERSITY, World, binary, fact, structured, written

STRUCTURED, BATCH = "application/cloudevents+json", "application/cloudevents-batch+json"


@pytest.fixture
def world(tmp_path: Path) -> World:
    """A gateway in memory."""
    return World(tmp_path)


def _told(answer: Any, status: int, rule: str, language: str = "en") -> dict[str, Any]:  # noqa: ANN401 - of httpx
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.headers["content-language"] == language
    told: dict[str, Any] = answer.json()
    assert (told["rule"], told["status"]) == (rule, status)
    assert told["type"].endswith(rule)
    assert told["title"] == next(term[language] for term in load("rules")["term"] if term["id"] == rule)
    return told


async def test_a_fact_is_written_with_its_key_and_its_bytes(world: World) -> None:
    """The payload goes on byte for byte; the key is the contract's; the receipt names the fact."""
    payload = written(fact("a")) + b" "
    async with world.client() as client:
        answer = await client.post("/v1/facts", content=payload, headers=binary())
    assert answer.status_code == 202
    ((partner, message),) = world.inboxes.written
    assert (partner, message.key, message.value) == (UNIVERSITY, f"{UNIVERSITY}:a".encode(), payload)
    (receipt,) = answer.json()["receipts"]
    assert receipt == {
        "id": "0-0",
        "status": "received",
        "href": "/v1/receipts/0-0",
        "event": "m-1",
        "type": TYPE,
        "subject": f"{UNIVERSITY}:a",
        "revision": 1,
    }


async def test_a_batch_gets_a_receipt_for_each_fact(world: World) -> None:
    """In the order of the batch."""
    batch = [structured(number, fact(f"b{number}")) for number in range(3)]
    async with world.client() as client:
        answer = await client.post("/v1/facts", content=json.dumps(batch), headers={"content-type": BATCH})
        empty = await client.post("/v1/facts", content="[]", headers={"content-type": BATCH})
    assert [each["event"] for each in answer.json()["receipts"]] == ["m-0", "m-1", "m-2"]
    assert [dict(message.headers)["ce_id"] for _, message in world.inboxes.written] == [b"m-0", b"m-1", b"m-2"]
    assert (empty.status_code, empty.json()) == (202, {"receipts": []})


async def test_a_batch_with_one_wrong_fact_is_refused_as_a_whole(world: World) -> None:
    """Everything that is wrong is told, by its number, and nothing is written."""
    wrong = [structured(0, fact("c")), structured(1, fact("c", revision=0)), structured(2, fact("c"), type="x.v1")]
    async with world.client() as client:
        answer = await client.post("/v1/facts", content=json.dumps(wrong), headers={"content-type": BATCH})
    told = _told(answer, 422, "contract-violated")
    assert [(each["index"], each["rule"], each["place"]) for each in told["errors"]] == [
        (1, "contract-violated", "revision"),
        (2, "type-unknown", "attribute type"),
    ]
    assert world.inboxes.written == []


async def test_a_dry_run_judges_and_writes_nothing(world: World) -> None:
    """The same admission, both ways."""
    async with world.client() as client:
        good = await client.post("/v1/facts?dry_run=1", content=written(fact("d")), headers=binary())
        bad = await client.post("/v1/facts?dry_run=1", content=written(fact("d", revision=0)), headers=binary())
    assert good.status_code == 200
    assert [each["subject"] for each in good.json()["facts"]] == [f"{UNIVERSITY}:d"]
    _told(bad, 422, "contract-violated")
    assert world.inboxes.written == []


WRONG = [
    ("no key", {"authorization": ""}, b"", 401, "key-missing"),
    ("another scheme", {"authorization": "Basic abc"}, b"", 401, "key-missing"),
    ("a strange key", {"authorization": "Bearer hub_stadt_x"}, b"", 401, "key-unknown"),
    ("a path as partner", {"authorization": "Bearer hub_../postgres_x"}, b"", 401, "key-unknown"),
    ("a key of no form", {"authorization": "Bearer nothing"}, b"", 401, "key-unknown"),
    ("compressed", {"content-encoding": "gzip", **binary()}, b"{}", 415, "media-type-unknown"),
    ("another form", {"content-type": "application/cloudevents+avro"}, b"{}", 415, "media-type-unknown"),
    ("another charset", {"content-type": f"{STRUCTURED}; charset=utf-16"}, b"{}", 415, "media-type-unknown"),
    ("no headers", {"content-type": "application/json"}, b"{}", 422, "attribute-missing"),
    ("xml", {**binary(), "content-type": "text/xml"}, b"<a/>", 422, "attribute-invalid"),
    ("no JSON", {"content-type": STRUCTURED}, b"{", 400, "json-invalid"),
    ("a number", {"content-type": STRUCTURED}, b"7", 400, "json-invalid"),
    ("no UTF-8", {"content-type": STRUCTURED}, b"\xff{}", 400, "json-invalid"),
    ("an object as batch", {"content-type": BATCH}, b"{}", 400, "json-invalid"),
    ("twins", {"content-type": STRUCTURED}, b'{"id": "1", "id": "2"}', 400, "json-invalid"),
    ("too deep", {"content-type": STRUCTURED}, b'{"data": ' + b"[" * 200_000, 400, "json-invalid"),
    ("half a character", {"content-type": STRUCTURED}, b'{"id": "\\ud800"}', 422, "attribute-invalid"),
    ("a list as id", {"content-type": STRUCTURED}, b'{"id": [1]}', 422, "attribute-invalid"),
    ("data twice", {"content-type": STRUCTURED}, b'{"data": 1, "data_base64": "MQ=="}', 422, "attribute-invalid"),
    ("no Base64", {"content-type": STRUCTURED}, b'{"data_base64": "?"}', 422, "attribute-invalid"),
    ("an unknown type", binary(contract="de.x.v1"), b"{}", 422, "type-unknown"),
    ("no JSON inside", binary(), b"{", 400, "json-invalid"),
    ("too large a fact", binary(), b" " * 300_000, 413, "too-large"),
    ("too large a body", binary(), b" " * (MOST_BYTES + 1), 413, "body-too-large"),
    ("an empty idempotency key", {**binary(), "idempotency-key": '""'}, b"{}", 400, "parameter-invalid"),
    ("too long an idempotency key", {**binary(), "idempotency-key": "x" * 300}, b"{}", 400, "parameter-invalid"),
]


@pytest.mark.parametrize("language", ["en", "de"])
@pytest.mark.parametrize("row", WRONG, ids=[row[0] for row in WRONG])
async def test_what_is_wrong_is_told_in_the_partners_language(world: World, row: Any, language: str) -> None:  # noqa: ANN401 - of the table
    """Rule, place, what was expected and what to do, in German or English; nothing is written."""
    _, headers, body, status, rule = row
    async with world.client(**{"accept-language": language}) as client:
        answer = await client.post("/v1/facts", content=body, headers=headers)
    told = _told(answer, status, rule, language)
    assert told["detail"].startswith({"en": "expected", "de": "erwartet"}[language])
    assert told["place"]
    assert ("www-authenticate" in answer.headers) == (status == 401)
    assert world.inboxes.written == []


async def test_a_body_without_an_announced_length_is_limited_too(world: World) -> None:
    """What comes in pieces is refused when it gets too large."""

    async def pieces() -> AsyncIterator[bytes]:
        for _ in range(200):
            yield b" " * 10_000

    async with world.client() as client:
        answer = await client.post("/v1/facts", content=pieces(), headers=binary())
    assert "content-length" not in answer.request.headers
    _told(answer, 413, "body-too-large")


async def test_too_many_facts_in_a_batch_are_refused(world: World) -> None:
    """However small they are."""
    body = json.dumps([{}] * (MOST_FACTS + 1))
    async with world.client() as client:
        answer = await client.post("/v1/facts", content=body, headers={"content-type": BATCH})
    assert str(MOST_FACTS) in _told(answer, 413, "body-too-large")["detail"]


async def test_an_agreement_opens_the_door_or_nothing_does(world: World) -> None:
    """Promise 11: a partner whose agreement has no table [http] is told so, also with a key that is valid."""
    async with world.client(world.keys[CITY]) as client:
        answer = await client.post("/v1/facts", content=b"{}", headers=binary())
    assert CITY in _told(answer, 403, "door-closed")["detail"]


async def test_a_contract_that_is_not_opened_and_anothers_object_are_refused(world: World) -> None:
    """Promise 11: the same admission as at the other door."""
    other = written(fact("e")).replace(f'"{UNIVERSITY}:e"'.encode(), f'"{CITY}:e"'.encode())
    async with world.client() as client:
        foreign = await client.post("/v1/facts", content=other, headers=binary())
        source = await client.post(
            "/v1/facts", content=written(fact("e")), headers=binary(**{"ce-source": "/partners/x"})
        )
    _told(foreign, 422, "object-foreign")
    assert _told(source, 422, "source-foreign")["place"] == "header ce-source"


async def test_a_doubled_attribute_is_refused(world: World) -> None:
    """Readers would take one or the other."""
    headers = [*binary().items(), ("ce-id", "m-2")]
    async with world.client() as client:
        answer = await client.post("/v1/facts", content=written(fact("f")), headers=headers)
    assert _told(answer, 422, "attribute-invalid")["place"] == "header ce-id"


async def test_a_revoked_key_is_out_at_once_and_two_may_be_valid(world: World) -> None:
    """A key is changed without a moment in which none is valid."""
    file = KeyFile(world.secrets, UNIVERSITY)
    second, kept = new_key(UNIVERSITY)
    old = file.read()
    file.write([*old, kept])
    assert len(file.read()) == MOST
    async with world.client() as client, world.client(second) as other:
        assert [(await c.post("/v1/facts?dry_run=1")).status_code for c in (client, other)] == [422, 422]
        file.write([kept])
        _told(await client.post("/v1/facts"), 401, "key-unknown")
        assert (await other.post("/v1/facts?dry_run=1")).status_code == 422


def test_what_is_kept_of_a_key_is_not_the_key(world: World) -> None:
    """The file holds a hash, for its owner's eyes alone."""
    path = KeyFile(world.secrets, UNIVERSITY).path
    assert world.keys[UNIVERSITY].split("_", 2)[2] not in path.read_text()
    assert path.stat().st_mode & 0o077 == 0


async def test_a_damaged_file_of_keys_lets_nobody_in(world: World) -> None:
    """Neither by a key that stands in it nor by another; the partner reads that it is no fault of its own."""
    path = KeyFile(world.secrets, UNIVERSITY).path
    path.write_bytes(path.read_bytes() + b"\xc3\xbc" * 32 + b" 2026-11-24T12:00:00+00:00\n")
    async with world.client() as client, world.client(new_key(UNIVERSITY)[0]) as other:
        for each in (client, other):
            answer = await each.post("/v1/facts?dry_run=1")
            assert _told(answer, 500, "gateway-failed")["status"] == 500


async def test_too_many_requests_are_told_when_to_come_again(tmp_path: Path) -> None:
    """The agreement says how many in a minute; after Retry-After the next one is taken."""
    now = [0.0]
    world = World(tmp_path, lambda: now[0])
    async with world.client() as client:
        for _ in range(600):
            assert (await client.post("/v1/facts?dry_run=1")).status_code == 422
        answer = await client.post("/v1/facts?dry_run=1")
        _told(answer, 429, "too-many-requests")
        now[0] += int(answer.headers["retry-after"])
        assert (await client.post("/v1/facts?dry_run=1")).status_code == 422


async def test_the_same_request_twice_is_one_and_another_under_its_key_is_refused(world: World) -> None:
    """The same receipts, written once; a key of one partner says nothing to another."""
    own = binary(**{"idempotency-key": '"a-1"'})
    async with world.client() as client:
        first = await client.post("/v1/facts", content=written(fact("g")), headers=own)
        again = await client.post("/v1/facts", content=written(fact("g")), headers={**own, "idempotency-key": "a-1"})
        other = await client.post("/v1/facts", content=written(fact("g", revision=2)), headers=own)
    assert (first.status_code, first.json()) == (again.status_code, again.json())
    assert first.status_code == 202
    assert len(world.inboxes.written) == 1
    _told(other, 422, "idempotency-key-reused")


async def test_a_part_that_is_away_is_no_fault_of_the_facts(world: World) -> None:
    """503 and when to come again; a receipt is never given for what may be lost."""
    world.inboxes.away = True
    async with world.client() as client:
        answer = await client.post("/v1/facts", content=written(fact("h")), headers=binary())
    _told(answer, 503, "part-away")
    assert int(answer.headers["retry-after"]) > 0


async def test_unknown_addresses_and_methods_are_told_as_problems(world: World) -> None:
    """As everything else."""
    async with world.client(**{"accept-language": "de-DE,de;q=0.9,en;q=0.5"}) as client:
        _told(await client.get("/v2/facts"), 404, "not-found", "de")
        answer = await client.get("/v1/facts")
    _told(answer, 405, "method-not-allowed", "de")
    assert answer.headers["allow"] == "POST"


async def test_a_failure_of_the_gateway_itself_tells_nothing_of_the_request(world: World) -> None:
    """Its kind alone."""

    async def broken(*_: object) -> None:
        raise RuntimeError("Erika-Kanarienvogel")

    world.inboxes.put = broken  # type: ignore[method-assign,assignment]
    async with world.client() as client:
        answer = await client.post("/v1/facts", content=written(fact("i")), headers=binary())
    _told(answer, 500, "gateway-failed")
    assert "Erika" not in answer.text


async def test_a_fact_of_a_time_to_come_is_refused_at_once(world: World) -> None:
    """More than a day ahead of the hub's clock; of events, the dates may lie as far ahead as they do."""
    async with world.client() as client:
        answer = await client.post(
            "/v1/facts", content=written(fact("t")), headers=binary(**{"ce-time": "2999-01-01T00:00:00Z"})
        )
    _told(answer, 422, "attribute-invalid")
    assert answer.json()["place"] == "header ce-time"
    assert world.inboxes.written == []
