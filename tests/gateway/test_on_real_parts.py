"""The gateway as a process of its own, with real Kafka, real PostgreSQL and the services behind it."""

import asyncio
import json
import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx
import pytest
from aiokafka import TopicPartition

from contracts.topics import inbox
from deploy import parts
from deploy.few import few
from deploy.stack import Stack
from deploy.temporary import temporary
from services.gateway.body import MOST_BYTES
from services.runtime.api_keys import KeyFile, new_key
from services.runtime.kafka import Kafka
from tests.contracts.worlds import examples, message
from tests.gateway.worlds import CITY, NGO, UNIVERSITY, binary, fact, structured, written

pytestmark = pytest.mark.real
PATIENCE_S = 60
CANARY = "Erika-Kanarienvogel"
SELDOM = 3
"""Requests of the city in a minute."""
STRUCTURED, BATCH = "application/cloudevents+json", "application/cloudevents-batch+json"
PUBLICATION = "de.lernende-stadt.publication.published.v1"
ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """Kafka, PostgreSQL, the services and the gateway, with the example agreements applied; the city may ask seldom."""
    folder = few(tmp_path_factory.mktemp("gateway") / "agreements")
    city = folder / f"{CITY}.toml"
    city.write_text(city.read_text("utf-8").replace("[http]\n", f"[http]\nrequests = {SELDOM}\n"), "utf-8")
    with temporary((*parts.FOUNDATION, *parts.SERVICES, "gateway"), agreements=folder) as stack:
        address = f"http://127.0.0.1:{stack.site.ports['gateway']}/health/ready"
        until = time.monotonic() + PATIENCE_S
        while not _ready(address):
            assert time.monotonic() < until, stack.supervisor.log("gateway").read_text()[-3_000:]
            time.sleep(0.2)
        yield stack


def _ready(address: str) -> bool:
    try:
        return httpx.get(address, timeout=5).is_success
    except httpx.TransportError:
        return False


def _hub(stack: Stack, *words: str, code: int = 0, **more: str) -> str:
    environment = {**os.environ, **stack.site.environment(), **more}
    command = [sys.executable, "-m", "services.operations.hub", *words]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60, check=False)  # noqa: S603
    assert done.returncode == code, done.stderr
    return done.stdout.strip()


@pytest.fixture(scope="module")
def client(running: Stack) -> Iterator[httpx.Client]:
    """The university, by a key of its own."""
    key = _hub(running, "key", "add", UNIVERSITY)
    address = f"http://127.0.0.1:{running.site.ports['gateway']}"
    with httpx.Client(base_url=address, headers={"Authorization": f"Bearer {key}"}, timeout=40) as made:
        yield made


def _post(client: httpx.Client, number: int, payload: dict[str, Any], **more: str) -> httpx.Response:
    return client.post("/v1/facts", content=written(payload), headers=binary(number, **more))


def _receipt(answer: httpx.Response) -> str:
    assert answer.status_code == 202, answer.text
    (receipt,) = answer.json()["receipts"]
    return str(receipt["href"])


def _status(client: httpx.Client, href: str, *wanted: str) -> dict[str, Any]:
    """What a receipt says once it says one of what is wanted, or after a minute."""
    until = time.monotonic() + PATIENCE_S
    while (told := client.get(href).raise_for_status().json())["status"] not in wanted and time.monotonic() < until:
        time.sleep(0.3)
    return dict(told)


def _inbox(stack: Stack) -> list[dict[str, Any]]:
    """All that lies in the university's inbox, in its order: ids and payloads."""

    async def read() -> list[dict[str, Any]]:
        place, found = TopicPartition(inbox(UNIVERSITY), 0), list[dict[str, Any]]()
        async with Kafka(stack.site.settings(), "hub-admin").consumer() as consumer:
            consumer.assign([place])
            await consumer.seek_to_beginning(place)
            end = (await consumer.end_offsets([place]))[place]
            while await consumer.position(place) < end:
                for each in (await consumer.getmany(place, timeout_ms=200)).get(place, []):
                    headers = {name: value.decode() for name, value in each.headers}
                    found.append({"id": headers["ce_id"], "headers": headers, "data": _json(each.value)})
        return found

    return asyncio.run(read())


