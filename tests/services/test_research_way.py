"""The stream of research on real parts: from partners with a Kafka client to the others and to the analysts."""

import asyncio
import json
import os
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest
from aiokafka import TopicPartition

from contracts.registry import CONTRACTS
from contracts.topics import UNIFIED, inbox, outbox
from deploy import parts
from deploy.stack import Stack
from deploy.temporary import temporary
from services.runtime.kafka import Kafka
from tests.contracts.worlds import examples, message, subject_of, type_of

pytestmark = pytest.mark.real
CITY, UNIVERSITY = "stadt-gelsenkirchen", "universitaet-wuppertal"
BODIES = [(name, body) for each, body in examples().items() if CONTRACTS[name := type_of(each)].stream == "research"]
TOLD = sorted(BODIES, key=lambda told: int(told[1]["revision"]))  # what begins comes before what ends it
DATASET = next(body for name, body in TOLD if ".dataset.published." in name)
WRONG = [
    ("de.lernende-stadt.study.closed.v1", {"study_id": f"{CITY}:never", "revision": 1, "cause": "full"}),
    (
        "de.lernende-stadt.dataset.published.v1",
        {**DATASET, "dataset_id": f"{CITY}:spielplatz-befragung", "revision": 9},
    ),
]
"""An end without a beginning, and a dataset under the id of a study."""


@pytest.fixture(scope="module")
def running() -> Iterator[Stack]:
    """Kafka, PostgreSQL and the services, with the example agreements applied and everything told."""
    with temporary((*parts.FOUNDATION, *parts.SERVICES)) as stack:
        asyncio.run(_tell(stack))
        _settle(stack)
        yield stack


async def _tell(stack: Stack) -> None:
    for partner in sorted({subject_of(body).partition(":")[0] for _, body in TOLD}):
        async with Kafka(stack.site.settings(), f"partner-{partner}").producer() as producer:
            for number, (contract, body) in enumerate([*TOLD, *WRONG]):
                if subject_of(body).startswith(f"{partner}:"):
                    own = message(contract, body, more=[("ce_id", f"{partner}-{number}".encode())])
                    await producer.send_and_wait(inbox(partner), value=own.value, headers=[*own.headers])


def _hub(stack: Stack, *words: str) -> str:
    command = [sys.executable, "-m", "services.operations.hub", *words]
    environment = {**os.environ, **stack.site.environment()}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60, check=False)  # noqa: S603
    assert done.returncode == 0, done.stderr
    return done.stdout


def _balance(stack: Stack) -> Counter[str]:
    rows = json.loads(_hub(stack, "balance", "-o", "json"))
    return Counter({name: sum(row[name] or 0 for row in rows) for name in rows[0] if name != "partner"})


def _settle(stack: Stack) -> None:
    until = time.monotonic() + 90
    while (found := _balance(stack))["applied"] + found["dead"] < len(TOLD) + len(WRONG):
        assert time.monotonic() < until, found
        time.sleep(0.3)


async def _read(stack: Stack, topic: str) -> list[tuple[str, dict[str, Any]]]:
    place = TopicPartition(topic, 0)
    async with Kafka(stack.site.settings(), "hub-admin").consumer(auto_offset_reset="earliest") as consumer:
        consumer.assign([place])
        await consumer.seek_to_beginning(place)
        end, found = (await consumer.end_offsets([place]))[place], []
        while await consumer.position(place) < end:
            records = (await consumer.getmany(place, timeout_ms=200)).get(place, [])
            found += [(dict(record.headers)["ce_type"].decode(), json.loads(record.value)) for record in records]
        return found


async def _reads(stack: Stack, topic: str, number: int) -> list[tuple[str, dict[str, Any]]]:
    """Wait until so many are there: what was applied is still on its way."""
    found = await _read(stack, topic)
    for _ in range(100):
        if len(found) >= number:
            break
        await asyncio.sleep(0.3)
        found = await _read(stack, topic)
    return found


def _sorted(told: list[tuple[str, dict[str, Any]]]) -> list[str]:
    return sorted(json.dumps(each, sort_keys=True) for each in told)


async def test_analysts_get_everything_that_was_told(running: Stack) -> None:
    """Promises 1 and 2: every example of every contract of the stream, as it was told, once."""
    told = await _reads(running, UNIFIED, len(TOLD))
    ours = [(name, body) for name, body in told if CONTRACTS[name].stream == "research"]
    assert _sorted(ours) == _sorted(TOLD)


async def test_partners_get_what_their_agreements_open(running: Stack) -> None:
    """Promise 11: the university is told what others tell; the city opens no research, and is told its refusals."""
    others = [(name, body) for name, body in TOLD if not subject_of(body).startswith(f"{UNIVERSITY}:")]
    assert _sorted(await _reads(running, outbox(UNIVERSITY), len(others))) == _sorted(others)
    told = await _reads(running, outbox(CITY), len(WRONG))
    assert {name for name, _ in told} == {"de.lernende-stadt.fact.rejected.v1"}
    assert sorted(body["rule"] for _, body in told) == ["object-of-another-kind", "object-unknown"]


def test_what_cannot_be_is_a_dead_letter_with_its_reason(running: Stack) -> None:
    """Promise 5: what ends nothing, and what takes another object's id."""
    letters = json.loads(_hub(running, "deadletter", "list", "-o", "json"))
    assert sorted(letter["rule"] for letter in letters) == ["object-of-another-kind", "object-unknown"]


def test_the_books_close_and_the_state_is_the_fold(running: Stack) -> None:
    """Promises 6 and 9, over both streams."""
    found = _balance(running)
    assert (found["accepted"], found["difference"]) == (len(TOLD) + len(WRONG), 0)
    assert "0" in _hub(running, "rebuild", "research", "--check")


def test_a_person_reads_what_it_is_about(running: Stack) -> None:
    """The listing of the stream has a title for everything that begins: an observation's is what was observed."""
    lines = [json.loads(line) for line in _hub(running, "stream", "-o", "json").splitlines()]
    rows = [row for row in lines if CONTRACTS[row["type"]].stream == "research"]
    begun = [row for row in rows if not row["type"].endswith((".withdrawn.v1", ".closed.v1"))]
    assert [row["subject"] for row in begun if not row["title"]] == []
