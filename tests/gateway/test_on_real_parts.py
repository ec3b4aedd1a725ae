"""The gateway as a process of its own, with real Kafka, real PostgreSQL and the services behind it."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from contracts.topics import inbox
from deploy import parts
from deploy.stack import Stack
from deploy.temporary import temporary
from tests.contracts.worlds import TIME, examples, subject_of, type_of

pytestmark = pytest.mark.real
UNIVERSITY = "universitaet-wuppertal"
TYPE, BODY = next((type_of(name), body) for name, body in examples().items() if subject_of(body).startswith(UNIVERSITY))
PATIENCE_S = 60


@pytest.fixture(scope="module")
def running() -> Iterator[Stack]:
    """Kafka, PostgreSQL, the services and the gateway, with the example agreements applied."""
    with temporary((*parts.FOUNDATION, *parts.SERVICES, "gateway")) as stack:
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


def _hub(stack: Stack, *words: str) -> str:
    environment = {**os.environ, **stack.site.environment()}
    command = [sys.executable, "-m", "services.operations.hub", *words]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60, check=False)  # noqa: S603
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


@pytest.fixture(scope="module")
def client(running: Stack) -> Iterator[httpx.Client]:
    """The university, by a key of its own."""
    key = _hub(running, "key", "add", UNIVERSITY)
    address = f"http://127.0.0.1:{running.site.ports['gateway']}"
    with httpx.Client(base_url=address, headers={"Authorization": f"Bearer {key}"}, timeout=40) as made:
        yield made


def _binary(number: int, contract: str = TYPE) -> dict[str, str]:
    return {
        "ce-specversion": "1.0",
        "ce-id": f"m-{number}",
        "ce-type": contract,
        "ce-time": TIME,
        "content-type": "application/json",
    }


def _fact(name: str, revision: int = 1, **more: Any) -> dict[str, Any]:  # noqa: ANN401 - JSON
    field = next(field for field, value in BODY.items() if value == subject_of(BODY))
    return {**BODY, field: f"{UNIVERSITY}:{name}", "revision": revision, **more}


async def test_a_fact_lies_in_the_inbox_when_its_receipt_is_given(running: Stack, client: httpx.Client) -> None:
    """Promise 1: 202 comes after Kafka has it; the receipt says where, and the payload is there byte for byte."""
    from services.runtime.kafka import Kafka
    from aiokafka import TopicPartition
    payload = json.dumps(_fact("a"), ensure_ascii=False).encode()
    answer = client.post("/v1/facts", content=payload, headers=_binary(1))
    assert answer.status_code == 202, answer.text
    (receipt,) = answer.json()["receipts"]
    partition, offset = map(int, receipt["id"].split("-"))
    async with Kafka(running.site.settings(), "hub-admin").consumer() as consumer:
        place = TopicPartition(inbox(UNIVERSITY), partition)
        consumer.assign([place])
        consumer.seek(place, offset)
        record = await consumer.getone(place)
    assert (record.offset, record.value, record.key) == (offset, payload, f"{UNIVERSITY}:a".encode())
    assert dict(record.headers)["ce_id"] == b"m-1"