def _json(value: bytes) -> object:
    try:
        return json.loads(value)
    except ValueError:
        return value


async def test_a_fact_lies_in_the_inbox_when_its_receipt_is_given(running: Stack, client: httpx.Client) -> None:
    """Promise 1: 202 comes after Kafka has it; the receipt says where, and the payload is there byte for byte."""
    partition, offset = map(int, _receipt(_post(client, 1, fact("a"))).rpartition("/")[2].split("-"))
    async with Kafka(running.site.settings(), "hub-admin").consumer() as consumer:
        place = TopicPartition(inbox(UNIVERSITY), partition)
        consumer.assign([place])
        consumer.seek(place, offset)
        record = await consumer.getone(place)
    assert (record.offset, record.value, record.key) == (offset, written(fact("a")), f"{UNIVERSITY}:a".encode())
    assert dict(record.headers)["ce_id"] == b"m-1"


def test_a_receipt_says_what_became_of_each_fact(client: httpx.Client) -> None:
    """Delivered, repeated, overtaken, refused by a service with its reason: as the services left it."""
    hrefs = [
        _receipt(_post(client, number, payload))
        for number, payload in enumerate(
            [fact("r"), fact("r"), fact("r", 3), fact("r", 2), fact("r", 3, version="9")], 10
        )
    ]
    ends = ("delivered", "duplicate", "superseded", "rejected")
    told = [_status(client, href, *ends) for href in hrefs]
    found = [each["status"] for each in told]
    assert found.pop(1) in ("duplicate", "superseded")  # what it repeats is overtaken by now, or not yet
    assert found == ["delivered", "delivered", "superseded", "rejected"]
    assert (told[4]["problem"]["rule"], told[4]["revision"]) == ("revision-conflict", 3)
    german = client.get(hrefs[4], headers={"Accept-Language": "de"}).json()
    assert german["problem"]["detail"].startswith("erwartet: ")
    again = _status(client, _receipt(_post(client, 20, fact("r", 3))), "duplicate")
    assert again["status"] == "duplicate"


@pytest.mark.parametrize("identifier", ["0-999999", "7-0", "x", "0-0-0", "0-99999999999999999999"])
def test_what_is_no_receipt_of_the_asker_is_unknown(client: httpx.Client, identifier: str) -> None:
    """Nobody asks beyond its own inbox."""
    answer = client.get(f"/v1/receipts/{identifier}")
    assert (answer.status_code, answer.json()["rule"]) == (404, "receipt-unknown")


def test_the_same_request_twice_is_written_once(running: Stack, client: httpx.Client) -> None:
    """By its Idempotency-Key, also after the first answer; another request under the key is refused."""
    first, again = (_post(client, 30, fact("k"), **{"idempotency-key": "k-1"}) for _ in range(2))
    assert first.status_code == 202
    assert first.json() == again.json()
    (once,) = [each for each in _inbox(running) if each["id"] == "m-30"]
    assert once["data"] == fact("k")
    other = _post(client, 31, fact("k", 2), **{"idempotency-key": "k-1"})
    assert (other.status_code, other.json()["rule"]) == (422, "idempotency-key-reused")
    refused = _post(client, 32, fact("k", 0), **{"idempotency-key": "k-2"})
    mended = _post(client, 32, fact("k", 2), **{"idempotency-key": "k-2"})
    assert (refused.status_code, mended.status_code) == (422, 202)


def _tell(stack: Stack, *names: str) -> None:
    """The city publishes something, through its own Kafka client."""

    async def send() -> None:
        async with Kafka(stack.site.settings(), f"partner-{CITY}").producer() as producer:
            for name in names:
                event = {**examples()["de.lernende-stadt.event.published.v1.1"], "event_id": f"{CITY}:{name}"}
                own = message("de.lernende-stadt.event.published.v1", event, more=[("ce_id", name.encode())])
                await producer.send_and_wait(inbox(CITY), value=own.value, headers=[*own.headers])

    asyncio.run(send())


