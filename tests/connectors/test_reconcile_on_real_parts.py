"""A real calendar and a folder that were damaged behind the hub's back: found, repaired, and then nothing differs."""

import asyncio
import json
import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import asyncpg
import httpx
import pytest

from contracts.registry import CONTRACTS
from deploy import parts
from deploy.demo.calendar_server import USER
from deploy.passwords import write_private
from deploy.stack import Stack
from deploy.temporary import temporary
from flows.ledger.outgoing import Outgoing
from flows.once import run_once
from flows.pulling.inbox import KafkaInbox
from flows.reconciling.reconciliation import DIFFERENCES, Reconciliation
from tests.connectors.calendars import resource
from tests.connectors.comparing import compared
from tests.connectors.conftest import PASSWORD, CalDavServer

pytestmark = pytest.mark.real
CITY, CLUB = "stadt", "verein"
TITLE = re.compile(r"SUMMARY[^:]*:(\S+)")
EVENTS = json.dumps([name for name, contract in CONTRACTS.items() if name.split(".")[2] == "event"])
AGREEMENT = """
id = "{partner}"
status = "draft"
purposes = ["event_publication"]
name = {{ de = "{partner}", en = "{partner}" }}
owner = {{ unit = "Kursbüro", contact = "info@{partner}.example" }}
inbox = {{ contracts = {events} }}
outbox = {{ contracts = {events} }}
connector = {{ kind = "{kind}", directions = ["pull", "push"], settings = {{ {settings} }} }}
"""


def entry(uid: str, title: str = "Kurs") -> bytes:
    """A course on one evening."""
    vevent = (
        f"BEGIN:VEVENT\nUID:{uid}@buero.example\nDTSTAMP:20260901T080000Z\nSUMMARY:{title}\n"
        "DTSTART;TZID=Europe/Berlin:20370310T180000\nDTEND;TZID=Europe/Berlin:20370310T200000\nEND:VEVENT\n"
    )
    return resource(vevent)


class World:
    """The hub between a city's calendar and a club's folder."""

    def __init__(self, stack: Stack, calendar: str, folder: Path) -> None:
        """Nothing is told yet."""
        self.stack, self.calendar, self.folder = stack, calendar, folder
        self.settings = stack.site.settings()

    def put(self, uid: str, title: str = "Kurs") -> None:
        """Write an entry of the city's."""
        self._calendar("PUT", f"{self.calendar}{uid}.ics", entry(uid, title))

    def written(self) -> dict[str, str]:
        """Return the address of each entry that the hub wrote into the calendar, by its title."""
        listing = self._calendar("PROPFIND", self.calendar).text
        names = re.findall(r"href>([^<]+)<", listing)
        root = self.calendar.partition(f"/{USER}/")[0]
        texts = {root + name: self._calendar("GET", root + name).text for name in names if name.endswith(".ics")}
        return {TITLE.findall(text)[0]: at for at, text in texts.items() if "verein:" in text}

    def delete(self, address: str) -> None:
        """Delete an entry, as a person does."""
        self._calendar("DELETE", address)

    def edit(self, address: str) -> None:
        """Change a title, as a person does."""
        text = self._calendar("GET", address).text
        self._calendar("PUT", address, TITLE.sub("SUMMARY:Anders", text).encode())

    def _calendar(self, method: str, address: str, content: bytes | None = None) -> httpx.Response:
        headers = {"depth": "1"}
        answer = httpx.request(method, address, content=content, auth=(USER, PASSWORD), headers=headers)
        return answer.raise_for_status()

    async def compare(self, partner: str, repair: str = "") -> Reconciliation:
        """Compare one partner's system."""
        return await compared(self.settings, partner, repair)

    async def pulled_and_pushed(self, told: int) -> None:
        """Pull both; push to both until each has so many facts of the other."""
        until = time.monotonic() + 90
        pulls = [await run_once(self.settings, partner, "pull") for partner in (CITY, CLUB)]
        while told > 0:
            reports = [*pulls, *[await run_once(self.settings, partner, "push") for partner in (CITY, CLUB)]]
            assert not any(report.failed for report in reports), reports
            told -= sum(report.written + report.removed for report in reports)
            pulls = []
            assert time.monotonic() < until, told
            await asyncio.sleep(0.3)

    async def sql(self, query: str, *given: object) -> None:
        """Change a table of the hub by hand."""
        connection = await asyncpg.connect(self.settings.postgres, password=self.settings.secret("postgres"))
        await connection.execute(query, *given)
        await connection.close()

    def hub(self, *words: str, code: int = 0) -> str:
        """Call the hub as an operator does."""
        command = [sys.executable, "-m", "services.operations.hub", *words]
        environment = {**os.environ, **self.stack.site.environment()}
        done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=90, check=False)  # noqa: S603
        assert done.returncode == code, done.stdout + done.stderr
        return done.stdout

    def balance(self) -> list[dict[str, object]]:
        """Return each partner's balance once nothing waits."""
        until = time.monotonic() + 60
        while True:
            rows: list[dict[str, object]] = json.loads(self.hub("balance", "-o", "json"))
            if not any(row["waiting"] for row in rows):
                return rows
            assert time.monotonic() < until
            time.sleep(0.3)


