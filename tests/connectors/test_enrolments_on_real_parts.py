"""Requests for places on their whole way: a table, the vault, the answer, the organiser's list, and nowhere else."""

import asyncio
import json
import os
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import asyncpg
import pytest
from aiokafka import TopicPartition

from contracts.topics import inbox
from deploy import parts
from deploy.stack import Stack
from deploy.temporary import temporary
from flows.once import run_once
from flows.report import RunReport
from services.runtime.kafka import Kafka
from tests.connectors.requests import ASKED, TOLD, list_of
from tests.connectors.tables import CONTRACTS, HEADINGS, YOGA, answer_of, delimited, drop, workbook
from tests.contracts.worlds import message

pytestmark = pytest.mark.real
CLUB = "sportverein"
TWO = (*YOGA[:6], "2", YOGA[7])
AGREEMENT = """
id = "{partner}"
status = "draft"
purposes = ["event_publication", "enrolment_processing"]
name = {{ de = "Sportverein", en = "Sports club" }}
owner = {{ unit = "Geschäftsstelle", contact = "info@sportverein.example" }}
inbox.contracts = {sent}
outbox.contracts = {told}
[connector]
kind = "spreadsheet"
directions = ["pull", "push"]
[connector.settings]
folder = "tabellen"
rest = 0
holds = {{ in = "events", anmeldungen = "enrolments" }}
"""


def row(number: int, born: str = "", left: str = "") -> tuple[str, ...]:
    """The request of one of five humans, in the order of their days."""
    contact = (f"kanarie-{number}m@beispiel.example", f"0209 Kanarie-{number}t")
    return (
        "K-1",
        f"Kanarie-{number}n",
        f"Kanarie-{number}v",
        *contact,
        born or f"0{number}.03.1987",
        f"0{number}.01.2027",
        left,
    )


@pytest.fixture
def running(tmp_path: Path) -> Iterator[Stack]:
    """Kafka, PostgreSQL and the services, for a club with tables of courses and of requests."""
    told = [contract.type for contract in TOLD]
    sent = [*CONTRACTS, *(each for each in told if each.split(".")[-2] in ("requested", "cancelled", "finished"))]
    text = AGREEMENT.format(partner=CLUB, sent=json.dumps(sent), told=json.dumps(told))
    (tmp_path / f"{CLUB}.toml").write_text(text, encoding="utf-8")
    for name in ("in", "anmeldungen"):
        (tmp_path / "tabellen" / name).mkdir(parents=True)
    with temporary((*parts.FOUNDATION, *parts.SERVICES), agreements=tmp_path) as stack:
        yield stack


def run(stack: Stack, direction: str) -> RunReport:
    """Pull the folders, or push to them, once."""
    report = asyncio.run(run_once(stack.site.settings(), CLUB, direction))
    assert not report.failed, report.failed
    return report


def query(stack: Stack, statement: str) -> list[dict[str, object]]:
    """Ask the database."""

    async def ask() -> list[dict[str, object]]:
        settings = stack.site.settings()
        connection = await asyncpg.connect(settings.postgres, password=settings.secret("postgres"))
        rows = await connection.fetch(statement)
        await connection.close()
        return [dict(each) for each in rows]

    return asyncio.run(ask())


def settle(stack: Stack, **wanted: int) -> None:
    """Push until so many enrolments stand so, or a minute is over."""
    until = time.monotonic() + 60
    while True:
        run(stack, "push")
        rows = query(stack, "select status, count(*) as number from sync.enrolment group by status")
        if (standing := {str(each["status"]): each["number"] for each in rows}) == wanted:
            return
        assert time.monotonic() < until, standing
        time.sleep(0.3)


