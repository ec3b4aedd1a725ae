"""Partners who are called: real Kafka, real PostgreSQL, the services, and endpoints that fail, die and come back.

The tests are one story: each goes on where the one before it ended.
"""

import asyncio
import getpass
import json
import os
import signal
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
from standardwebhooks.webhooks import Webhook

from contracts.topics import inbox, outbox
from deploy import parts
from deploy.few import few
from deploy.stack import Stack
from deploy.temporary import temporary
from services.operations.cluster import Cluster
from services.runtime.kafka import Kafka
from tests.contracts.worlds import examples, message
from tests.gateway.endpoints import Receiver
from tests.gateway.worlds import CITY, UNIVERSITY
from tests.operations.worlds import hub

pytestmark = pytest.mark.real
PATIENCE_S = 90
NGO = "lernwerkstatt-rotthausen"


@dataclass(frozen=True)
class Running:
    """A hub, and the endpoints of two partners."""

    stack: Stack
    university: Receiver
    ngo: Receiver

    def hub(self, *words: str, code: int = 0) -> str:
        """Give a command."""
        done = hub(*words, more=self.stack.site.environment())
        assert done.returncode == code, done.stderr + done.stdout
        return (done.stderr if code == 1 else done.stdout).strip()

    def tell(self, *names: str) -> None:
        """Let the city publish something, one after the other through the whole hub, so that their order is known."""

        async def send() -> None:
            async with Kafka(self.stack.site.settings(), f"partner-{CITY}").producer() as producer:
                for name in names:
                    event = {**examples()["de.lernende-stadt.event.published.v1.1"], "event_id": f"{CITY}:same"}
                    event["revision"] = int(name)
                    own = message("de.lernende-stadt.event.published.v1", event, more=[("ce_id", name.encode())])
                    await producer.send_and_wait(inbox(CITY), value=own.value, headers=[*own.headers])

        asyncio.run(send())

    def status(self, partner: str) -> dict[str, Any]:
        """What ``hub status`` says of what goes out to a partner."""
        rows = json.loads(self.hub("status", "-o", "json", code=3))  # Prefect does not run here
        (row,) = [row for row in rows if (row["partner"], row["direction"]) == (partner, "out")]
        return dict(row)

    def health(self) -> dict[str, Any]:
        """What the gateway says of itself."""
        return dict(httpx.get(f"http://127.0.0.1:{self.stack.site.ports['gateway']}/health", timeout=10).json())


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """The university and an NGO are called; neither endpoint runs yet."""
    folder = tmp_path_factory.mktemp("endpoints")
    university, ngo = Receiver(folder), Receiver(folder)
    agreements = few(folder / "agreements")
    _opened(agreements / f"{UNIVERSITY}.toml", "requests = 600", f'webhook = "{university.url}"')
    _opened(agreements / f"{NGO}.toml", "[inbox]", f'[http]\nwebhook = "{ngo.url}"\n\n[inbox]')
    with temporary((*parts.FOUNDATION, *parts.SERVICES, "gateway"), agreements=agreements) as stack:
        yield Running(stack, university, ngo)
        university.kill()
        ngo.kill()


def _opened(file: Path, before: str, after: str) -> None:
    text = file.read_text(encoding="utf-8")
    assert before in text
    file.write_text(text.replace(before, after), encoding="utf-8")


def _until(holds: Callable[[], object]) -> None:
    until = time.monotonic() + PATIENCE_S
    while not holds():
        assert time.monotonic() < until
        time.sleep(0.2)


def _texts(*numbers: int) -> list[str]:
    return [str(number) for number in numbers]


def test_nobody_is_called_without_a_secret(running: Running) -> None:
    """Nothing goes out unsigned; the status says what to do, and with a secret it goes on by itself."""
    running.university.start((500, {}, 0), (429, {"Retry-After": "1"}, 0))
    running.tell("1")
    _until(lambda: running.status(UNIVERSITY)["todo"] == f"its webhook: no secret: hub webhook secret {UNIVERSITY}")
    assert not running.university.noted.exists()
    running.university.secret = running.hub("webhook", "secret", UNIVERSITY)
    running.ngo.secret = running.hub("webhook", "secret", NGO)


