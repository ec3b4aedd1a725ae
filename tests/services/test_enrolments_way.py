"""Enrolments on real parts: many ask at one time through several doors, and nobody gets a place that is not there."""

import asyncio
import json
import os
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import httpx
import pytest
from aiokafka import TopicPartition

from contracts.topics import UNIFIED, inbox, outbox, recorded
from deploy import parts
from deploy.stack import Stack
from deploy.temporary import temporary
from flows.once import run_once
from services.runtime.api_keys import KeyFile, new_key
from services.runtime.kafka import Kafka
from tests.connectors.requests import ASKED
from tests.connectors.tables import delimited, drop
from tests.contracts.worlds import examples, message
from tests.gateway.worlds import structured

pytestmark = pytest.mark.real
PREFIX = "de.lernende-stadt."
COURSE, NEVER, WALK, STUDY = "vhs:kurs", "vhs:nie", "vhs:rundgang", "vhs:befragung"
PLACES, REQUESTS, CANCELLED = 20, 200, 15
ASKING = ("vhs", "verein", "uni")
DOORS = {  # the third is Kafka itself
    "verein": """
[connector]
kind = "spreadsheet"
directions = ["pull"]
settings = { folder = "tabellen", rest = 0, holds = { anmeldungen = "enrolments" } }
""",
    "uni": "[http]",
}
TOLD = ("requested", "queued", "associated", "denied", "cancelled", "finished")
SENT = ("requested", "cancelled", "denied", "finished")
OFFERED = ("event.cancelled", "study.opened", "study.closed")


def _agreement(partner: str) -> str:
    """A partner that asks, organises and hears of everything; one of them by tables, and one by HTTP, too."""
    enrolments = [f"{PREFIX}enrolment.{name}.v1" for name in TOLD]
    sent = [*(each for each in enrolments if each.split(".")[-2] in SENT), f"{PREFIX}event.published.v1"]
    told = [*enrolments, f"{PREFIX}fact.rejected.v1"]
    return f"""
id = "{partner}"
status = "signed"
purposes = ["event_publication", "research_publication", "enrolment_processing"]
name = {{ de = "{partner}", en = "{partner}" }}
owner = {{ unit = "Büro", contact = "info@{partner}.example" }}
inbox.contracts = {json.dumps([*sent, *(f"{PREFIX}{name}.v1" for name in OFFERED)])}
outbox.contracts = {json.dumps(told)}
{DOORS.get(partner, "")}
"""


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """Kafka, PostgreSQL and the services, with three partners and their requests."""
    folder: Path = tmp_path_factory.mktemp("agreements")
    for partner in ASKING:
        (folder / f"{partner}.toml").write_text(_agreement(partner), encoding="utf-8")
    (folder / "tabellen" / "anmeldungen").mkdir(parents=True)
    with temporary((*parts.FOUNDATION, *parts.SERVICES, "gateway"), agreements=folder) as stack:
        asyncio.run(_ask(stack, folder / "tabellen" / "anmeldungen"))
        yield stack


@pytest.fixture
def hasty(tmp_path: Path) -> Iterator[Stack]:
    """The same, but that a request waits three seconds for what nobody has published."""
    for partner in ASKING:
        (tmp_path / f"{partner}.toml").write_text(_agreement(partner), encoding="utf-8")
    with temporary((*parts.FOUNDATION, *parts.SERVICES), agreements=tmp_path, wait_hours=3 / 3600) as stack:
        yield stack


async def _send(stack: Stack, partner: str, told: list[tuple[str, dict[str, Any]]]) -> None:
    async with Kafka(stack.site.settings(), f"partner-{partner}").producer() as producer:
        for contract, body in told:
            one = message(f"{PREFIX}{contract}.v1", {"revision": 1, **body})
            await producer.send(inbox(partner), value=one.value, headers=[*one.headers])
        await producer.flush()


def _request(number: int, offering: str = COURSE) -> tuple[str, dict[str, Any]]:
    partner = ASKING[number % len(ASKING)]
    person = {"person_id": f"mitglied-{number}", "name": "Kanarienvogel Beispiel", "birth_year": 1980}
    return "enrolment.requested", {
        "enrolment_id": f"{partner}:{number}",
        "offering_id": offering,
        "person": person,
    }


