"""A human's way on real parts: from a partner's request into the vault, and no further than the vault."""

import asyncio
import json
import os
import re
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import asyncpg
import pytest
from aiokafka import TopicPartition

from contracts.admission import Message
from contracts.event import EventPublished
from contracts.topics import UNIFIED, inbox, outbox, recorded, submitted
from deploy import parts
from deploy.stack import Stack
from deploy.temporary import temporary
from services.runtime.kafka import Kafka
from services.runtime.references import References
from tests.contracts.worlds import message
from tests.engine.facts import published
from tests.vault.people import ORGANISER, PLANTED, STRANGER, STRINGS, TELLER, requested

pytestmark = pytest.mark.real
STREAM = "enrolments"
FACTS = ["requested", "queued", "associated", "denied", "cancelled", "finished"]
AGREEMENT = """
id = "{0}"
status = "signed"
purposes = ["event_publication", "enrolment_processing"]
name = {{ de = "Verein {0}", en = "Club {0}" }}
owner = {{ unit = "Büro", contact = "info@{0}.example" }}
inbox = {{ contracts = ["de.lernende-stadt.event.published.v1", "de.lernende-stadt.enrolment.requested.v1"] }}
outbox = {{ contracts = [{1}] }}
"""
WRONG = {**PLANTED, "phone": ["Kanarien-4"], "Kanarien-12": 1}


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """Kafka, PostgreSQL and the services; one partner has told a human, and another event one that is refused."""
    folder = tmp_path_factory.mktemp("agreements")
    opened = ", ".join(f'"de.lernende-stadt.enrolment.{each}.v1"' for each in FACTS)
    for name in (TELLER, ORGANISER, STRANGER):
        (folder / f"{name}.toml").write_text(AGREEMENT.format(name, opened), encoding="utf-8")
    with temporary((*parts.FOUNDATION, *parts.SERVICES), agreements=folder) as stack:
        course = message(EventPublished.type, published("kurs-1", partner=ORGANISER).value or b"")
        _send(stack, ORGANISER, course)
        _send(stack, TELLER, requested(), requested(2, WRONG))
        _settle(stack, TELLER, applied=1, dead=1)
        yield stack


def _send(stack: Stack, partner: str, *messages: Message) -> None:
    async def send() -> None:
        async with Kafka(stack.site.settings(), f"partner-{partner}").producer() as producer:
            for each in messages:
                await producer.send_and_wait(inbox(partner), value=each.value, headers=[*each.headers])

    asyncio.run(send())