def test_each_fact_comes_in_order_through_every_failure_and_a_dead_neighbour_holds_up_nobody(running: Running) -> None:
    """500, then 429, then 204: the same id with a new signature. The NGO's endpoint is down all the time."""
    running.tell("2", "3", "4")
    _until(lambda: running.university.accepted() == _texts(1, 2, 3, 4))
    calls = running.university.calls()
    assert [call.status for call in calls] == [500, 429, 204, 204, 204, 204]
    assert [len({call.id for call in part}) for part in (calls[:3], calls[3:])] == [1, 3]
    assert int(calls[2].headers["webhook-timestamp"]) > int(calls[0].headers["webhook-timestamp"])
    assert {call.event["source"] for call in calls} == {f"/partners/{CITY}"}
    assert {call.headers["content-type"] for call in calls} == {"application/cloudevents+json"}
    _until(lambda: running.status(NGO)["state"] == "late")
    told = running.status(NGO)["todo"]
    assert told.startswith("its webhook: ConnectError, ")
    assert ", next try 20" in told
    assert running.health()["webhooks"][NGO]["state"] == "retrying"
    assert running.health()["ready"]
    metrics = httpx.get(f"http://127.0.0.1:{running.stack.site.ports['gateway']}/metrics", timeout=10).text
    assert f'hub_gateway_webhook_calls_total{{outcome="accepted",partner="{UNIVERSITY}"}} 4.0' in metrics
    assert f'hub_gateway_webhook_failures{{partner="{NGO}"}}' in metrics
    _until(lambda: running.status(UNIVERSITY)["waiting"] == 0)


def test_an_endpoint_that_was_killed_gets_everything_when_it_is_back(running: Running) -> None:
    """Nothing is missing, and the order holds: killed in the middle, too."""
    running.ngo.start()
    running.hub("webhook", "resume", NGO)
    _until(lambda: running.ngo.accepted() == _texts(1, 2, 3, 4))
    running.ngo.kill()
    running.tell("5", "6")
    _until(lambda: running.health()["webhooks"][NGO]["state"] == "retrying")
    running.ngo.start()  # and by itself this time, after the first wait
    _until(lambda: running.ngo.accepted() == _texts(1, 2, 3, 4, 5, 6))
    assert running.status(NGO)["state"] in ("ok", "stuck")  # its folder is not written here


def test_a_gateway_killed_before_it_noted_an_answer_tells_the_fact_again_under_its_id(running: Running) -> None:
    """At least once, in order: the partner knows the repetition by its webhook-id."""
    _until(lambda: running.university.accepted()[-1] == "6")
    running.university.kill()
    running.university.start((204, {}, 3.0))
    running.tell("7", "8")
    _until(lambda: running.university.accepted()[-1] == "7")
    os.kill(running.stack.supervisor.states()["gateway"].pid, signal.SIGKILL)
    _until(lambda: running.university.accepted()[-1] == "8")
    assert running.university.accepted() == _texts(1, 2, 3, 4, 5, 6, 7, 7, 8)
    again = [call for call in running.university.calls() if call.event["id"] == "7"]
    assert len({(call.id, call.body) for call in again}) == 1
    _until(lambda: running.ngo.accepted()[-1] == "8")
    assert running.ngo.accepted() == _texts(*range(1, 9))


def test_who_wants_no_more_is_left_alone_until_an_operator_says_otherwise(running: Running) -> None:
    """410 ends the calls, visibly; nothing is lost meanwhile."""
    running.university.kill()
    running.university.start((410, {}, 0))
    running.tell("9")
    _until(lambda: running.status(UNIVERSITY)["state"] == "failing")
    todo = running.status(UNIVERSITY)["todo"]
    assert todo.startswith("its webhook: answered 410, ")
    assert todo.endswith(f": it wants no more: agree with the partner, then hub webhook resume {UNIVERSITY}")
    running.tell("10")
    _until(lambda: running.ngo.accepted()[-1] == "10")
    assert running.university.calls()[-1].status == 410
    running.hub("webhook", "resume", UNIVERSITY)
    _until(lambda: running.university.accepted()[-2:] == _texts(9, 10))