async def _post(stack: Stack, partner: str, told: list[tuple[str, dict[str, Any]]]) -> None:
    """Come in by HTTP, each fact in a request of its own, several at one time."""
    key, row = new_key(partner)
    KeyFile(stack.site.secrets, partner).write([row])
    headers = {"content-type": "application/cloudevents+json", "authorization": f"Bearer {key}"}
    address = f"http://127.0.0.1:{stack.site.ports['gateway']}"
    async with httpx.AsyncClient(base_url=address, headers=headers, timeout=60) as client, asyncio.TaskGroup() as group:
        await _open(client)
        for number, (contract, body) in enumerate(told):
            event = structured(number, {"revision": 1, **body}, f"{PREFIX}{contract}.v1")
            group.create_task(_accepted(client, event))


async def _open(client: httpx.AsyncClient) -> None:
    """Wait until the gateway takes facts."""
    for _ in range(600):
        with suppress(httpx.TransportError):
            if (await client.get("/health/ready")).is_success:
                return
        await asyncio.sleep(0.1)
    raise AssertionError("the gateway is not ready after a minute")


async def _accepted(client: httpx.AsyncClient, event: dict[str, Any]) -> None:
    answer = await client.post("/v1/facts", content=json.dumps(event))
    assert answer.status_code == 202, answer.text


async def _drop(stack: Stack, folder: Path, partner: str, number: int) -> None:
    """Come in by a table, as a club's volunteers do."""
    rows = [(COURSE, f"Kanarienvogel-{each}", "Beispiel", "", "", "01.03.1987", "", "") for each in range(number)]
    drop(folder, "anmeldungen.csv", delimited(ASKED, *rows))
    report = await run_once(stack.site.settings(), partner, "pull")
    assert (report.failed, report.new) == ("", number), report


async def _ask(stack: Stack, folder: Path) -> None:
    """All ask at one time by three doors, before and after the course is published; one for what never comes."""
    event = {**examples()["de.lernende-stadt.event.published.v1.2"], "event_id": COURSE, "revision": 1}
    course = ("event.published", {**event, "capacity": {"maximum": PLACES}})
    asked = {
        partner: [_request(number) for number in range(REQUESTS) if ASKING[number % len(ASKING)] == partner]
        for partner in ASKING
    }
    asked["vhs"].insert(20, course)
    asked["uni"].append(_request(1001 * 3 + 2, NEVER))
    doors = _post(stack, "uni", asked["uni"]), _drop(stack, folder, "verein", len(asked["verein"]))
    await asyncio.gather(_send(stack, "vhs", asked["vhs"]), *doors)
    await _until(stack, REQUESTS + 1, "requested")
    await _until(stack, PLACES, "associated")


async def _read(stack: Stack, topic: str) -> list[tuple[str, dict[str, Any]]]:
    async with Kafka(stack.site.settings(), "hub-admin").consumer(auto_offset_reset="earliest") as consumer:
        places = [TopicPartition(topic, number) for number in sorted(await _partitions(consumer, topic))]
        consumer.assign(places)
        await consumer.seek_to_beginning(*places)
        ends, found = await consumer.end_offsets(places), list[tuple[str, dict[str, Any]]]()
        for place in places:
            while await consumer.position(place) < ends[place]:
                records = (await consumer.getmany(place, timeout_ms=200)).get(place, [])
                found += [(dict(r.headers)["ce_type"].decode().split(".")[-2], json.loads(r.value)) for r in records]
        return found


async def _partitions(consumer: Any, topic: str) -> set[int]:  # noqa: ANN401 - aiokafka ships no types
    while not (found := consumer.partitions_for_topic(topic)):
        await consumer._client.force_metadata_update()  # noqa: SLF001 - nobody subscribed
    return set(found)


async def _until(stack: Stack, number: int, state: str) -> list[tuple[str, dict[str, Any]]]:
    """Read what was recorded until there are so many facts of a kind."""
    until = time.monotonic() + 120
    while True:
        found = await _read(stack, recorded("enrolments"))
        if sum(name == state for name, _ in found) >= number:
            return found
        assert time.monotonic() < until, Counter(name for name, _ in found)
        await asyncio.sleep(0.5)


def _hub(stack: Stack, *words: str) -> str:
    command = [sys.executable, "-m", "services.operations.hub", *words]
    environment = {**os.environ, **stack.site.environment()}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=90, check=False)  # noqa: S603
    assert done.returncode == 0, done.stderr
    return done.stdout


def _states(told: list[tuple[str, dict[str, Any]]]) -> dict[str, str]:
    return {body["enrolment_id"]: name for name, body in told if "enrolment_id" in body}


