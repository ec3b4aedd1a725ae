"""The long-lived runner on real parts, with Prefect and without."""

import asyncio
import json
import os
import subprocess
import sys
import threading
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any
from uuid import uuid4

import httpx
import pytest
from aiokafka.errors import KafkaConnectionError
from structlog.testing import capture_logs

from contracts.agreement import Agreement
from deploy import ports
from deploy.passwords import password
from deploy.stack import Stack
from flows import sync
from flows.jobs import Job
from flows.prefect_ui.past import Backlog, Past
from flows.prefect_ui.thread import PrefectThread
from flows.report import RunReport
from flows.runner import Runner
from services.runtime.kafka import Kafka
from services.runtime.postgres import Pool
from tests.flows.partner import FakeSource, FakeTarget, event
from tests.flows.real import Doors
from tests.flows.test_push import message

pytestmark = pytest.mark.real
PATIENCE = 90  # seconds
_COMPARED = {"readback": "", "tells": ("event",)}


@pytest.fixture(scope="session")
def prefect(stack: Stack, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A real Prefect server on the real PostgreSQL; its API's address."""
    home, port = tmp_path_factory.mktemp("prefect"), ports.free(1)[0]
    site = stack.site
    environment = {
        **os.environ,
        "PREFECT_HOME": str(home),
        "PREFECT_API_DATABASE_CONNECTION_URL": site.prefect_database(password(site.secrets, "prefect")),
        "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
        "DO_NOT_TRACK": "1",
    }
    command = [sys.executable, "-m", "prefect", "server", "start", "--host", "127.0.0.1", "--port", str(port)]
    with (home / "log").open("wb") as log:
        server = subprocess.Popen(command, env=environment, stdout=log, stderr=log)  # noqa: S603 - our own interpreter
    yield f"http://127.0.0.1:{port}/api"
    server.terminate()
    server.wait(20)


class World:
    """One partner with a system in memory, pulled and pushed to by a runner."""

    def __init__(self, doors: Doors, pool: Pool, address: str) -> None:
        """Agree on both directions; ``address`` is Prefect's."""
        self.doors, self.pool = doors, pool
        self.source, self.target = FakeSource(), FakeTarget()
        ends = {"pull": self.source, "push": self.target}
        self.manifest = SimpleNamespace(open=lambda direction, *_: ends[direction], objects=("event",), **_COMPARED)
        settings = doors.kafka.settings.model_copy(update={"prefect": address})
        self.kafka = Kafka(settings, "hub-admin")
        self.agreement = Agreement.model_validate(
            {
                "id": doors.partner,
                "status": "draft",
                "name": {"de": "Stadt", "en": "City"},
                "owner": {"unit": "Amt", "contact": "info@stadt.example"},
                "purposes": ["event_publication"],
                "connector": {"kind": "memory", "directions": ["pull", "push"], "interval": 2},
            }
        )

    @asynccontextmanager
    async def running(self) -> AsyncIterator[Runner]:
        """A runner at work; stopped as a signal stops it."""
        jobs = sync.Sync(self.kafka, {self.doors.partner: self.agreement}, self.pool)
        runner = Runner(self.kafka, jobs)
        serving = asyncio.create_task(runner.serve())
        try:
            yield runner
        finally:
            runner.stop()
            await asyncio.wait([serving])


async def until(condition: Callable[[], Awaitable[Any]]) -> Any:  # noqa: ANN401 - whatever it finds
    """Wait for something to become true."""
    async with asyncio.timeout(PATIENCE):
        while not (found := await condition()):  # noqa: ASYNC110 - what is waited for happens in other processes
            await asyncio.sleep(0.1)
        return found


@pytest.fixture
def world(doors: Doors, pool: Pool, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> World:
    """A partner, with Prefect where the test asks for it."""
    address = "http://127.0.0.1:1/api"
    if "prefect" in request.fixturenames:
        address = request.getfixturevalue("prefect")
        for name in ("PREFECT_API_URL", "PREFECT_HOME"):
            monkeypatch.setenv(name, address)
            monkeypatch.delenv(name)
    world = World(doors, pool, address)
    monkeypatch.setattr(sync, "manifest", lambda _: world.manifest)
    return world


async def test_syncs_without_prefect(world: World) -> None:
    """Pulls keep their interval and pushes follow arrivals though Prefect never answers; each run is noted."""
    partner = world.doors.partner
    world.source.entries["1"] = event(f"{partner}:1")
    async with world.running() as runner:
        await until(world.doors.told)
        await world.doors.deliver([message(event("uni:1"))])
        await until(lambda: _held(world, "uni:1"))
        world.source.entries["2"] = event(f"{partner}:2")
        await until(lambda: _count(world, 2))
        assert not runner.prefect.ready
    rows = await world.pool.fetch("select direction, ok from sync.run where partner = $1", partner)
    assert {tuple(row) for row in rows} >= {("pull", True), ("push", True)}


async def test_push_is_tried_again(world: World) -> None:
    """A target that was away gets its facts when it is back, without a further arrival."""
    world.target.away = {"uni:1"}
    await world.doors.deliver([message(event("uni:1"))])
    async with world.running():
        await until(lambda: _failed(world))
        assert not world.target.held
        world.target.away = set()
        await until(lambda: _held(world, "uni:1"))
    assert world.target.writes == ["uni:1#1"]


async def test_runs_are_shown_in_prefect(world: World, prefect: str) -> None:
    """Every run is a flow run named after partner and direction, with its table; the UI's button runs one at once."""
    partner = world.doors.partner
    world.source.entries["1"] = event(f"{partner}:1")
    async with world.running() as runner, httpx.AsyncClient(base_url=prefect) as api:
        await until(lambda: _ready(runner))
        pull = await until(lambda: _deployment(api, f"pull/{partner} pull"))
        button = (await api.post(f"/deployments/{pull['id']}/create_flow_run", json={})).json()
        await until(lambda: _ended(api, button["id"]))
        await world.doors.deliver([message(event("uni:1"))])
        await until(lambda: _held(world, "uni:1"))
        for direction in ("pull", "push"):
            artifact = await until(lambda named=f"{partner}-{direction}": _artifact(api, named))
            run = (await api.get(f"/flow_runs/{artifact['flow_run_id']}")).json()
            assert run["name"].startswith(f"{partner} {direction} 20")
            assert '"what": "read"' in artifact["data"]
            await until(lambda run=run: _ended(api, run["id"]))
        told = await until(lambda: _first(api, partner, "UTC: 1 read, 1 written"))
        assert await _log(api, told) == ["begins", f"{partner} push: 1 read, 1 written"]
        await until(lambda: _first(api, partner, "", state="Nothing new"))
    assert pull["entrypoint"] == "flows.prefect_ui.flows.pull"


async def test_a_reconciliation_is_a_finished_run_with_its_table(world: World, prefect: str) -> None:
    """The button compares; what was told and never recorded stands in the run's table, and the run says how much."""
    partner = world.doors.partner
    world.source.entries["1"] = event(f"{partner}:1")
    async with world.running() as runner, httpx.AsyncClient(base_url=prefect) as api:
        await until(world.doors.told)
        await until(lambda: _ready(runner))
        await world.pool.execute(
            "update sync.fact set sent_at = sent_at - interval '1 hour' where partner = $1", partner
        )
        reconcile = await until(lambda: _deployment(api, f"reconcile/{partner} reconcile"))
        button = (await api.post(f"/deployments/{reconcile['id']}/create_flow_run", json={})).json()
        assert await until(lambda: _ended(api, button["id"])) == "COMPLETED"
        artifact = await until(lambda: _artifact(api, f"{partner}-reconcile"))
        told = await until(lambda: _first(api, partner, "1 unrecorded"))
    assert told["name"].startswith(f"{partner} reconcile 20")
    assert told["id"] == artifact["flow_run_id"]
    rows = {row["what"]: row["number"] for row in json.loads(artifact["data"]) if row["number"]}
    assert rows["unrecorded"] == 1


async def test_runs_before_prefect_was_there_are_told_afterwards(
    world: World, prefect: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Once Prefect is there it shows what runs did before, with their real times, table and log; not the quiet ones."""
    there, answers, partner = threading.Event(), PrefectThread._until_it_answers, world.doors.partner  # noqa: SLF001 - where a test can hold Prefect back

    async def late(self: PrefectThread) -> None:
        await asyncio.to_thread(there.wait, 60)
        await answers(self)

    monkeypatch.setattr(PrefectThread, "_until_it_answers", late)
    world.source.entries["1"] = event(f"{partner}:1")
    async with world.running() as runner, httpx.AsyncClient(base_url=prefect) as api:
        await until(lambda: _quiet_pulls(world))
        there.set()
        await until(lambda: _ready(runner))
        [run] = await _runs(api, {"tags": {"all_": [partner, "told-afterwards"]}})
        table = (await api.post("/artifacts/filter", json={"artifacts": {"flow_run_id": {"any_": [run["id"]]}}})).json()
        log = (await api.post("/logs/filter", json=_of(run))).json()
    began = await world.pool.fetchval("select min(started) from sync.run where partner = $1", partner)
    assert run["state_type"] == "COMPLETED"
    assert run["name"] == f"{partner} pull {began:%Y-%m-%d %H:%M:%S} UTC: 1 read, 1 new"
    assert f"ran at {began:%Y-%m-%d %H:%M:%S} UTC" in run["state"]["message"]
    assert '{"what": "new", "number": 1' in table[0]["data"]
    assert abs(datetime.fromisoformat(log[0]["timestamp"]) - began) < timedelta(seconds=1)


@pytest.mark.parametrize(("status", "left"), [(422, 0), (503, 1)])
async def test_a_run_that_prefect_refuses_stops_nobody(status: int, left: int) -> None:
    """What Prefect will never take is dropped, so that the next one is told; what it cannot take now is told later."""
    from flows.prefect_ui.side import PrefectSide  # noqa: PLC0415 - it reads its settings when it is imported

    class Refusing:
        async def create_flow_run_from_deployment(self, *_: object, **__: object) -> None:
            request = httpx.Request("POST", "http://prefect")
            raise httpx.HTTPStatusError("", request=request, response=httpx.Response(status, request=request))

    backlog, pull, now = Backlog(), Job("stadt", "pull"), datetime.now(UTC)
    backlog.add(Past(pull, RunReport("stadt", "pull", new=1), now, now))
    side = PrefectSide(Refusing(), lambda *_: None, backlog)  # type: ignore[arg-type]
    side._deployments[uuid4()] = pull  # noqa: SLF001 - as `register` leaves it
    with suppress(httpx.HTTPStatusError):
        await side.tell_missed()
    assert (backlog.first() is not None) == bool(left)


async def test_scheduled_runs_have_our_names(world: World, prefect: str) -> None:
    """What Prefect's scheduler lists as coming bears partner, direction and time, not words at random."""
    partner = world.doors.partner
    async with world.running() as runner, httpx.AsyncClient(base_url=prefect) as api:
        await until(lambda: _ready(runner))
        coming = await until(lambda: _named(api, partner))
    times = [f"{datetime.fromisoformat(run['expected_start_time']):%Y-%m-%d %H:%M:%S}" for run in coming]
    kinds = [run["name"].split()[1] for run in coming]
    assert {*kinds} == {"pull", "reconcile"}
    named = [f"{partner} {kind} {time} UTC" for kind, time in zip(kinds, times, strict=True)]
    assert [run["name"] for run in coming] == named


async def test_an_acceptance_is_noted(world: World) -> None:
    """Who looks later finds in the log and among the runs that an operator accepted, and how much went."""
    jobs = sync.Sync(world.kafka, {world.doors.partner: world.agreement}, world.pool)
    pull, partner = Job(world.doors.partner, "pull"), world.doors.partner
    world.source.entries = {str(n): event(f"{partner}:{n}") for n in range(4)}
    await jobs.run(pull)
    world.source.entries = {"0": event(f"{partner}:0")}
    await jobs.run(pull)
    with capture_logs() as log:
        await jobs.run(pull, accept_shrinkage=True)
    [noted] = [line for line in log if line["event"] == "shrinkage_accepted"]
    assert (noted["partner"], noted["withdrawn"], noted["held"]) == (partner, 3, 0)
    latest = "select counts->>'accepted' from sync.run where partner = $1 order by number desc limit 1"
    assert await world.pool.fetchval(latest, partner) == "3"


async def test_runs_wait_until_kafka_lets_the_flows_in(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """A pull that comes before Kafka knows the flows would read the partner's system only to fail; it comes after."""
    topics, answers = Kafka.topics, [KafkaConnectionError("expected to be let in"), set[str]()]

    async def late(self: Kafka) -> set[str]:
        assert world.source.cursors == [] or not answers
        answer = answers.pop(0) if answers else await topics(self)
        if isinstance(answer, KafkaConnectionError):
            raise answer
        return answer

    monkeypatch.setattr(Kafka, "topics", late)
    world.source.entries["1"] = event(f"{world.doors.partner}:1")
    async with world.running():
        await until(world.doors.told)
    assert answers == []
    assert not await _failed(world)


async def test_cancelled_in_prefect(world: World, prefect: str) -> None:
    """A run that somebody cancels in the UI stops; the job runs again when it is due."""
    async with world.running() as runner, httpx.AsyncClient(base_url=prefect) as api:
        await until(lambda: _ready(runner))
        world.source.read = _never
        run = await until(lambda: _running(api, world.doors.partner))
        state = {"state": {"type": "CANCELLING", "name": "Cancelling"}}
        await api.post(f"/flow_runs/{run['id']}/set_state", json=state)
        assert await until(lambda: _ended(api, run["id"])) == "CANCELLED"
        del world.source.read
        world.source.entries["1"] = event(f"{world.doors.partner}:1")
        await until(world.doors.told)


async def _runs(api: httpx.AsyncClient, wanted: dict[str, Any]) -> list[Any]:
    order = {"sort": "NEXT_SCHEDULED_START_TIME_ASC", "limit": 200}
    found: list[Any] = (await api.post("/flow_runs/filter", json={"flow_runs": wanted, **order})).json()
    return found


async def _first(api: httpx.AsyncClient, partner: str, ending: str, state: str = "Completed") -> Any:  # noqa: ANN401 - JSON
    wanted = {"tags": {"all_": [partner]}, "state": {"name": {"any_": [state]}}}
    return next((run for run in await _runs(api, wanted) if run["name"].endswith(ending)), None)


async def _named(api: httpx.AsyncClient, partner: str) -> list[Any]:
    """What is to come, once all of it has our names."""
    coming = await _runs(api, {"tags": {"all_": [partner]}, "state": {"type": {"any_": ["SCHEDULED"]}}})
    return coming if all(run["name"].startswith(f"{partner} ") for run in coming) else []


def _of(run: Any) -> dict[str, Any]:  # noqa: ANN401 - JSON
    return {"logs": {"flow_run_id": {"any_": [run["id"]]}}, "sort": "TIMESTAMP_ASC"}


async def _log(api: httpx.AsyncClient, run: Any) -> list[str]:  # noqa: ANN401 - JSON
    return await until(lambda: _lines(api, run))


async def _lines(api: httpx.AsyncClient, run: Any) -> list[str]:  # noqa: ANN401 - JSON
    return [line["message"] for line in (await api.post("/logs/filter", json=_of(run))).json()]


async def _quiet_pulls(world: World) -> bool:
    told = "select count(*) > 2 from sync.run where partner = $1 and direction = 'pull' and finished is not null"
    return await world.pool.fetchval(told, world.doors.partner)


async def _never(cursor: str | None) -> None:  # noqa: ARG001 - the signature of `Source.read`
    await asyncio.Event().wait()


async def _held(world: World, object_id: str) -> bool:
    return object_id in world.target.held


async def _count(world: World, number: int) -> bool:
    return len(await world.doors.told()) == number


async def _failed(world: World) -> bool:
    return await world.pool.fetchval("select true from sync.run where partner = $1 and not ok", world.doors.partner)


async def _ready(runner: Runner) -> bool:
    return runner.prefect.ready


async def _deployment(api: httpx.AsyncClient, name: str) -> Any:  # noqa: ANN401 - JSON
    answer = await api.get(f"/deployments/name/{name}")
    return answer.json() if answer.is_success else None


async def _ended(api: httpx.AsyncClient, run: str) -> str | None:
    state = (await api.get(f"/flow_runs/{run}")).json()["state_type"]
    return state if state in ("COMPLETED", "FAILED", "CRASHED", "CANCELLED") else None


async def _running(api: httpx.AsyncClient, partner: str) -> Any:  # noqa: ANN401 - JSON
    asked = {"flow_runs": {"state": {"type": {"any_": ["RUNNING"]}}, "tags": {"all_": [partner]}}}
    return next(iter((await api.post("/flow_runs/filter", json=asked)).json()), None)


async def _artifact(api: httpx.AsyncClient, key: str) -> Any:  # noqa: ANN401 - JSON
    answer = await api.get(f"/artifacts/{key}/latest")
    return answer.json() if answer.is_success else None
