"""A partner that lost what it had is told it once more, while dispatch is killed in between."""

import asyncio
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import asyncpg
import pytest
from aiokafka import TopicPartition

from contracts.topics import inbox, outbox
from deploy import parts
from deploy.stack import Stack
from deploy.temporary import temporary
from services.runtime.kafka import Kafka
from services.runtime.vault import KEEPER
from tests.contracts.worlds import message

pytestmark = pytest.mark.real
PREFIX = "de.lernende-stadt."
SENT = [f"{PREFIX}{name}.v1" for name in ("event.published", "event.withdrawn", "enrolment.requested")]
TOLD = [*SENT, f"{PREFIX}enrolment.associated.v1"]


def _agreement(partner: str) -> str:
    return f"""
id = "{partner}"
status = "signed"
purposes = ["event_publication", "enrolment_processing"]
name = {{ de = "{partner}", en = "{partner}" }}
owner = {{ unit = "Büro", contact = "info@{partner}.example" }}
inbox.contracts = {json.dumps(SENT)}
outbox.contracts = {json.dumps(TOLD)}
"""


class World:
    """Two partners with Kafka clients; one organises what the other asks for."""

    def __init__(self, stack: Stack) -> None:
        """Take the stack."""
        self.stack, self.settings = stack, stack.site.settings()

    async def send(self, partner: str, *told: tuple[str, dict[str, Any]]) -> None:
        """Send facts."""
        async with Kafka(self.settings, f"partner-{partner}").producer() as producer:
            for contract, body in told:
                one = message(f"{PREFIX}{contract}.v1", body)
                await producer.send_and_wait(inbox(partner), value=one.value, headers=[*one.headers])

    async def outbox(self, partner: str, least: int) -> list[tuple[str, str, str]]:
        """Return contract, object and id of all that a partner was told, once it is so much."""
        place, until = TopicPartition(outbox(partner), 0), time.monotonic() + 60
        async with Kafka(self.settings, f"partner-{partner}").consumer() as consumer:
            consumer.assign([place])
            consumer.seek(place, 0)
            found: list[tuple[str, str, str]] = []
            while len(found) < least or await consumer.position(place) < (await consumer.end_offsets([place]))[place]:
                assert time.monotonic() < until, found
                for each in (await consumer.getmany(place, timeout_ms=200)).get(place, []):
                    told = {name: value.decode() for name, value in each.headers}
                    found.append((told["ce_type"].split(".", 2)[2], told["ce_subject"], told["ce_id"]))
            return found

    def start(self, *words: str) -> "subprocess.Popen[str]":
        """Start a command."""
        command = [sys.executable, "-m", "services.operations.hub", *words]
        environment = {**os.environ, **self.stack.site.environment()}
        return subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)  # noqa: S603

    def hub(self, *words: str, code: int = 0) -> str:
        """Call the hub as an operator does."""
        process = self.start(*words)
        told, complaints = process.communicate(timeout=90)
        assert process.returncode == code, told + complaints
        return told + complaints

    def kill(self) -> None:
        """Kill dispatch; it is started again."""
        pid = self.stack.supervisor.states()["dispatch"].pid
        assert pid
        os.kill(pid, signal.SIGKILL)

    async def references(self) -> list[str]:
        """Return whom the vault knows, the first told first."""
        connection = await asyncpg.connect(
            self.settings.postgres, user=KEEPER.user, password=self.settings.secret(KEEPER.secret)
        )
        rows = await connection.fetch("select person_ref from vault.person order by name")
        await connection.close()
        return [row["person_ref"] for row in rows]


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """Kafka, PostgreSQL and the services."""
    folder: Path = tmp_path_factory.mktemp("agreements")
    for partner in ("vhs", "verein"):
        (folder / f"{partner}.toml").write_text(_agreement(partner), encoding="utf-8")
    with temporary((*parts.FOUNDATION, *parts.SERVICES), agreements=folder) as stack:
        yield World(stack)


def event(name: str, revision: int = 1) -> tuple[str, dict[str, Any]]:
    """A course without dates yet."""
    body = {"event_id": name, "revision": revision, "texts": [{"language": "de", "title": "Kurs"}], "sessions": []}
    return "event.published", {**body, "organiser": {"name": "Kursbüro"}, "licence": "CC-BY-4.0"}


def request(number: int) -> tuple[str, dict[str, Any]]:
    """A member asks for the course."""
    person = {"person_id": f"m{number}", "name": f"Mitglied {number}", "birth_year": 1980}
    return "enrolment.requested", {
        "enrolment_id": f"verein:{number}", "offering_id": "vhs:kurs", "person": person, "revision": 1,
    }  # fmt: skip


async def test_what_holds_is_told_once_more_and_nothing_else(world: World) -> None:
    """Of each object the newest fact, once, in order before what is new; nobody who was erased, none of its own."""
    await world.send("vhs", event("vhs:kurs"))
    await world.send("verein", event("verein:a"), event("verein:a", 2), event("verein:b"))
    gone = {"event_id": "verein:b", "revision": 2, "cause": "deleted-at-source"}
    await world.send("verein", ("event.withdrawn", gone), request(1), request(2))
    before = await world.outbox("vhs", 8)  # four facts of events, two requests and two places
    erased, _ = await world.references()
    world.hub("erase", erased, "--yes")

    counted = json.loads(world.hub("backfill", "vhs", "--dry-run", "-o", "json"))
    assert {row["stream"]: row["told"] for row in counted} == {"enrolments": 1, "events": 2}
    assert "expected a reason" in world.hub("backfill", "vhs", code=2)
    assert await world.outbox("vhs", 8) == before

    process = world.start("backfill", "vhs", "--reason", "a test")
    await asyncio.sleep(2)
    world.kill()
    told, complaints = await asyncio.to_thread(process.communicate, timeout=120)
    assert process.returncode == 0, complaints
    await world.send("verein", event("verein:c"))
    again = (await world.outbox("vhs", 12))[8:]
    newest = {each[1]: each for each in before}  # order holds per object
    assert sorted(again[:3]) == sorted(newest[name] for name in ("verein:a", "verein:b", "verein:2"))
    assert [each[1] for each in again[3:]] == ["verein:c"]

    name = told.partition("request ")[2].partition(")")[0]
    world.hub("backfill", "vhs", "--request", name)
    rows = json.loads(world.hub("status", "-o", "json", code=3))  # Prefect does not run here
    assert next(row["state"] for row in rows if (row["partner"], row["direction"]) == ("vhs", "out")) == "ok"
    world.kill()
    await world.send("verein", event("verein:d"))
    assert [each[1] for each in (await world.outbox("vhs", 13))[12:]] == ["verein:d"]
    assert await world.outbox("verein", 1)
    assert "stream that vhs's outbox opens" in world.hub("backfill", "vhs", "--stream", "research", code=2)