async def test_places_go_once_and_the_queue_moves(running: Stack) -> None:
    """Of 200 requests through three doors 20 have a place and 180 wait in order; 15 go, and the first 15 move up."""
    before = await _until(running, REQUESTS - PLACES, "queued")
    states = _states(before)
    assert Counter(states.values()) == {"associated": PLACES, "queued": REQUESTS - PLACES, "requested": 1}
    queue = [body["enrolment_id"] for name, body in before if name == "queued"]
    assert [body["place"] for name, body in before if name == "queued"] == [*range(1, REQUESTS - PLACES + 1)]
    seated = [name for name, state in states.items() if state == "associated"]
    for leaving in seated[:CANCELLED]:
        told = {"enrolment_id": leaving, "offering_id": COURSE, "cause": "person"}
        await _send(running, leaving.partition(":")[0], [("enrolment.cancelled", told)])
    after = _states(await _until(running, PLACES + CANCELLED, "associated"))
    assert {name for name, state in after.items() if state == "associated"} == {*seated[CANCELLED:], *queue[:CANCELLED]}


async def test_both_sides_learn_the_outcome_and_nobody_else(running: Stack) -> None:
    """Promise 12: who asked is told of its own, the organiser of all; a third partner of nothing."""
    verein, vhs = await _read(running, outbox("verein")), await _read(running, outbox("vhs"))
    assert {body["enrolment_id"].partition(":")[0] for _, body in verein} == {"verein"}
    assert {body["enrolment_id"].partition(":")[0] for _, body in vhs} == {*ASKING}
    for topic in (recorded("enrolments"), outbox("vhs"), outbox("uni"), UNIFIED):
        assert "Kanarienvogel" not in json.dumps(await _read(running, topic)), topic


async def test_who_is_refused_is_told_why_without_values(running: Stack) -> None:
    """A message that was not taken comes back as rule, place and remedy, to its sender alone."""
    wrong = {"enrolment_id": "uni:never", "offering_id": COURSE, "cause": "person"}
    await _send(running, "uni", [("enrolment.cancelled", wrong), ("enrolment.cancelled", {**wrong, "cause": "Laune"})])
    until = time.monotonic() + 60
    while len(told := [body for name, body in await _read(running, outbox("uni")) if name == "rejected"]) < 2:
        assert time.monotonic() < until
        await asyncio.sleep(0.5)
    assert {(each["rule"], each["place"]) for each in told} == {
        ("object-unknown", "enrolment_id"),
        ("contract-violated", "cause"),
    }
    assert "Laune" not in json.dumps(told)
    assert not [name for name, _ in await _read(running, outbox("verein")) if name == "rejected"]


def _walk(revision: int, places: int) -> tuple[str, dict[str, Any]]:
    event = {**examples()["de.lernende-stadt.event.published.v1.2"], "event_id": WALK, "revision": revision}
    return "event.published", {**event, "capacity": {"maximum": places}}


def _from_university(name: str, offering: str = WALK) -> tuple[str, dict[str, Any]]:
    person = {"person_id": name, "name": "Kanarienvogel Beispiel", "birth_year": 1980}
    return "enrolment.requested", {"enrolment_id": f"uni:{name}", "offering_id": offering, "person": person}


def _ended(what: str, name: str, offering: str = WALK, **more: str) -> tuple[str, dict[str, Any]]:
    return f"enrolment.{what}", {"enrolment_id": f"uni:{name}", "offering_id": offering, **more}


async def _told(stack: Stack, partner: str, offering: str) -> dict[str, str]:
    """The latest state of each enrolment, with its cause or attendance, as a partner reads it in its outbox."""
    found = {}
    for state, body in await _read(stack, outbox(partner)):
        if body.get("offering_id") == offering:
            why = body.get("cause") or body.get("attendance")
            found[body["enrolment_id"].partition(":")[2]] = f"{state}: {why}" if why else state
    return found


async def _both_read(stack: Stack, offering: str, **wanted: str) -> None:
    """Wait until asker and organiser read so; what either reads besides, or reads otherwise at last, is shown."""
    for partner in ("uni", "vhs"):
        until = time.monotonic() + 60
        while (found := await _told(stack, partner, offering)) != wanted:
            assert time.monotonic() < until, (partner, found)
            await asyncio.sleep(0.5)


async def _heard(stack: Stack, offering: str, capacity: int) -> None:
    """Wait until the enrolments know of so many places; what follows from that is recorded with it."""
    until = time.monotonic() + 60
    while True:
        told = [body for name, body in await _read(stack, recorded("enrolments")) if name == "opened"]
        if [body.get("capacity") for body in told if body["offering_id"] == offering][-1:] == [capacity]:
            return
        assert time.monotonic() < until, told
        await asyncio.sleep(0.5)


