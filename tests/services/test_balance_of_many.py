"""Promise 9 at size: of fifty thousand messages each has become something, and the books say what."""

import asyncio
import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from itertools import chain
from pathlib import Path

import pytest

from contracts.admission import Message
from contracts.topics import inbox
from deploy import parts
from deploy.stack import Stack
from deploy.temporary import temporary
from services.runtime.kafka import Kafka
from tests.bench.messages import events
from tests.contracts.worlds import examples, message

pytestmark = pytest.mark.real
PARTNERS = ("bibliothek", "museum", "vhs")
NEW, AGAIN, OLDER, BROKEN, SEEN, ASKED = 11_000, 1_000, 333, 334, 3_000, 1_000
TOTAL = len(PARTNERS) * (NEW + AGAIN + OLDER + BROKEN + SEEN + ASKED)
EVENT = [f"de.lernende-stadt.event.{name}.v1" for name in ("published", "cancelled", "withdrawn")]
OBSERVED, REQUESTED = "de.lernende-stadt.observation.recorded.v1", "de.lernende-stadt.enrolment.requested.v1"
OFFERINGS = 100  # in which those who ask want to take part
PATIENCE_S = 600


def _agreement(partner: str) -> str:
    return f"""
id = "{partner}"
status = "signed"
purposes = ["event_publication", "research_publication", "enrolment_processing"]
name = {{ de = "{partner}", en = "{partner}" }}
owner = {{ unit = "Büro", contact = "info@{partner}.example" }}
inbox.contracts = {json.dumps([*EVENT, OBSERVED, REQUESTED])}
outbox.contracts = {json.dumps(EVENT)}
"""


def _observations(partner: str) -> Iterator[Message]:
    body = examples()[f"{OBSERVED}.1"]
    for number in range(SEEN):
        yield message(OBSERVED, {**body, "observation_id": f"{partner}:beobachtung-{number}"})


def _requests(partner: str) -> Iterator[Message]:
    offerings = [(told.key or b"").decode() for told in events(partner, range(OFFERINGS))]
    for number in range(ASKED):
        person = {"person_id": f"mitglied-{number}", "name": "Kanarienvogel Beispiel", "birth_year": 1980}
        asked = {"enrolment_id": f"{partner}:anfrage-{number}", "offering_id": offerings[number % OFFERINGS]}
        yield message(REQUESTED, {**asked, "revision": 1, "person": person})


def _told(partner: str) -> Iterator[Message]:
    """Events: new ones, some again, some older than what holds, some that are no JSON; observations; requests."""
    yield from events(partner, range(OLDER), revision=2)
    yield from events(partner, range(OLDER, NEW))
    yield from events(partner, range(OLDER, OLDER + AGAIN))
    yield from events(partner, range(OLDER), revision=1)
    for told in events(partner, range(BROKEN), seed=2):
        yield told._replace(value=(told.value or b"")[:-1])
    yield from _observations(partner)
    yield from _requests(partner)


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """Kafka, PostgreSQL and the services, with everything told."""
    folder: Path = tmp_path_factory.mktemp("agreements")
    for partner in PARTNERS:
        (folder / f"{partner}.toml").write_text(_agreement(partner), encoding="utf-8")
    with temporary((*parts.FOUNDATION, *parts.SERVICES), agreements=folder) as stack:
        asyncio.run(_tell(stack))
        yield stack


async def _tell(stack: Stack) -> None:
    async with Kafka(stack.site.settings(), "hub-admin").producer() as producer:
        for partner, told in chain.from_iterable(((each, told) for told in _told(each)) for each in PARTNERS):
            await producer.send(inbox(partner), told.value, key=told.key, headers=list(told.headers))
        await producer.flush()


def _hub(stack: Stack, *words: str) -> str:
    command = [sys.executable, "-m", "services.operations.hub", *words]
    environment = {**os.environ, **stack.site.environment()}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=300, check=False)  # noqa: S603
    assert done.returncode in (0, 1), done.stderr
    return done.stdout


def test_fifty_thousand_messages_balance(running: Stack) -> None:
    """Accepted is applied, duplicate, superseded and dead; nothing waits in the end, nothing is missing."""
    assert TOTAL >= 50_000
    until, rows = time.monotonic() + PATIENCE_S, []
    while not rows or sum(row["waiting"] for row in rows):
        assert time.monotonic() < until, rows
        rows = json.loads(_hub(running, "balance", "-o", "json"))
        time.sleep(1)
    applied = NEW + SEEN + ASKED
    expected = {
        "applied": applied,
        "duplicate": AGAIN,
        "superseded": OLDER,
        "dead": BROKEN,
        "waiting": 0,
        "discarded": 0,
    }
    for row in rows:
        assert {name: row[name] for name in expected} == expected, row
        assert (row["accepted"], row["difference"]) == (TOTAL // len(PARTNERS), 0)
    assert [row["partner"] for row in rows] == [*PARTNERS]
