"""Two hundred and more texts about people, planted wherever somebody can put one; then everything is read."""

import asyncio
import json
import os
import shutil
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import pytest
from aiokafka import TopicPartition

from contracts.agreements import EXAMPLES
from contracts.topics import UNIFIED, inbox, recorded
from deploy import parts
from deploy.process import Process
from deploy.site import Site
from deploy.stack import Stack
from deploy.temporary import temporary
from services.runtime.kafka import Kafka
from tests.contracts.worlds import message
from tests.dispatch.people import SeatTaken, taken

pytestmark = pytest.mark.real
ROOT = Path(__file__).parents[2]
CITY, NGO, UNIVERSITY = "stadt-gelsenkirchen", "lernwerkstatt-rotthausen", "universitaet-wuppertal"
PUBLISHED = "de.lernende-stadt.event.published.v1"
REQUESTED = "de.lernende-stadt.enrolment.requested.v1"
SEATS, WRONG, FILES, HUMANS = 50, 8, 25, 12
ENTRY = """BEGIN:VCALENDAR
VERSION:2.0
PRODID:-//x//DE
BEGIN:VEVENT
UID:{uid}
DTSTAMP:20260901T080000Z
{dates}
SUMMARY:Kurs
ORGANIZER;CN={canary}o:mailto:{canary}m@privat.example
ATTENDEE;CN={canary}a:mailto:{canary}t@privat.example
X-NOTE:{canary}x
END:VEVENT
END:VCALENDAR
"""
DATES = {True: "DTSTART:20991001T080000Z\nDTEND:20991001T100000Z", False: "DTSTART:20991001T080000Z\nDTEND:20981001T1"}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The example agreements, with the NGO's folder in a place of this test's own, full of files."""
    folder = tmp_path_factory.mktemp("agreements")
    for path in EXAMPLES.glob("*.toml"):
        shutil.copy(path, folder)
    file, inside = folder / f"{NGO}.toml", folder / "shared" / "in"
    file.write_text(file.read_text().replace("../../.hub/lernwerkstatt-rotthausen", "shared"))
    inside.mkdir(parents=True)
    for number in range(FILES):
        canary = _canary("file", number)
        text = ENTRY.format(uid=f"kurs-{number}@x.example", canary=canary, dates=DATES[number % 2 == 0])
        (inside / f"Kurs von {canary}n.ics").write_text(text.replace("\n", "\r\n"), newline="")
    return folder


@pytest.fixture(scope="module")
def running(folder: Path) -> Iterator[Stack]:
    """The whole hub; its dispatch knows a contract that speaks of people."""
    genuine = parts.process

    def process(site: Site, name: str) -> Process:
        row = genuine(site, name)
        own = (sys.executable, "-m", "tests.dispatch.with_people")
        more = {**row.environment, "PYTHONPATH": str(ROOT)}
        return replace(row, command=own, environment=more) if name == "dispatch" else row

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(parts, "process", process)
        with temporary(agreements=folder) as stack:
            yield stack


def _canary(where: str, number: int) -> str:
    return f"Kanarie{where}{number}q"


def _reference(number: int) -> str:
    return f"{'abcdefgh'[number // 25]}{'abcdefghijklmnopqrstuvwxy'[number % 25]}kanarievogelkanarievogel"


def _wrong(number: int) -> dict[str, Any]:
    """A message that the door refuses, each in another way, with texts about people in it."""
    canary = _canary("wrong", number)
    good = {
        "event_id": f"{CITY}:{canary}i",
        "revision": 1,
        "texts": [{"language": "de", "title": f"{canary}t" * 60 if number == 0 else "Kurs"}],
        "organiser": {"name": f"{canary}o", "contact": f"{canary}c@privat.example"},
        "sessions": [],
        "licence": "CC-BY-4.0",
    }
    worse = [
        {},
        {f"{canary}f": 1},
        {"keywords": [f"{canary}k", 7]},
        {"licence": f"{canary}l"},
        {"revision": f"{canary}r"},
        {"same_as": [f"{canary}s"]},
        {"place": {"country": f"{canary}p"}},
        {"online_url": f"https://{canary}u:x@privat.example/"},
    ]
    return {**good, **worse[number % len(worse)]}


def _request(number: int) -> dict[str, Any]:
    """A request as a partner sends it: every field that tells of a human."""
    canary = _canary("human", number)
    person = {
        "person_id": f"{canary}i",
        "name": f"{canary}n",
        "email": f"{canary}m@privat.example",
        "phone": f"{canary}p",
        "birth_year": 1950 + number,
        "needs": [f"{canary}b", f"{canary}c"],
    }
    course = f"{UNIVERSITY}:kurs/1"
    return {"revision": 1, "enrolment_id": f"{UNIVERSITY}:{canary}e", "offering_id": course, "person": person}


async def _plant(stack: Stack) -> None:
    settings = stack.site.settings()
    async with Kafka(settings, "hub-admin").producer() as admin:
        for number in range(SEATS):
            seat = taken(number, _canary("seat", number), _reference(number))
            await admin.send_and_wait(recorded("events"), value=seat.value, key=seat.key, headers=[*seat.headers])
    async with Kafka(settings, f"partner-{CITY}").producer() as partner:
        for number in range(WRONG):
            canary = _canary("wrong", number)
            more = [("ce_id", f"{canary}h".encode()), (f"{canary}g", b"1"), ("x-note", f"{canary}e".encode())]
            sent = message(PUBLISHED, _wrong(number), key=f"{canary}y".encode(), more=more)
            await partner.send_and_wait(inbox(CITY), value=sent.value, key=sent.key, headers=[*sent.headers])

    async with Kafka(settings, f"partner-{UNIVERSITY}").producer() as partner:
        for number in range(HUMANS):
            sent = message(REQUESTED, _request(number), more=[("ce_id", f"{_canary('human', number)}h".encode())])
            await partner.send_and_wait(inbox(UNIVERSITY), value=sent.value, key=sent.key, headers=[*sent.headers])


def _planted() -> list[str]:
    humans = [f"{_canary('human', n)}{what}" for n in range(HUMANS) for what in "inmpbceh"]
    wrong = [f"{_canary('wrong', n)}{what}" for n in range(WRONG) for what in "iochgey"]
    files = [f"{_canary('file', n)}{what}" for n in range(FILES) for what in "omatxn"]
    seats = [text for n in range(SEATS) for text in (_canary("seat", n), _reference(n))]
    return [*seats, *wrong, *files, *humans]


async def _read(stack: Stack, topic: str) -> list[Any]:
    place = TopicPartition(topic, 0)
    async with Kafka(stack.site.settings(), "hub-admin").consumer(auto_offset_reset="earliest") as consumer:
        consumer.assign([place])
        await consumer.seek_to_beginning(place)
        end, found = (await consumer.end_offsets([place]))[place], []
        while await consumer.position(place) < end:
            found += (await consumer.getmany(place, timeout_ms=200)).get(place, [])
        return found


def _hub(stack: Stack, *words: str) -> str:
    command = [sys.executable, "-m", "services.operations.hub", *words]
    environment = {**os.environ, **stack.site.environment()}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=120, check=False)  # noqa: S603
    assert "Traceback" not in done.stderr
    return done.stdout + done.stderr


def _prefect(stack: Stack) -> dict[str, Any]:
    """What Prefect shows to everybody on the machine, once it was told of both kinds of runs."""
    api = stack.site.settings().prefect
    kinds = ("artifacts", "flow_runs", "logs")

    def told(kind: str) -> Any:  # noqa: ANN401 - as JSON
        return httpx.post(f"{api}/{kind}/filter", json={}, timeout=20, trust_env=False).raise_for_status().json()

    return _until(lambda: {kind: told(kind) for kind in kinds}, lambda shown: "refused" in str(shown["artifacts"]), 180)


def _until(ask: Any, enough: Any, patience: float = 90) -> Any:  # noqa: ANN401 - whatever is asked
    end = time.monotonic() + patience
    while True:
        try:
            found = ask()
        except (httpx.HTTPError, OSError) as error:
            found = error
        if not isinstance(found, Exception) and enough(found):
            return found
        assert time.monotonic() < end, found
        time.sleep(0.5)


def _metrics(stack: Stack) -> Iterable[str]:
    for name in (*parts.SERVICES, *parts.LATER):
        with urllib.request.urlopen(f"http://127.0.0.1:{stack.site.ports[name]}/metrics", timeout=10) as answer:
            yield answer.read().decode()


def test_none_of_two_hundred_texts_about_people_is_told_anywhere(running: Stack) -> None:
    """Promise 12: not in the unified stream, a log, a metric, a listing of dead letters or what Prefect shows."""
    asyncio.run(_plant(running))
    letters = _until(
        lambda: json.loads(_hub(running, "deadletter", "list", "-o", "json")),
        lambda found: len(found) >= WRONG + FILES // 2,
    )
    told = [_hub(running, "deadletter", "list")]
    told += [
        _hub(running, "deadletter", "show", each["id"], "-o", "json") for each in letters[:: max(1, len(letters) // 8)]
    ]
    records = _until(
        lambda: asyncio.run(_read(running, UNIFIED)),
        lambda found: (
            (len(_of(SeatTaken.type, found)), len(_of(REQUESTED, found))) == (SEATS, HUMANS)
            and len(found) >= SEATS + HUMANS + FILES // 2
        ),
    )
    told += [repr((record.key, record.value, record.headers)) for record in records]
    told += [json.dumps(_prefect(running)), _hub(running, "stream", "-o", "json"), _hub(running, "stream", "-o", "csv")]
    told += [path.read_text(errors="replace") for path in (running.site.data / "logs").iterdir()]
    told += _metrics(running)
    planted = _planted()
    assert len({*planted}) > 200
    everything = "\n".join(told)
    assert [text for text in planted if text in everything] == []
    assert "Kanarie" not in everything
    for contract, number in ((SeatTaken.type, SEATS), (REQUESTED, HUMANS)):
        names = {json.loads(record.value)["person_ref"] for record in _of(contract, records)}
        assert len(names) == number, "each person has a pseudonym of its own"


def _of(contract: str, records: Iterable[Any]) -> list[Any]:
    return [record for record in records if dict(record.headers)["ce_type"] == contract.encode()]