async def test_places_come_and_go_with_what_the_organiser_says(running: Stack) -> None:
    """More places move the queue; fewer throw nobody out; the organiser's word ends one; a cancelled event ends all.

    Each step is what asker and organiser read in their outboxes.
    """
    await _send(running, "vhs", [_walk(1, 1)])
    await _send(running, "uni", [_from_university(name) for name in ("a", "b", "c", "d")])
    await _both_read(running, WALK, a="associated", b="queued", c="queued", d="queued")

    await _send(running, "vhs", [_walk(2, 3)])
    await _both_read(running, WALK, a="associated", b="associated", c="associated", d="queued")

    await _send(running, "vhs", [_walk(3, 1)])
    await _heard(running, WALK, 1)
    await _send(running, "uni", [_ended("cancelled", "b", cause="person"), _from_university("e")])
    now = {"a": "associated", "b": "cancelled: person", "c": "associated", "d": "queued", "e": "queued"}
    await _both_read(running, WALK, **now)  # two have places, though there is one: nobody moves up

    over = [_ended("denied", "d", cause="organiser"), _ended("finished", "a", attendance="attended")]
    await _send(running, "vhs", over)
    now |= {"d": "denied: organiser", "a": "finished: attended"}
    await _both_read(running, WALK, **now)

    reason = [{"language": "de", "title": "Sturmwarnung"}, {"language": "en", "title": "Storm warning"}]
    await _send(running, "vhs", [("event.cancelled", {"revision": 4, "event_id": WALK, "reason": reason})])
    now |= dict.fromkeys("ce", "cancelled: offering-cancelled")
    await _both_read(running, WALK, **now)
    assert await _told(running, "uni", WALK) == now
    lost = [body for _, body in await _read(running, outbox("uni")) if body.get("cause") == "offering-cancelled"]
    assert [[each["text"] for each in body["reason"]] for body in lost] == [["Sturmwarnung", "Storm warning"]] * 2


async def test_one_takes_part_in_a_study(running: Stack) -> None:
    """While it is open, in its places; once it is completed who waits is denied, and who has a place keeps it."""
    opened = {**examples()["de.lernende-stadt.study.opened.v1.2"], "study_id": STUDY, "capacity": {"maximum": 1}}
    opened["organiser"] = {"name": "Volkshochschule", "partner": "vhs"}
    await _send(running, "vhs", [("study.opened", opened)])
    await _send(running, "uni", [_from_university(name, STUDY) for name in ("s-1", "s-2")])
    await _both_read(running, STUDY, **{"s-1": "associated", "s-2": "queued"})
    await _send(running, "vhs", [("study.closed", {"revision": 2, "study_id": STUDY, "cause": "completed"})])
    await _both_read(running, STUDY, **{"s-1": "associated", "s-2": "denied: offering-closed"})
    await _send(running, "uni", [_from_university("s-3", STUDY)])
    now = {"s-1": "associated", "s-2": "denied: offering-closed", "s-3": "denied: offering-closed"}
    await _both_read(running, STUDY, **now)
    assert await _told(running, "uni", STUDY) == now


def test_the_books_close_and_the_state_is_the_fold(running: Stack) -> None:
    """Promises 6 and 9, with what the service hears of other streams and what waits."""
    until = time.monotonic() + 60
    while any(row["difference"] for row in json.loads(_hub(running, "balance", "-o", "json"))):
        assert time.monotonic() < until
        time.sleep(0.5)
    assert "objects differ" in _hub(running, "rebuild", "enrolments", "--check"), "and it would end with 1 if one did"


async def test_who_waited_in_vain_is_denied_and_may_ask_again(hasty: Stack) -> None:
    """Asker and organiser read it; nobody but the service's own clock said so, and the books close over it."""
    await _send(hasty, "uni", [_from_university("a", NEVER), _from_university("b", NEVER)])
    await _both_read(hasty, NEVER, a="denied: offering-unknown", b="denied: offering-unknown")
    order = [state for state, body in await _read(hasty, outbox("uni")) if body["enrolment_id"] == "uni:a"]
    assert order == ["requested", "denied"]
    late = {**examples()["de.lernende-stadt.event.published.v1.2"], "event_id": NEVER, "capacity": {"maximum": 1}}
    await _send(hasty, "vhs", [("event.published", late)])
    await _heard(hasty, NEVER, 1)
    again, body = _from_university("b", NEVER)
    await _send(hasty, "uni", [(again, {**body, "revision": 2})])
    await _both_read(hasty, NEVER, a="denied: offering-unknown", b="associated")
    test_the_books_close_and_the_state_is_the_fold(hasty)
