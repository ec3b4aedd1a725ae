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

pytestmark = pytest.mark.real
PARTNERS = ("bibliothek", "museum", "vhs")
NEW, AGAIN, OLDER, BROKEN = 15_000, 1_000, 333, 334
TOTAL = len(PARTNERS) * (NEW + AGAIN + OLDER + BROKEN)
EVENT = [f"de.lernende-stadt.event.{name}.v1" for name in ("published", "cancelled", "withdrawn")]
PATIENCE_S = 600


def _agreement(partner: str) -> str:
    return f"""
id = "{partner}"
status = "signed"
purposes = ["event_publication"]
name = {{ de = "{partner}", en = "{partner}" }}
owner = {{ unit = "Büro", contact = "info@{partner}.example" }}
inbox.contracts = {json.dumps(EVENT)}
outbox.contracts = {json.dumps(EVENT)}
"""


def _told(partner: str) -> Iterator[Message]:
    """New facts in two revisions' order, some again, some older than what holds, some that are no JSON."""
    yield from events(partner, range(OLDER), revision=2)
    yield from events(partner, range(OLDER, NEW))
    yield from events(partner, range(OLDER, OLDER + AGAIN))
    yield from events(partner, range(OLDER), revision=1)
    for message in events(partner, range(BROKEN), seed=2):
        yield message._replace(value=(message.value or b"")[:-1])


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
        for partner, message in chain.from_iterable(((each, told) for told in _told(each)) for each in PARTNERS):
            await producer.send(inbox(partner), message.value, key=message.key, headers=list(message.headers))
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
    expected = {"applied": NEW, "duplicate": AGAIN, "superseded": OLDER, "dead": BROKEN, "waiting": 0, "discarded": 0}
    for row in rows:
        assert {name: row[name] for name in expected} == expected, row
        assert (row["accepted"], row["difference"]) == (TOTAL // len(PARTNERS), 0)
    assert [row["partner"] for row in rows] == [*PARTNERS]
