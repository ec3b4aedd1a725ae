"""The three services as processes of their own, between a partner's inbox and the others' outboxes."""

import asyncio
import json
import os
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
from aiokafka import TopicPartition
from confluent_kafka.admin import AdminClient

from contracts.agreements import EXAMPLES
from contracts.event import EventPublished
from contracts.topics import inbox, outbox
from deploy import parts
from deploy.stack import Stack
from deploy.temporary import temporary
from services.runtime.engine.kafka_routes import KafkaRoutes
from services.runtime.kafka import Kafka
from tests.engine.facts import TIME

pytestmark = pytest.mark.real
CITY, CANARY = "stadt-gelsenkirchen", "Erika-Kanarienvogel"


@pytest.fixture(scope="module")
def running() -> Iterator[Stack]:
    """Kafka, PostgreSQL and the services, with the example agreements applied."""
    with temporary((*parts.FOUNDATION, *parts.SERVICES)) as stack:
        yield stack


def _event(number: int, **more: object) -> bytes:
    event = EventPublished.model_validate(
        {
            "event_id": f"{CITY}:{number}",
            "revision": 1,
            "texts": [{"language": "de", "title": "Kurs"}],
            "organiser": {"name": "Stadt Gelsenkirchen"},
            "sessions": [],
            "licence": "CC-BY-4.0",
        }
    )
    return json.dumps({**json.loads(event.payload()), **more}).encode()


def _send(stack: Stack, payloads: list[bytes]) -> None:
    async def send() -> None:
        kafka = Kafka(stack.site.settings(), f"partner-{CITY}")
        headers = [("ce_specversion", b"1.0"), ("ce_type", EventPublished.type.encode()), ("ce_time", TIME.encode())]
        async with kafka.producer() as producer:
            for number, payload in enumerate(payloads):
                own = [*headers, ("ce_id", f"m-{number}".encode()), ("x-note", CANARY.encode()), ("x-none", None)]
                await producer.send_and_wait(inbox(CITY), value=payload, headers=own)

    asyncio.run(send())


def _hub(stack: Stack, *words: str, code: int = 0) -> str:
    done = _program(stack, "-m", "services.operations.hub", *words)
    assert done.returncode == code, done.stderr
    return done.stdout


def _program(stack: Stack, *words: str, **more: str) -> "subprocess.CompletedProcess[str]":
    """Run Python with these words, and with more variables than the stack's, until it ends."""
    environment = {**os.environ, **stack.site.environment(), **more}
    command = [sys.executable, *words]
    return subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60, check=False)  # noqa: S603


def _get(stack: Stack, service: str, path: str) -> str:
    address = f"http://127.0.0.1:{stack.site.ports[service]}{path}"
    with urllib.request.urlopen(address, timeout=10) as answer:
        return str(answer.read(), "utf-8")


def _balance(stack: Stack) -> dict[str, int]:
    (row,) = [row for row in json.loads(_hub(stack, "balance", "-o", "json")) if row["partner"] == CITY]
    return dict(row)


def test_no_personal_value_is_told_anywhere(running: Stack) -> None:
    """Promise 12: what a partner sends by mistake is in no log, metric, listing or dead letter's description."""
    wrong = [
        _event(1, **{CANARY: 1}),
        _event(2, keywords=[CANARY, 7]),
        _event(3, organiser={"name": "Amt", "contact": f"{CANARY}@stadt.example"}),
        f'{{"{CANARY}'.encode(),
    ]
    _send(running, [_event(0), *wrong, _event(4)])
    until = time.monotonic() + 60
    while (found := _balance(running))["applied"] + found["dead"] < 6 and time.monotonic() < until:
        time.sleep(0.3)
    assert (found["accepted"], found["applied"], found["dead"], found["difference"]) == (6, 2, 4, 0)
    letters = json.loads(_hub(running, "deadletter", "list", "-o", "json"))
    told = [_hub(running, "deadletter", "list"), *(_hub(running, "deadletter", "show", each["id"]) for each in letters)]
    told += [running.supervisor.log(name).read_text() for name in (*parts.SERVICES, *parts.FOUNDATION)]
    told += [_get(running, name, "/metrics") for name in parts.SERVICES]
    assert {each["rule"] for each in letters} == {"contract-violated", "contact-personal", "json-invalid"}
    assert [text for text in told if CANARY in text] == []


def test_services_answer_for_themselves(running: Stack) -> None:
    """A running service is ready, and counts records by partner, contract and outcome."""
    _send(running, [_event(9)])
    for name in parts.SERVICES:
        assert json.loads(_get(running, name, "/health"))["ready"] is True
    until = time.monotonic() + 30
    line = f'hub_records_total{{contract="{EventPublished.type}",outcome="passed",partner="{CITY}",service="intake"}}'
    while line not in _get(running, "intake", "/metrics") and time.monotonic() < until:
        time.sleep(0.2)
    assert line in _get(running, "intake", "/metrics")