def test_an_outbox_is_read_by_cursor(running: Stack, client: httpx.Client) -> None:
    """What is open to the partner, each fact once, as CloudEvents; who asks early waits for what comes."""
    begin = client.get("/v1/outbox", params={"limit": 1000}).raise_for_status()
    asked = {"after": begin.headers["hub-cursor"], "wait": 30, "limit": 2}
    with ThreadPoolExecutor() as beside:
        waiting = beside.submit(client.get, "/v1/outbox", params=asked)
        _tell(running, "o-1", "o-2", "o-3")
        answers = [waiting.result().raise_for_status()]
    while sum(len(each.json()) for each in answers) < 3:
        answers.append(client.get(answers[-1].links["next"]["url"]).raise_for_status())
    facts = [each for answer in answers for each in answer.json()]
    assert sorted(each["id"] for each in facts) == ["o-1", "o-2", "o-3"]  # of three events: in any order
    assert max(len(each.json()) for each in answers) <= 2
    assert {each["source"] for each in facts} == {f"/partners/{CITY}"}
    assert all(each["data"]["event_id"] == f"{CITY}:{each['id']}" for each in facts)
    assert answers[0].headers["content-type"] == "application/cloudevents-batch+json"
    again = client.get("/v1/outbox", params={"after": asked["after"]}).json()
    assert again == facts
    last = client.get("/v1/outbox", params={"after": answers[-1].headers["hub-cursor"]}).raise_for_status()
    assert (last.json(), int(last.headers["hub-cursor"]) >= int(answers[-1].headers["hub-cursor"])) == ([], True)
    rows = json.loads(_hub(running, "status", "-o", "json", code=3))  # Prefect does not run here
    (row,) = [row for row in rows if (row["partner"], row["direction"]) == (UNIVERSITY, "out")]
    assert row["waiting"] == 0


SESSIONS = [
    re.findall(r"```console\n(.*?)```", (ROOT / "docs" / page).read_text(encoding="utf-8"), re.DOTALL)
    for page in ("for-partners.md", "fuer-partner.md")
]


def _by_kafka(stack: Stack, value: bytes, number: int) -> str:
    """The university tells something past the HTTP door, which would have refused it; returns its receipt."""

    async def send() -> tuple[int, int]:
        headers = [(name.replace("ce-", "ce_"), told.encode()) for name, told in binary(number).items()]
        async with Kafka(stack.site.settings(), f"partner-{UNIVERSITY}").producer() as producer:
            lies = await producer.send_and_wait(inbox(UNIVERSITY), value=value, headers=headers)
        return lies.partition, lies.offset

    return "/v1/receipts/{}-{}".format(*asyncio.run(send()))


def _letters(stack: Stack) -> list[dict[str, Any]]:
    return list(json.loads(_hub(stack, "deadletter", "list", "-o", "json")))


def test_a_receipt_of_what_was_repaired_says_what_became_of_the_copy(
    running: Stack, client: httpx.Client, tmp_path: Path
) -> None:
    """Refused by the door, or by the service behind it: once an operator sends a repaired copy in, that one counts."""
    before = {row["id"] for row in _letters(running)}
    _status(client, _receipt(_post(client, 69, fact("x"))), "delivered")
    hrefs = [_by_kafka(running, b'{"revision": ', 70), _receipt(_post(client, 71, fact("x", version="9")))]
    rules = [_status(client, href, "rejected")["problem"]["rule"] for href in hrefs]
    assert rules == ["json-invalid", "revision-conflict"]
    letters = {row["rule"]: row["id"] for row in _letters(running) if row["id"] not in before}
    for rule, name, revision in (("json-invalid", "y", 1), ("revision-conflict", "x", 2)):
        mended = tmp_path / "mended"
        mended.write_bytes(written(fact(name, revision)))
        _hub(running, "deadletter", "repair", letters[rule], "--yes", VISUAL=f"cp {mended}")
    assert [_status(client, href, "delivered")["status"] for href in hrefs] == ["delivered", "delivered"]