def _hub(stack: Stack, *words: str, code: int = 0, answer: str = "") -> str:
    command = [sys.executable, "-m", "services.operations.hub", *words]
    environment = {**os.environ, **stack.site.environment()}
    done = subprocess.run(  # noqa: S603 - our own command
        command, env=environment, input=answer, capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == code, (done.stdout, done.stderr)
    return done.stdout


def _settle(stack: Stack, partner: str, **wanted: int) -> None:
    until = time.monotonic() + 90
    while True:
        (row,) = [row for row in json.loads(_hub(stack, "balance", "-o", "json")) if row["partner"] == partner]
        if {name: row[name] for name in wanted} == wanted and not row["waiting"]:
            return
        assert time.monotonic() < until, row
        time.sleep(0.3)


async def _records(stack: Stack, topic: str) -> list[str]:
    async with Kafka(stack.site.settings(), "hub-admin").consumer(auto_offset_reset="earliest") as consumer:
        places = [TopicPartition(topic, number) for number in consumer.partitions_for_topic(topic) or {0}]
        consumer.assign(places)
        await consumer.seek_to_beginning(*places)
        ends, found = await consumer.end_offsets(places), list[str]()
        for place in places:
            while await consumer.position(place) < ends[place]:
                batches = await consumer.getmany(place, timeout_ms=200)
                found += [repr((each.key, each.value, each.headers)) for each in batches.get(place, [])]
        return found


def _topic(stack: Stack, topic: str, least: int = 1) -> list[str]:
    until = time.monotonic() + 30
    while len(found := asyncio.run(_records(stack, topic))) < least:
        assert time.monotonic() < until, found
        time.sleep(0.3)
    return found


def _table(stack: Stack, table: str) -> list[dict[str, object]]:
    async def look() -> list[dict[str, object]]:
        settings = stack.site.settings()
        connection = await asyncpg.connect(settings.postgres, user="vault", password=settings.secret("postgres-vault"))
        rows = await connection.fetch(f"select * from vault.{table}")  # noqa: S608 - our own names
        await connection.close()
        return [dict(row) for row in rows]

    return asyncio.run(look())


def _reference(stack: Stack) -> str:
    return References.of_hub(stack.site.settings()).reference(TELLER, PLANTED["person_id"])


def _planted(texts: list[str]) -> list[str]:
    return [planted for planted in (*STRINGS, "Kanarien", "1987") for text in texts if planted in text]


def test_the_vault_has_the_human_and_no_topic_behind_the_door_has(running: Stack) -> None:
    """Promise 12: name, contact, needs and the partner's own id are in no stream, outbox or analysts' topic."""
    (row,) = _table(running, "person")
    assert {name: row[name] for name in PLANTED if name != "person_id"} == {
        name: value for name, value in PLANTED.items() if name != "person_id"
    }
    topics = [
        *_topic(running, submitted(STREAM)),
        *(decided := _topic(running, recorded(STREAM), 3)),
        *_topic(running, UNIFIED, 3),
        *_topic(running, outbox(TELLER), 2),
        *_topic(running, outbox(ORGANISER), 2),
    ]
    assert _planted(topics) == []
    assert sum(_reference(running) in text for text in decided) == 2  # requested, associated
    assert sum('"age_band":"27-45"' in text for text in decided) == 2
    assert _planted(_topic(running, inbox(TELLER))) != []  # the search finds what is there


def test_no_human_is_told_by_listing_log_or_metric(running: Stack) -> None:
    """Promise 12: a refused request is a dead letter that operators see by its structure alone."""
    (letter,) = json.loads(_hub(running, "deadletter", "list", "-o", "json"))
    told = [
        json.dumps(letter),
        *(_hub(running, "deadletter", "show", letter["id"], "--lang", lang) for lang in ("de", "en")),
    ]
    assert "person.phone" in told[0]
    assert '"email"' in told[1]
    told += [running.supervisor.log(name).read_text() for name in (*parts.SERVICES, *parts.FOUNDATION)]
    told += [_metrics(running, name) for name in parts.SERVICES]
    told += [_hub(running, "stream"), _hub(running, "balance")]
    assert _planted(told) == []
    assert _planted(_topic(running, "hub.deadletter")) != []


def _metrics(stack: Stack, service: str) -> str:
    with urllib.request.urlopen(f"http://127.0.0.1:{stack.site.ports[service]}/metrics", timeout=10) as answer:
        return str(answer.read(), "utf-8")


def test_an_operator_finds_the_reference_by_standard_input(running: Stack) -> None:
    """The partner's own id stands in no command line; a wrong one is told."""
    assert _hub(running, "person", "find", "--partner", TELLER, answer=PLANTED["person_id"] + "\n").strip() == (
        _reference(running)
    )
    _hub(running, "person", "find", "--partner", TELLER, answer="nobody\n", code=1)
    _hub(running, "person", "find", "--partner", "nobody", answer="x\n", code=2)
    _hub(running, "person", "find", "--partner", TELLER, answer="", code=2)


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("en", ["Article 15 GDPR", "Club verein told it", "has a place", "processing", "Club stadt: 2 facts"]),
        ("de", ["Artikel 15 DSGVO", "Verein verein hat es gemeldet", "hat einen Platz", "Verein stadt: 2 Fakten"]),
    ],
)
def test_the_report_tells_the_human_all(running: Stack, language: str, words: list[str]) -> None:
    """Art. 15 GDPR: what, since when, from whom, for what, and where it went; asking is an access of its own."""
    before = len(_table(running, "access"))
    told = _hub(running, "person", "report", _reference(running), "--language", language)
    stored = [str(value) for name, value in PLANTED.items() if name not in ("person_id", "needs")]
    assert [each for each in (*stored, *PLANTED["needs"], *words) if each not in told] == []
    assert STRANGER not in told
    noted = _table(running, "access")
    assert len(noted) == before + 1
    assert str(noted[-1]["reader"]).startswith("operator ")
    assert noted[-1]["fields"] == ["name", "email", "phone", "birth_year", "needs"]