def _told(stack: Stack, topic: str, *wanted: str) -> list[str]:
    """The ids of the events in a topic, read as its administrator until all are there or half a minute is over."""

    async def read() -> list[str]:
        found: list[str] = []
        async with Kafka(stack.site.settings(), "hub-admin").consumer(auto_offset_reset="earliest") as consumer:
            consumer.assign([TopicPartition(topic, 0)])
            await consumer.seek_to_beginning()
            until = time.monotonic() + 30
            while not set(wanted) <= set(found) and time.monotonic() < until:
                batches = await consumer.getmany(timeout_ms=200)
                found += [json.loads(record.value)["event_id"] for batch in batches.values() for record in batch]
        return found

    return asyncio.run(read())


def _out(stack: Stack, partner: str) -> dict[str, str]:
    rows = json.loads(_hub(stack, "status", "-o", "json", code=3))  # Prefect does not run here
    return next(row for row in rows if (row["partner"], row["direction"]) == (partner, "out"))


def test_an_outbox_that_cannot_be_written_holds_up_nobody(running: Stack) -> None:
    """Dispatch takes a failing route out, with an alarm, goes on for the others, and serves it once it is mended."""
    topic, wanted = outbox("lernwerkstatt-rotthausen"), [f"{CITY}:100", f"{CITY}:101"]
    admin = AdminClient(Kafka(running.site.settings(), "hub-admin").admin_access())
    admin.delete_topics([topic])[topic].result(20)
    _send(running, [_event(100), _event(101)])
    assert {*wanted} <= {*_told(running, outbox("universitaet-wuppertal"), *wanted)}
    row = _out(running, "lernwerkstatt-rotthausen")
    assert (row["state"], topic in row["todo"]) == ("failing", True)
    assert f'route="{topic}"}} 1.0' in _get(running, "dispatch", "/metrics")
    _hub(running, "apply", "--yes")
    told = _told(running, topic, *wanted)  # the new topic gets all that holds, each fact once
    assert {*wanted} <= {*told}
    assert len(told) == len({*told})
    until = time.monotonic() + 30  # each input partition serves it again by itself
    while (stopped := f'route="{topic}"}} 1.0' in _get(running, "dispatch", "/metrics")) and time.monotonic() < until:
        time.sleep(0.2)
    assert not stopped


@pytest.mark.parametrize("service", parts.SERVICES)
def test_a_killed_service_has_its_partitions_again(running: Stack, service: str) -> None:
    """A service that is killed and started again is the same member of its group: nobody waits for a dead one."""
    before = _members(running, service)
    pid = running.supervisor.states()[service].pid
    assert pid
    os.kill(pid, signal.SIGKILL)
    number = 200 + parts.SERVICES.index(service)
    _send(running, [_event(number)])
    assert f"{CITY}:{number}" in _told(running, outbox("universitaet-wuppertal"), f"{CITY}:{number}")
    assert _members(running, service) == before
    assert all(name.startswith("1-") for name in before)


def _members(stack: Stack, service: str) -> list[str]:
    admin, group = AdminClient(Kafka(stack.site.settings(), "hub-admin").admin_access()), f"hub.{service}"
    found = admin.describe_consumer_groups([group])[group].result(20)
    return [str(member.group_instance_id) for member in found.members]


async def test_what_may_be_written_is_asked_and_not_tried(running: Stack) -> None:
    """The broker says of a topic that it is there and open to this principal, without a record being written."""
    may = KafkaRoutes(Kafka(running.site.settings(), "hub-dispatch"))
    found = await may.look([outbox(CITY), inbox(CITY), "partner.nobody.outbox"])
    assert {topic for topic, target in found.items() if target.why_not} == {inbox(CITY), "partner.nobody.outbox"}
    assert found[outbox(CITY)].id


@pytest.mark.parametrize("service", parts.SERVICES)
def test_a_wrong_agreement_is_refused_at_the_start(running: Stack, service: str, tmp_path: Path) -> None:
    """A service does not start on a wrong agreement; it says file, line and what to write instead."""
    text = (EXAMPLES / f"{CITY}.toml").read_text().replace("partners = [", "partnrs = [")
    (tmp_path / f"{CITY}.toml").write_text(text)
    done = _program(running, "-m", f"services.{service}", HUB_AGREEMENTS=str(tmp_path))
    assert done.returncode == 2
    line = next(number for number, row in enumerate(text.splitlines(), 1) if row.startswith("partnrs"))
    assert f"{CITY}.toml" in done.stderr
    assert str(line) in done.stderr
    assert "partners" in done.stderr


# Intake, but as a principal that may not join intake's group.
_STRANGER = """
import dataclasses
from services.intake.__main__ import SERVICE
from services.runtime import service
from services.runtime.kafka import Kafka
service.Kafka = lambda settings, _: Kafka(settings, "hub-dispatch")
service.run(dataclasses.replace(SERVICE, topics=lambda _: ["hub.events"]))
"""


def test_a_service_that_cannot_join_its_group_ends(running: Stack) -> None:
    """A consumer that cannot start ends the process, to be started again: it never says that it is ready."""
    done = _program(running, "-c", _STRANGER)
    assert done.returncode == 70
    assert "GroupAuthorizationFailedError" in done.stderr