def hub(stack: Stack, *words: str, answer: str = "") -> str:
    """Give a command."""
    command = [sys.executable, "-m", "services.operations.hub", *words]
    environment = {**os.environ, **stack.site.environment()}
    done = subprocess.run(  # noqa: S603 - our own command
        command, env=environment, input=answer, capture_output=True, text=True, timeout=90, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def topics(stack: Stack) -> Iterator[tuple[str, str]]:
    """All that lies in any topic, by its name."""

    async def read() -> list[tuple[str, str]]:
        kafka, found = Kafka(stack.site.settings(), "hub-admin"), list[tuple[str, str]]()
        for topic in sorted(await kafka.topics()):
            if topic.startswith("__"):
                continue
            async with kafka.consumer() as consumer:
                await consumer._client.set_topics([topic])  # noqa: SLF001 - nobody subscribed
                places = [TopicPartition(topic, number) for number in consumer.partitions_for_topic(topic) or {0}]
                consumer.assign(places)
                await consumer.seek_to_beginning(*places)
                ends = await consumer.end_offsets(places)
                for place in places:
                    while await consumer.position(place) < ends[place]:
                        batch = await consumer.getmany(place, timeout_ms=200)
                        found += [(topic, repr((r.key, r.value, r.headers))) for r in batch.get(place, ())]
        return found

    yield from asyncio.run(read())


def test_requests_in_a_table_are_decided_answered_listed_and_forgotten(
    running: Stack, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    """Five ask for two places, one row is broken, one leaves, one is erased: the answer and the list follow."""
    root = tmp_path / "tabellen"
    sheet, out, told = root / "anmeldungen", root / "out", list[str]()
    drop(root / "in", "kurse.csv", delimited(HEADINGS, TWO))
    broken = row(3, born="31.02.1987")
    title = (("Anmeldungen Frühjahr",), (), ASKED)
    drop(sheet, "Anmeldung Kanarie-9.csv", delimited(*title, row(2), row(1), broken, row(5), row(4), encoding="cp1252"))
    first = run(running, "pull")
    assert (first.new, len(first.refused)) == (5, 1)  # the course, four requests
    told += [json.dumps(first.table()), str(first)]
    results = {each["Zeile"]: each["Ergebnis"] for each in answer_of(sheet, "Anmeldung Kanarie-9.csv") if each["Zeile"]}
    assert results == {"4": "angenommen", "5": "angenommen", "6": "abgelehnt", "7": "angenommen", "8": "angenommen"}
    settle(running, associated=2, queued=2)
    run(running, "pull")
    results = {each["Zeile"]: each["Ergebnis"] for each in answer_of(sheet, "Anmeldung Kanarie-9.csv") if each["Zeile"]}
    assert results == {"4": "Platz", "5": "Platz", "6": "abgelehnt", "7": "Warteliste", "8": "Warteliste"}

    def listed() -> list[tuple[str, str, str]]:
        return [
            (state, place, name[-1])
            for state, place, name, *_ in [
                (each[0], each[1], each[2].removesuffix("n")) for each in list_of(out, "K-1")
            ]
        ]

    assert listed() == [("Platz", "", "1"), ("Platz", "", "2"), ("Warteliste", "1", "4"), ("Warteliste", "2", "5")]

    (sheet / "Anmeldung Kanarie-9.csv").unlink()
    rows = (row(2), row(1, left="ja"), row(3), row(5), row(4))
    drop(sheet, "Anmeldung Kanarie-9.xlsx", workbook(*title, *rows))
    second = run(running, "pull")
    assert (second.new, second.changed, second.unchanged, len(second.refused)) == (1, 1, 4, 0)
    settle(running, associated=2, queued=2, cancelled=1)
    assert listed() == [
        ("Platz", "", "2"), ("Platz", "", "4"), ("Warteliste", "1", "5"), ("Warteliste", "2", "3"),
        ("abgemeldet", "", "1"),
    ]  # fmt: skip
    again = run(running, "pull")
    assert (again.new, again.changed, again.unchanged) == (0, 0, 6), "nothing twice"
    drop(sheet, "Anmeldung Kanarie-9.xlsx", workbook(*title, row(2), row(1), row(3), row(5), row(4)))
    assert run(running, "pull").changed == 1
    settle(running, associated=2, queued=3)
    assert listed()[-1] == ("Warteliste", "3", "1"), "who comes back is the last"
    balance = [each for each in json.loads(hub(running, "balance", "-o", "json")) if each["partner"] == CLUB]
    assert [(each["accepted"], each["applied"], each["difference"]) for each in balance] == [(8, 8, 0)]

    reference = hub(running, "person", "find", "--partner", CLUB, answer="kanarie 2v kanarie 2n 1987-03-02\n").strip()
    report = hub(running, "person", "report", reference, "--language", "de")
    assert "Kanarie-2n" in report
    assert "über eine Teilnehmerliste" in report, "the report tells that a list showed them"
    assert f"tell       {CLUB}" in hub(running, "erase", reference, "--yes")
    run(running, "pull")
    assert [each[2] for each in listed()] == ["4", "5", "3", "1"]
    _check_that_the_same_list_is_not_written_again(running, out)

    told += [*(path.name for path in out.iterdir()), *capfd.readouterr()]
    _check_that_nobody_is_told_elsewhere(running, tmp_path, told)
    _check_that_a_refusal_behind_the_door_is_answered(running, sheet, title)


def _check_that_nobody_is_told_elsewhere(running: Stack, tmp_path: Path, told: list[str]) -> None:
    told += [running.supervisor.log(name).read_text() for name in (*parts.SERVICES, *parts.FOUNDATION)]
    told += [_metrics(running, name) for name in parts.SERVICES]
    told += [hub(running, "deadletter", "list", "-o", "json"), hub(running, "balance")]
    for table in query(
        running, "select schemaname || '.' || tablename as name from pg_tables where schemaname in ('sync', 'engine')"
    ):
        told += [repr(each) for each in query(running, f"select * from {table['name']}")]  # noqa: S608 - our own names
    told += [text for topic, text in topics(running) if topic != inbox(CLUB)]
    assert len(told) > 50
    assert [text for text in told if "anarie" in text.replace(str(tmp_path), "")] == []
    assert any("Kanarie-5n" in text for topic, text in topics(running) if topic == inbox(CLUB)), "the search finds"


def _check_that_the_same_list_is_not_written_again(running: Stack, out: Path) -> None:
    before = next(out.iterdir()).stat().st_mtime_ns
    run(running, "pull")
    assert next(out.iterdir()).stat().st_mtime_ns == before


def _check_that_a_refusal_behind_the_door_is_answered(running: Stack, sheet: Path, title: tuple[Any, ...]) -> None:
    """The row leaves what is over by the organiser's word: no door knew that, and the answer says it."""
    name = "Anmeldung Kanarie-9.xlsx"
    own = next(each["Kennung"] for each in answer_of(sheet, name) if each["Zeile"] == "8")
    asyncio.run(_finish(running, f"{CLUB}:{own}"))
    settle(running, associated=1, queued=3, finished=1)
    drop(sheet, name, workbook(*title, row(2), row(1), row(3), row(5), row(4, left="ja")))
    assert run(running, "pull").changed == 1
    until = time.monotonic() + 60
    while not query(running, "select from sync.rejection"):
        assert time.monotonic() < until
        run(running, "push")
    run(running, "pull")
    told = next(each for each in answer_of(sheet, name) if each["Zeile"] == "8")
    assert (told["Ergebnis"], "finished" in told["Grund oder Hinweis"]) == ("abgelehnt", True), told


async def _finish(stack: Stack, enrolment: str) -> None:
    body = {"revision": 1, "enrolment_id": enrolment, "offering_id": f"{CLUB}:K-1", "attendance": "attended"}
    sent = message("de.lernende-stadt.enrolment.finished.v1", body)
    async with Kafka(stack.site.settings(), f"partner-{CLUB}").producer() as producer:
        await producer.send_and_wait(inbox(CLUB), sent.value, headers=list(sent.headers))


def _metrics(stack: Stack, service: str) -> str:
    with urllib.request.urlopen(f"http://127.0.0.1:{stack.site.ports[service]}/metrics", timeout=10) as answer:
        return str(answer.read(), "utf-8")