def test_while_a_secret_is_changed_both_verify(running: Running) -> None:
    """Each call is signed with both; one that is retired signs no more."""
    first, second = running.university.secret, running.hub("webhook", "secret", UNIVERSITY)
    running.tell("11")
    _until(lambda: running.university.accepted()[-1] == "11")
    call = running.university.calls()[-1]
    assert [Webhook(each).verify(call.body, call.headers)["id"] for each in (first, second)] == ["11", "11"]
    (row,) = [row for row in json.loads(running.hub("webhook", "list", "-o", "json")) if row["partner"] == UNIVERSITY]
    running.hub("webhook", "retire", UNIVERSITY, row["secrets"].split()[0])
    running.university.noted.unlink()
    running.university.secret = second
    running.tell("12")
    _until(lambda: running.university.accepted() == ["12"])
    assert len(running.university.calls()[0].headers["webhook-signature"].split()) == 1


def test_everything_is_told_once_more_if_a_partner_asks_for_it(running: Running) -> None:
    """From the first fact that its outbox keeps, under the same ids; the log names no address and no secret."""
    before = {call.event["id"]: call.id for call in running.ngo.calls()}
    running.ngo.noted.unlink()
    running.hub("webhook", "resume", NGO, "--from-first")
    _until(lambda: len(running.ngo.accepted()) == len(before))
    assert {call.event["id"]: call.id for call in running.ngo.calls()} == before
    log = running.stack.supervisor.log("gateway").read_text()
    assert [word for word in ("/hub?of=1", "whsec_", running.ngo.secret) if word in log] == []


def test_a_fact_that_is_never_taken_is_left_out_on_record_and_the_next_one_comes(running: Running) -> None:
    """Only where one is not taken, for a reason, and whoever asks later finds who did it."""
    assert "is calling" in running.hub("webhook", "skip", UNIVERSITY, "--yes", "--reason", "none", code=1)
    running.university.kill()
    running.university.start((413, {}, 0))
    running.tell("13", "14")
    _until(lambda: "answered 413" in running.status(UNIVERSITY)["todo"])  # it may be called before it is up
    running.hub("webhook", "skip", UNIVERSITY, "--yes", "--reason", "too large, agreed by phone")
    _until(lambda: running.university.accepted()[-1] == "14")
    assert running.university.accepted() == ["12", "14"]
    (row,) = json.loads(running.hub("webhook", "audit", "-o", "json"))
    refused = next(call for call in running.university.calls() if call.event["id"] == "13")
    assert (row["partner"], row["id"], row["answer"]) == (UNIVERSITY, refused.id, "answered 413")
    assert (row["reason"], row["by"]) == ("too large, agreed by phone", getpass.getuser())


def test_an_outbox_that_was_made_anew_is_told_from_its_first_fact(running: Running) -> None:
    """Dispatch fills it up again with what holds; the place of before, which is beyond that, counts no more."""
    _until(lambda: running.ngo.accepted()[-1] == "14")
    running.ngo.noted.unlink()
    cluster, topic = Cluster(Kafka(running.stack.site.settings(), "hub-admin")), outbox(NGO)
    cluster.result(cluster.admin.delete_topics([topic])[topic])
    _until(lambda: topic not in cluster.topics())
    running.tell("15")  # dispatch notices that the outbox is not there
    _until(lambda: running.university.accepted()[-1] == "15")
    running.hub("apply", "--yes")
    _until(lambda: running.ngo.accepted() == ["15"])  # one object, of which the newest fact is told
    assert "webhook_begins_anew" in running.stack.supervisor.log("gateway").read_text()
    _until(lambda: running.health()["webhooks"][NGO]["state"] == "calling")