def test_a_reference_that_is_none_is_not_repeated(running: Stack) -> None:
    """Who writes a name by mistake does not find it in a log of commands' outputs."""
    for command in (["erase"], ["person", "report"]):
        assert "Erika" not in _hub(running, *command, "Erika", code=2)
        _hub(running, *command, "a" * 26, code=1)


def test_who_is_erased_does_not_come_back(running: Stack) -> None:
    """Art. 17 GDPR: a replay brings nobody back; the receipt stays the same, and the streams keep the reference."""
    reference = _reference(running)
    _hub(running, "erase", reference, answer="n\n", code=1)
    assert len(_table(running, "person")) == 1
    receipt = _hub(running, "erase", reference, answer="y\n")
    found = re.search(r"receipt +([0-9a-f-]{36})", receipt)
    assert found
    assert _hub(running, "erase", reference) == receipt[receipt.index("erased") :]
    _send(running, TELLER, requested(), requested(3))
    _settle(running, TELLER, applied=2, duplicate=1)
    assert (_table(running, "person"), _table(running, "reader")) == ([], [])
    told = _hub(running, "person", "report", reference)
    assert _planted([told]) == []
    assert (found[1] in told, told.count("has a place")) == (True, 2)


def test_while_the_vault_is_away_only_humans_wait(running: Stack) -> None:
    """No dead letter: their inbox stands still and says so, others go on, and all heals without hands."""
    before = len(_topic(running, submitted("events")))
    running.supervisor.halt(["postgres"])
    _send(running, TELLER, requested(7, {"person_id": "7", "name": "Kanarien-13"}))
    _send(running, ORGANISER, message(EventPublished.type, published("kurs-2", partner=ORGANISER).value or b""))
    assert len(_topic(running, submitted("events"), before + 1)) == before + 1
    place = f"{inbox(TELLER)}/0"
    until = time.monotonic() + 30
    while not (waiting := _waiting(running)).get(place, "").startswith("world: "):
        assert time.monotonic() < until, waiting
        time.sleep(0.3)
    assert set(waiting) == {place}
    running.run("postgres")
    _settle(running, TELLER, applied=3, duplicate=1, dead=1)
    assert [row["name"] for row in _table(running, "person")] == ["Kanarien-13"]


def _waiting(stack: Stack) -> dict[str, str]:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{stack.site.ports['intake']}/health", timeout=10) as answer:
            return dict(json.loads(answer.read())["waiting"])
    except urllib.error.HTTPError as refused:
        return dict(json.loads(refused.read())["waiting"])


def test_intake_without_the_key_says_so_and_ends(running: Stack, tmp_path: Path) -> None:
    """Exit 2 and the file's name, before anything is read."""
    for name in ("hub-intake", "postgres-vault"):
        (tmp_path / name).write_text(running.site.settings().secret(name))
    environment = {**os.environ, **running.site.environment(), "HUB_SECRETS": str(tmp_path)}
    command = [sys.executable, "-m", "services.intake"]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60, check=False)  # noqa: S603
    assert (done.returncode, "vault-key" in done.stderr) == (2, True)
