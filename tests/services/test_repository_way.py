"""From a real OAI-PMH repository to partners: harvested, admitted, decided and passed on, each in its own process."""

import asyncio
import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from aiokafka import TopicPartition

from contracts.registry import CONTRACTS
from contracts.topics import UNIFIED, outbox
from deploy import parts
from deploy.stack import Stack
from deploy.temporary import temporary
from services.runtime.kafka import Kafka
from tests.connectors.comparing import compared, forget
from tests.connectors.repositories import RepositoryServer, datacite, repository

pytestmark = pytest.mark.real
UNIVERSITY, READERS = "universitaet-am-fluss", "lesesaal"
EARLY, LATE, LATER = "2026-01-01T00:00:00Z", "2099-01-01T00:00:00Z", "2099-01-02T00:00:00Z"
CONCEPT = "10.5072/werk"

AGREEMENT = """
id = "{partner}"
status = "draft"
purposes = ["research_publication"]
name = {{ de = "{partner}", en = "{partner}" }}
owner = {{ unit = "Bibliothek", contact = "info@{partner}.example" }}
{more}
"""
SENDS = """
inbox = {{ contracts = {contracts} }}
connector = {{ kind = "oaipmh", directions = ["pull"], settings = {{ url = "{url}" }} }}
"""


class World:
    """The hub and one repository."""

    def __init__(self, stack: Stack, server: RepositoryServer) -> None:
        """Nothing is told yet."""
        self.stack, self.server, self.told = stack, server, 0

    def hub(self, *words: str) -> str:
        """Call the hub as an operator does."""
        command = [sys.executable, "-m", "services.operations.hub", *words]
        environment = {**os.environ, **self.stack.site.environment()}
        done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=90, check=False)  # noqa: S603
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    async def pull(self) -> list[tuple[str, str, int]]:
        """Pull, wait until all is decided, and return what analysts were told by this pull."""
        rows = (line.split() for line in self.hub("pull", UNIVERSITY).splitlines())
        self.counts = {row[0]: int(row[1]) for row in rows if len(row) == 2}
        before = self.told
        self.told += sum(self.counts[name] for name in ("new", "changed", "withdrawn"))
        until = time.monotonic() + 60
        while len(found := await self.read(UNIFIED)) < self.told:
            assert time.monotonic() < until, found
            await asyncio.sleep(0.3)
        return found[before:]

    async def read(self, topic: str) -> list[tuple[str, str, int]]:
        """Read contract, object and revision of everything in a topic."""
        return [(kind, body["id"], body["revision"]) for kind, body in await self.bodies(topic)]

    async def bodies(self, topic: str) -> list[tuple[str, dict[str, Any]]]:
        """Read a topic."""
        place = TopicPartition(topic, 0)
        async with Kafka(self.stack.site.settings(), "hub-admin").consumer(auto_offset_reset="earliest") as consumer:
            consumer.assign([place])
            await consumer.seek_to_beginning(place)
            end, found = (await consumer.end_offsets([place]))[place], []
            while await consumer.position(place) < end:
                for each in (await consumer.getmany(place, timeout_ms=200)).get(place, []):
                    contract, body = dict(each.headers)["ce_type"].decode(), json.loads(each.value)
                    short = " ".join(contract.split(".")[2:4])
                    found.append((short, {**body, "id": body[CONTRACTS[contract].subject_field]}))
            return found


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """Kafka, PostgreSQL, the services and the repository of a university whose facts a reading room gets."""
    folder, agreements = tmp_path_factory.mktemp("repository"), tmp_path_factory.mktemp("agreements")
    research = json.dumps([name for name, contract in CONTRACTS.items() if contract.stream == "research"])
    with repository(folder) as server:
        more = SENDS.format(contracts=research, url=server.url)
        write(agreements, UNIVERSITY, more)
        write(agreements, READERS, f"outbox = {{ contracts = {research} }}")
        with temporary((*parts.FOUNDATION, *parts.SERVICES), agreements=agreements) as stack:
            yield World(stack, server)


def write(folder: Path, partner: str, more: str) -> None:
    """Write one agreement."""
    (folder / f"{partner}.toml").write_text(AGREEMENT.format(partner=partner, more=more), encoding="utf-8")


async def test_from_a_repository_to_the_reading_room(world: World) -> None:
    """First harvest, increment, expired token, versions, deletion: each is told once, and the books close."""
    server = world.server
    server.set(limit=5)
    for each in range(24):
        server.put(f"oai:{each}", f"2026-02-{each + 1:02}T00:00:00Z", oai_datacite=datacite(f"10.5072/{each:02}"))
    version = datacite(f"{CONCEPT}.v1", "Werk 1", ("IsVersionOf", CONCEPT), more="<version>1</version>")
    server.put("oai:v1", EARLY, oai_datacite=version)
    server.put("oai:p", EARLY, oai_datacite=datacite("10.5072/p", "Bericht", kind="Report"))
    server.put("oai:bad", EARLY, oai_datacite=datacite("10.5072/bad", ""))
    # In the middle of the first list a record changes, and with it the repository forgets its tokens.
    server.put("oai:0", LATE, oai_datacite=datacite("10.5072/00", "Mitten im Lesen geändert"), later=True)
    first = await world.pull()
    assert len(first) == 26
    assert world.counts["refused"] == 1
    assert {revision for *_, revision in first} == {1}
    assert await world.pull() == []

    version = datacite(f"{CONCEPT}.v2", "Werk 2", ("IsVersionOf", CONCEPT), more="<version>2</version>")
    server.put("oai:v2", LATER, oai_datacite=version)
    server.delete("oai:p", LATER)
    server.delete("oai:3", LATER)
    assert sorted(await world.pull()) == [
        ("dataset published", f"{UNIVERSITY}:{CONCEPT}", 2),
        ("dataset withdrawn", f"{UNIVERSITY}:10.5072/03", 2),
        ("publication withdrawn", f"{UNIVERSITY}:10.5072/p", 2),
    ]
    bodies = {body["id"]: body for _, body in await world.bodies(UNIFIED) if "texts" in body}
    assert bodies[f"{UNIVERSITY}:{CONCEPT}"]["texts"][0]["title"] == "Werk 2"
    assert bodies[f"{UNIVERSITY}:10.5072/00"]["texts"][0]["title"] == "Mitten im Lesen geändert"
    assert sorted(await world.read(outbox(READERS))) == sorted(await world.read(UNIFIED))
    letters = json.loads(world.hub("deadletter", "list", "-o", "json"))
    assert [letter["rule"] for letter in letters] == ["source-item-refused"]
    assert [row["difference"] for row in json.loads(world.hub("balance", "-o", "json"))] == [0] * 2
    await _check_that_a_comparison_finds_and_repairs(world)


async def _check_that_a_comparison_finds_and_repairs(world: World) -> None:
    """Repository and hub agree; one record is forgotten by hand, found and told again; then they agree once more."""
    settings = world.stack.site.settings()
    assert (await compared(settings, UNIVERSITY)).differences == 0
    forgotten = f"{UNIVERSITY}:10.5072/05"
    await forget(settings, forgotten)
    found = await compared(settings, UNIVERSITY)
    assert ([each.where for each in found.misremembered], found.differences) == ([forgotten], 1)
    assert (await compared(settings, UNIVERSITY, "a test")).refused == []
    await world.pull()
    assert (await compared(settings, UNIVERSITY)).differences == 0