@pytest.fixture
def world(tmp_path: Path, caldav_server: CalDavServer) -> Iterator[World]:
    """Two partners that read each other."""
    calendar, folder = caldav_server.calendar("abgleich"), tmp_path / "ordner"
    (folder / "in").mkdir(parents=True)
    agreements = tmp_path / "agreements"
    agreements.mkdir()
    for partner, kind, settings in (
        (CITY, "caldav", f'url = "{calendar}", user = "{USER}"'),
        (CLUB, "dropfolder", f'folder = "{folder}"'),
    ):
        text = AGREEMENT.format(partner=partner, kind=kind, settings=settings, events=EVENTS)
        (agreements / f"{partner}.toml").write_text(text, encoding="utf-8")
    with temporary((*parts.FOUNDATION, *parts.SERVICES), agreements=agreements) as stack:
        write_private(stack.site.secrets / f"caldav-{CITY}", PASSWORD)
        yield World(stack, calendar, folder)


def names(report: Reconciliation) -> dict[str, list[str]]:
    """Return the objects that differ, by what is the matter."""
    return {
        name: sorted(f"{each.place} {each.where.partition('@')[0].rpartition(':')[2]}" for each in found)
        for name in DIFFERENCES
        if (found := getattr(report, name))
    }


async def _lost(_: object, facts: Sequence[Outgoing]) -> None:
    """An inbox that says yes and keeps nothing."""
    assert facts


async def test_what_was_damaged_is_found_and_repaired(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Deleted, edited, forgotten, lost and silently gone, in both systems; after a repair nothing differs."""
    for number in range(10):
        world.put(f"s{number}")
    for number in range(6):
        (world.folder / "in" / f"v{number}.ics").write_bytes(entry(f"v{number}", f"Treff{number}"))
    await world.pulled_and_pushed(16)
    assert [names(await world.compare(partner)) for partner in (CITY, CLUB)] == [{}, {}]

    written = world.written()
    world.delete(written["Treff0"])
    world.edit(written["Treff1"])
    world.delete(f"{world.calendar}s3.ics")
    await world.sql("delete from sync.object where object_id like 'stadt:s0%'")
    out = sorted(path for path in (world.folder / "out").glob("*.ics") if path.name != "catalogue.ics")
    out[0].unlink()
    out[1].write_text(TITLE.sub("SUMMARY:Anders", out[1].read_text(encoding="utf-8")), encoding="utf-8")
    (world.folder / "in" / "v5.ics").unlink()
    (world.folder / "in" / "v6.ics").write_bytes(entry("v6"))
    with monkeypatch.context() as lossy:
        lossy.setattr(KafkaInbox, "put", _lost)
        assert (await run_once(world.settings, CLUB, "pull")).new == 1
    await world.sql("update sync.fact set sent_at = sent_at - interval '1 hour'")

    found = names(await world.compare(CITY))
    assert found == {
        "vanished": ["source s3"],
        "misremembered": ["source s0"],
        "deleted": ["target v0"],
        "edited": ["target v1"],
    }
    found = names(await world.compare(CLUB))
    assert {name: len(each) for name, each in found.items()} == {
        "unrecorded": 1, "vanished": 1, "deleted": 1, "edited": 1,
    }  # fmt: skip
    assert (found["unrecorded"], found["vanished"]) == (["source v6"], ["source v5"])
    assert names(await world.compare(CITY)).keys() == {"vanished", "misremembered", "deleted", "edited"}, (
        "it only looks"
    )

    for partner in (CITY, CLUB):
        assert (await world.compare(partner, "a test")).refused == []
    await world.pulled_and_pushed(3)  # v6 is new, s3 and v5 are withdrawn
    assert [names(await world.compare(partner)) for partner in (CITY, CLUB)] == [{}, {}]
    assert sorted(world.written()) == ["Kurs", *(f"Treff{number}" for number in range(5))]
    assert [row["difference"] for row in world.balance()] == [0, 0]
    told = json.loads(world.hub("reconcile", CITY, "-o", "json"))
    assert {row["what"]: row["number"] for row in told}["deleted"] == 0
    world.delete(world.written()["Treff2"])
    told = json.loads(world.hub("reconcile", CITY, "-o", "json", code=1))
    assert [row["place"] for row in told if row["what"] == "deleted" and row["where"]] == ["target"]
    assert "deleted" in world.hub("reconcile", CITY, "--repair")
    assert "Treff2" in world.written(), "the command repairs"
    world.hub("reconcile", CITY)

    for path in (world.folder / "in").glob("*.ics"):
        path.unlink()
    assert "held" in world.hub("pull", CLUB, code=1), "so much at once is kept until somebody says that it is right"
    assert "withdrawn" in world.hub("pull", CLUB, "--accept-shrinkage")
    until = time.monotonic() + 60
    while world.written():
        world.hub("push", CITY)
        assert time.monotonic() < until
    assert [row["difference"] for row in world.balance()] == [0, 0]