def test_the_session_of_the_docs_does_what_it_says(running: Stack, client: httpx.Client) -> None:
    """What a partner copies works, and is the same in both languages."""
    assert SESSIONS[0] == SESSIONS[1]
    own = {"HUB": str(client.base_url).rstrip("/"), "KEY": client.headers["authorization"].split()[1]}
    script = "set -euo pipefail\n" + "\n".join(SESSIONS[0])
    _tell(running, "d-1")
    done = subprocess.run(  # noqa: S603 - our own commands
        ["/bin/bash", "-c", script], cwd=ROOT, env={**os.environ, **own}, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert '"subject":"universitaet-wuppertal:hitze-schalke"' in done.stdout
    assert "hub-cursor: " in done.stdout.lower()


def test_an_enrolment_has_a_receipt_and_its_person_is_read_for_a_purpose(client: httpx.Client) -> None:
    """Who takes part goes into the vault and comes out for who organises it; streams carry a reference."""
    asked = {"ce-type": "de.lernende-stadt.enrolment.requested.v1"}
    person = {"person_id": "7", "name": "Nurhan Beispiel", "birth_year": 1988, "needs": ["Rollstuhl"]}
    body = {"revision": 1, "enrolment_id": f"{UNIVERSITY}:e-1", "offering_id": f"{UNIVERSITY}:studie", "person": person}
    told = [
        _status(client, _receipt(_post(client, number, body, **asked)), "delivered", "duplicate") for number in (1, 2)
    ]
    assert [each["status"] for each in told] == ["delivered", "duplicate"]
    facts = client.get("/v1/outbox", params={"limit": 1000}).raise_for_status().json()
    (ref,) = {each["data"]["person_ref"] for each in facts if each["subject"] == f"{UNIVERSITY}:e-1"}
    found = client.get(f"/v1/persons/{ref}", params={"purpose": "enrolment_processing"}).raise_for_status()
    assert {**found.json(), "told_at": ""} == {
        "person_ref": ref,
        "told_at": "",
        **{name: value for name, value in person.items() if name != "person_id"},
    }
    assert found.headers["cache-control"] == "no-store"
    refused = [
        client.get(f"/v1/persons/{other}", params=purpose)
        for other, purpose in (
            (ref, {}),
            (ref, {"purpose": "event_publication"}),
            ("a" * 26, {"purpose": "enrolment_processing"}),
        )
    ]
    assert [(each.status_code, each.json()["rule"]) for each in refused] == [
        (400, "parameter-invalid"),
        (403, "purpose-not-agreed"),
        (404, "person-unknown"),
    ]


def test_a_cursor_beyond_the_outbox_is_refused(client: httpx.Client) -> None:
    """Rather than waiting for ever."""
    answer = client.get("/v1/outbox", params={"after": 10**9})
    assert (answer.status_code, answer.json()["rule"]) == (410, "cursor-beyond")


def test_a_key_is_listed_and_revoked_by_its_id(running: Stack, client: httpx.Client) -> None:
    """Two at a time; what is listed lets nobody in; a revoked one is out with the next request."""
    second = _hub(running, "key", "add", UNIVERSITY)
    rows = [row for row in json.loads(_hub(running, "key", "list", "-o", "json")) if row["partner"] == UNIVERSITY]
    assert len(rows) == 2
    assert second not in json.dumps(rows)
    address = str(client.base_url.join("/v1/outbox"))
    own = {"Authorization": f"Bearer {second}"}
    assert httpx.get(address, headers=own).is_success
    _hub(running, "key", "revoke", UNIVERSITY, rows[1]["id"])
    assert httpx.get(address, headers=own).status_code == 401
    assert client.get("/v1/outbox").is_success


def test_the_gateway_tells_nothing_personal(running: Stack, client: httpx.Client) -> None:
    """Promise 12: what was sent by mistake is in no log, metric or answer."""
    wrong = {**fact("p"), CANARY: CANARY}
    answer = _post(client, 90, wrong, **{"idempotency-key": CANARY, "ce-subject": CANARY, "x-note": CANARY})
    assert answer.status_code == 422
    client.get(f"/{CANARY}")
    told = [answer.text, client.get("/metrics").text, running.supervisor.log("gateway").read_text()]
    assert [text for text in told if CANARY in text] == []
    assert 'hub_gateway_requests_total{partner="universitaet-wuppertal",route="facts",status="422"}' in told[1]
    assert (client.get("/health/live").json(), client.get("/health").json()["ready"]) == ({"live": True}, True)


def _problem(answer: httpx.Response, status: int, rule: str, language: str = "en") -> dict[str, Any]:
    """What a refused request reads (RFC 9457), in its language."""
    assert (answer.status_code, answer.headers["content-type"]) == (status, "application/problem+json"), answer.text
    assert answer.headers["content-language"] == language
    told: dict[str, Any] = answer.json()
    assert (told["rule"], told["status"]) == (rule, status)
    assert told["detail"].startswith({"en": "expected ", "de": "erwartet: "}[language])
    return told


def test_a_fact_in_structured_mode_is_the_same_fact(running: Stack, client: httpx.Client) -> None:
    """One JSON object gives the message that headers and a body give, and is delivered as that is."""
    event = json.dumps(structured(100, fact("s"), traceparent=f"00-{'a' * 32}-{'b' * 16}-01"))
    answer = client.post("/v1/facts", content=event, headers={"content-type": f"{STRUCTURED}; charset=utf-8"})
    assert _status(client, _receipt(answer), "delivered")["status"] == "delivered"
    (lies,) = [each for each in _inbox(running) if each["id"] == "m-100"]
    assert lies["data"] == fact("s")
    wanted = {"ce_type": binary()["ce-type"], "ce_traceparent": f"00-{'a' * 32}-{'b' * 16}-01"}
    assert {name: lies["headers"].get(name) for name in wanted} == wanted


def test_a_batch_is_taken_whole_or_not_at_all(running: Stack, client: httpx.Client) -> None:
    """One bad member and nothing of it is written: its number, place and rule are told; mended, all of it is."""
    batch = [structured(110 + number, fact(f"batch-{number}")) for number in range(3)]
    before = _inbox(running)
    wrong = [batch[0], {**batch[1], "data": {**batch[1]["data"], "revision": 0}}, batch[2]]
    headers = {"content-type": BATCH}
    told = _problem(client.post("/v1/facts", content=json.dumps(wrong), headers=headers), 422, "contract-violated")
    assert [(each["index"], each["rule"], each["place"]) for each in told["errors"]] == [
        (1, "contract-violated", "revision")
    ]
    assert _inbox(running) == before
    taken = client.post("/v1/facts", content=json.dumps(batch), headers=headers)
    assert taken.status_code == 202, taken.text
    assert [each["event"] for each in taken.json()["receipts"]] == ["m-110", "m-111", "m-112"]
    assert [each["id"] for each in _inbox(running)[len(before) :]] == ["m-110", "m-111", "m-112"]
    ends = [_status(client, each["href"], "delivered")["status"] for each in taken.json()["receipts"]]
    assert ends == ["delivered"] * 3


def test_a_dry_run_leaves_nothing_in_the_inbox(running: Stack, client: httpx.Client) -> None:
    """The same judgement as in earnest, and nobody ever hears of it."""
    before = _inbox(running)
    good = client.post("/v1/facts?dry_run=1", content=written(fact("dry")), headers=binary(120))
    assert (good.status_code, good.json()["dry_run"]) == (200, True)
    assert [each["subject"] for each in good.json()["facts"]] == [f"{UNIVERSITY}:dry"]
    bad = client.post("/v1/facts?dry_run=1", content=written(fact("dry", 0)), headers=binary(120))
    _problem(bad, 422, "contract-violated")
    assert _inbox(running) == before
    assert _status(client, _receipt(_post(client, 120, fact("dry"))), "delivered")["status"] == "delivered"
    assert [each["id"] for each in _inbox(running)[len(before) :]] == ["m-120"]


def test_a_body_that_is_too_large_is_refused(running: Stack, client: httpx.Client) -> None:
    """Announced, or in pieces without an end; the door is open to the next request, and nothing was written."""
    before = _inbox(running)
    pieces = (b" " * 10_000 for _ in range(1 + MOST_BYTES // 10_000))
    for body in (b" " * (MOST_BYTES + 1), pieces):
        told = _problem(client.post("/v1/facts", content=body, headers=binary(130)), 413, "body-too-large")
        assert str(MOST_BYTES) in told["detail"]
    assert _inbox(running) == before
    assert client.get("/v1/outbox", params={"limit": 1}).is_success


def test_who_asks_too_often_is_told_when_to_come_back(running: Stack, client: httpx.Client) -> None:
    """By its agreement's number, which counts for this partner alone."""
    key = _hub(running, "key", "add", CITY)
    own = {"Authorization": f"Bearer {key}", "Accept-Language": "de"}
    with httpx.Client(base_url=client.base_url, headers=own, timeout=40) as city:
        answers = [city.get("/v1/outbox", params={"limit": 1}) for _ in range(SELDOM + 1)]
    assert [answer.status_code for answer in answers] == [200] * SELDOM + [429]
    assert str(SELDOM) in _problem(answers[-1], 429, "too-many-requests", "de")["detail"]
    assert 1 <= int(answers[-1].headers["retry-after"]) <= 60 // SELDOM
    assert client.get("/v1/outbox", params={"limit": 1}).is_success


def test_a_door_is_open_by_agreement_and_key_alone(running: Stack, client: httpx.Client) -> None:
    """A key of the partner does not open what its agreement closes; a wrong one opens nothing."""
    address, closed = str(client.base_url.join("/v1/facts")), {"Authorization": "Bearer {}", **binary(140)}
    key, kept = new_key(NGO)  # 'hub key add' makes none: as if its agreement had opened the door once
    KeyFile(running.site.settings().secrets, NGO).write([kept])
    answer = httpx.post(address, content=b"{}", headers={**closed, "Authorization": f"Bearer {key}"})
    assert NGO in _problem(answer, 403, "door-closed")["detail"]
    right = client.headers["authorization"]
    for wrong in (right[:-1] + ("a" if right[-1] != "a" else "b"), f"Bearer {new_key(UNIVERSITY)[0]}"):
        answer = httpx.post(address, content=written(fact("w")), headers={**closed, "Authorization": wrong})
        _problem(answer, 401, "key-unknown")
        assert answer.headers["www-authenticate"].startswith("Bearer ")
    _problem(httpx.post(address, content=b"{}", headers=binary(140)), 401, "key-missing")


@pytest.mark.parametrize("language", ["en", "de"])
def test_a_wrong_orcid_is_told_with_its_field_and_rule(running: Stack, client: httpx.Client, language: str) -> None:
    """What somebody mistyped: the answer names the field and says what is wrong, in the asker's language."""
    payload = {**examples()[f"{PUBLICATION}.1"], "publication_id": f"{UNIVERSITY}:orcid"}
    before, right, wrong = _inbox(running), "0000-0002-1825-0097", "0000-0002-1825-0096"
    assert payload["creators"][0]["orcid"] == right
    body = written(payload).replace(right.encode(), wrong.encode())
    headers = binary(150, PUBLICATION, **{"accept-language": f"{language}, fr;q=0.5"})
    told = _problem(client.post("/v1/facts", content=body, headers=headers), 422, "contract-violated", language)
    assert told["place"] == "creators.0.orcid"
    assert told["detail"].startswith(
        {"en": "expected ORCID with its right check digit", "de": "erwartet: ORCID mit der richtigen Prüfziffer"}[
            language
        ]
    )
    assert wrong not in json.dumps(told)
    assert _inbox(running) == before


def test_the_descriptions_are_read_at_the_door_without_a_network(client: httpx.Client) -> None:
    """By anybody, without a key; the page leads nowhere else and says so to the browser."""
    address = str(client.base_url)
    told = {name: httpx.get(f"{address}/{name}.json").raise_for_status().json() for name in ("openapi", "asyncapi")}
    assert (told["openapi"]["openapi"], told["asyncapi"]["asyncapi"]) == ("3.1.0", "3.0.0")
    assert "/v1/facts" in told["openapi"]["paths"]
    assert told["asyncapi"]["channels"]["inbox"]["address"] == inbox("{partner}")
    for language, title in (("en", '<html lang="en">'), ("de", '<html lang="de">')):
        page = httpx.get(f"{address}/docs", headers={"Accept-Language": language}).raise_for_status()
        assert title in page.text
        assert "default-src 'none'" in page.headers["content-security-policy"]
        links = re.findall(r"(?:src|srcset|href|action|data|poster)\s*=\s*[\"']?([^\"'\s>]*)", page.text)
        assert links == ["?lang=en", "?lang=de"]
        assert not re.search(r"url\(|@import|<script|<link|<base", page.text)
