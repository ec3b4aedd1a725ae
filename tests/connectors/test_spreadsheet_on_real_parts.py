"""A table on its whole way: the folder, the pull, the inbox, intake, the catalogue and another partner's outbox."""

import asyncio
import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from aiokafka import TopicPartition

from contracts.topics import outbox
from deploy import parts
from deploy.stack import Stack
from deploy.temporary import temporary
from flows.once import run_once
from flows.report import RunReport
from services.runtime.kafka import Kafka
from tests.connectors.comparing import compared, forget
from tests.connectors.tables import CONTRACTS, HEADINGS, JUDO, YOGA, answer_of, delimited, drop, workbook

pytestmark = pytest.mark.real
CLUB, READER = "sportverein", "stadtbuero"
AGREEMENT = """
id = "{partner}"
status = "draft"
purposes = ["event_publication"]
[name]
de = "{partner} de"
en = "{partner} en"
[owner]
unit = "Geschäftsstelle"
contact = "info@{partner}.example"
[{door}]
contracts = {contracts}
"""
CONNECTOR = """
[connector]
kind = "spreadsheet"
directions = ["pull"]
licence = "CC-BY-4.0"
[connector.settings]
folder = "tabellen"
rest = 0
"""


@pytest.fixture
def running(tmp_path: Path) -> Iterator[Stack]:
    """Kafka, PostgreSQL and the services, for a club with tables and a partner that reads events."""
    contracts = json.dumps([*CONTRACTS, "de.lernende-stadt.event.withdrawn.v1"])
    for partner, door, more in ((CLUB, "inbox", CONNECTOR), (READER, "outbox", "")):
        text = AGREEMENT.format(partner=partner, door=door, contracts=contracts) + more
        (tmp_path / f"{partner}.toml").write_text(text, encoding="utf-8")
    (tmp_path / "tabellen" / "in").mkdir(parents=True)
    with temporary((*parts.FOUNDATION, *parts.SERVICES), agreements=tmp_path) as stack:
        yield stack


def pulled(stack: Stack) -> RunReport:
    """Pull the folder once."""
    report = asyncio.run(run_once(stack.site.settings(), CLUB, "pull"))
    assert not report.failed, report.failed
    return report


def told(stack: Stack, number: int) -> list[tuple[str, str]]:
    """The reader's facts by kind and title, once there are so many or half a minute is over."""

    async def read() -> list[tuple[str, str]]:
        found: list[tuple[str, str]] = []
        async with Kafka(stack.site.settings(), "hub-admin").consumer() as consumer:
            consumer.assign([TopicPartition(outbox(READER), 0)])
            await consumer.seek_to_beginning()
            until = time.monotonic() + 30
            while len(found) < number and time.monotonic() < until:
                for record in (each for batch in (await consumer.getmany(timeout_ms=200)).values() for each in batch):
                    body, kind = json.loads(record.value), dict(record.headers)["ce_type"].decode().split(".")[-2]
                    found.append((kind, body["texts"][0]["title"] if "texts" in body else body["event_id"]))
        return found

    return asyncio.run(read())


def balance(stack: Stack) -> dict[str, int]:
    """The club's row of the balance."""
    command = [sys.executable, "-m", "services.operations.hub", "balance", "-o", "json"]
    environment = {**os.environ, **stack.site.environment()}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60, check=True)  # noqa: S603
    (found,) = [row for row in json.loads(done.stdout) if row["partner"] == CLUB]
    return dict(found)


def test_a_table_is_dropped_refused_in_part_repaired_and_told(running: Stack, tmp_path: Path) -> None:
    """The good rows reach the others at once; the broken one its answer, and once it is repaired the others, too."""
    folder, broken = tmp_path / "tabellen" / "in", ("K-3", "Tanz", "31.02.2027", *YOGA[3:])
    drop(folder, "kurse.csv", delimited(("Kursplan 2027",), (), HEADINGS, YOGA, broken, JUDO, encoding="cp1252"))
    first = pulled(running)
    assert (first.new, len(first.refused)) == (2, 1)
    assert sorted(told(running, 2)) == [("published", "Judo"), ("published", YOGA[1])]
    (refused,) = [row for row in answer_of(folder, "kurse.csv") if row["Ergebnis"] == "abgelehnt"]
    assert (refused["Zeile"], refused["Kennung"], refused["Spalte"]) == ("5", "K-3", "Datum")
    assert refused["Grund oder Hinweis"].startswith("erwartet: ein Tag, den es im Kalender gibt")

    repaired = ("K-3", "Tanz", "28.02.2027", *YOGA[3:])
    drop(folder, "kurse.csv", delimited(("Kursplan 2027",), (), HEADINGS, YOGA, repaired, JUDO, encoding="utf-16"))
    second = pulled(running)
    assert (second.new, second.changed, second.unchanged, len(second.refused)) == (1, 0, 2, 0)
    assert told(running, 3)[2:] == [("published", "Tanz")]
    assert "abgelehnt" not in {row["Ergebnis"] for row in answer_of(folder, "kurse.csv")}

    (folder / "kurse.csv").unlink()
    drop(folder, "kurse.xlsx", workbook((*HEADINGS, "Status"), (*YOGA, ""), (*repaired, "abgesagt"), (*JUDO, "")))
    third = pulled(running)
    assert (third.new, third.changed, third.unchanged) == (0, 1, 2)
    assert told(running, 4)[3:] == [("cancelled", f"{CLUB}:K-3")]
    found = balance(running)
    assert (found["accepted"], found["applied"], found["difference"]) == (4, 4, 0)

    settings = running.site.settings()
    assert asyncio.run(compared(settings, CLUB)).differences == 0
    asyncio.run(forget(settings, f"{CLUB}:K-1"))
    (one,) = asyncio.run(compared(settings, CLUB)).misremembered
    assert one.where == f"{CLUB}:K-1"
    asyncio.run(compared(settings, CLUB, "a test"))
    pulled(running)
    assert asyncio.run(compared(settings, CLUB)).differences == 0, "what was told again is known again"
