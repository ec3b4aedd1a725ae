"""A partner whose agreement was taken away is locked out, and takes nobody along."""

import asyncio
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest
from aiokafka.errors import KafkaError
from confluent_kafka.admin import ScramCredentialInfo, ScramMechanism
from starlette.requests import Request

from contracts.agreements import load_agreements
from deploy.passwords import partner
from deploy.readiness import kafka_answers, wait_until
from deploy.stack import Stack
from deploy.temporary import temporary
from services.gateway.doorkeeper import Doorkeeper
from services.gateway.problems import ProblemError
from services.operations.apply import planning, scram_words
from services.operations.apply.changes import carry_out
from services.operations.apply.difference import Plan
from services.operations.cluster import Cluster
from services.runtime.api_keys import KeyFile, new_key
from services.runtime.kafka import Kafka
from services.runtime.settings import Settings
from services.runtime.signing_secrets import SecretFile, new_secret
from tests.operations.attempts import writable
from tests.operations.worlds import PLAIN, hub

FORMER, OTHER = "stadt-gelsenkirchen", "vhs"


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """A Kafka of this file's own; nothing is applied."""
    folder = tmp_path_factory.mktemp("agreements")
    for name in (FORMER, OTHER):
        agree(folder, name)
    with temporary(("kafka",), agreements=folder) as stack:
        yield stack


@pytest.fixture
def settings(stack: Stack) -> Settings:
    """The hub with two partners, all applied."""
    settings = stack.site.settings()
    agree(settings.agreements, FORMER)
    apply(settings)
    return settings


def agree(folder: Path, name: str, http: str = "") -> None:
    """Write an agreement."""
    (folder / f"{name}.toml").write_text((PLAIN + http).format(name), encoding="utf-8")


def asking(key: str) -> Request:
    """A request at the HTTP door."""
    return Request({"type": "http", "state": {}, "headers": [(b"authorization", f"Bearer {key}".encode())]})


def apply(settings: Settings) -> str:
    """Make Kafka as the agreements say; return what was changed."""
    done = hub("apply", "--yes", settings=settings)
    assert done.returncode == 0, done.stderr
    return done.stdout


def remove(settings: Settings) -> str:
    """Take the agreement away, and apply."""
    (settings.agreements / f"{FORMER}.toml").unlink()
    return apply(settings)


def nothing_to_do(settings: Settings) -> bool:
    """Whether another ``hub apply`` would change nothing."""
    done = hub("apply", "--check", settings=settings)
    return (done.returncode, done.stdout.splitlines()[-1]) == (0, "Kafka is as the agreements say.")


def comes_in(settings: Settings, name: str) -> bool:
    """Whether Kafka lets a partner in by its secret."""
    try:
        asyncio.run(Kafka(settings, partner(name)).topics())
    except KafkaError:
        return False
    return True


def users(settings: Settings) -> list[str]:
    """The names of all users that Kafka knows, locked or not."""
    cluster = Cluster(Kafka(settings, "hub-admin"))
    return list(cluster.result(cluster.admin.describe_user_scram_credentials()))


def first_of(names: list[str]) -> str:
    """The name that comes first where Java goes through a HashMap of these."""
    size = 16
    while len(names) > 0.75 * size:
        size *= 2

    def place(name: str) -> int:
        number = 0
        for letter in name:
            number = (31 * number + ord(letter)) & 0xFFFFFFFF
        return (number ^ number >> 16) & (size - 1)

    return min(names, key=place)


@pytest.mark.real
def test_the_others_come_in_after_kafka_was_started_anew(stack: Stack, settings: Settings) -> None:
    """Kafka reads its log from the beginning, and knows everybody but the one that was taken away."""
    assert first_of(users(settings)) == partner(FORMER), "expected the user whose deletion does the most harm"
    remove(settings)
    stack.supervisor.halt(["kafka"])
    stack.run("kafka")
    wait_until(lambda: kafka_answers(settings), lambda: stack.failed("kafka"), "kafka", limit_s=30)
    assert (comes_in(settings, OTHER), comes_in(settings, FORMER)) == (True, False)


@pytest.mark.real
def test_who_was_locked_out_is_not_locked_out_again(settings: Settings) -> None:
    """The plan knows a locked user as gone, though Kafka still has its name: it is told once."""
    assert f"- user {partner(FORMER)}: locked" in remove(settings)
    assert not comes_in(settings, FORMER)
    assert partner(FORMER) in users(settings)
    assert nothing_to_do(settings)


@pytest.mark.real
def test_who_comes_back_comes_in(settings: Settings) -> None:
    """With its agreement a partner gets its user back, by the password in its file, and writes into its inbox."""
    remove(settings)
    agree(settings.agreements, FORMER)
    (settings.secrets / partner(FORMER)).write_text("another-password\n")
    assert f"+ user {partner(FORMER)}\n" in apply(settings)
    assert nothing_to_do(settings)
    inbox = f"partner.{FORMER}.inbox"
    assert list(writable(Kafka(settings, partner(FORMER)), [inbox])) == [("write", "topic", inbox)]


@pytest.mark.real
def test_who_lost_its_rights_only_is_locked_out_yet(settings: Settings) -> None:
    """An apply that ended half way, or a hand, took the rights: what is left to do is not forgotten."""
    (settings.agreements / f"{FORMER}.toml").unlink()
    planned = planning.plan(settings, load_agreements(settings.agreements))
    asyncio.run(carry_out(Plan(forbid=planned.plan.forbid), planned.cluster, planned.kafka, 1))
    assert comes_in(settings, FORMER)
    assert f"- user {partner(FORMER)}: locked" in apply(settings)
    assert not comes_in(settings, FORMER)


@pytest.mark.real
def test_its_keys_open_the_http_door_no_more(settings: Settings) -> None:
    """At once, at a gateway that was not started anew; and for good, also where the partner comes back."""
    agree(settings.agreements, FORMER, http="http = {{}}")
    apply(settings)
    key, kept = new_key(FORMER)
    KeyFile(settings.secrets, FORMER).write([kept])
    doorkeeper = Doorkeeper(load_agreements(settings.agreements), settings.secrets)
    assert nothing_to_do(settings)
    assert doorkeeper.let_in(asking(key)).id == FORMER
    assert f"- keys of {FORMER} at the HTTP door: revoked" in remove(settings)
    with pytest.raises(ProblemError, match="key-unknown"):
        doorkeeper.let_in(asking(key))
    agree(settings.agreements, FORMER, http="http = {{}}")
    apply(settings)
    with pytest.raises(ProblemError, match="key-unknown"):
        doorkeeper.let_in(asking(key))


@pytest.mark.real
def test_keys_go_with_the_table_that_opens_the_door(settings: Settings) -> None:
    """An agreement that opens the door no more leaves no key behind."""
    KeyFile(settings.secrets, FORMER).write([new_key(FORMER)[1]])
    assert f"- keys of {FORMER} at the HTTP door: revoked" in apply(settings)
    assert KeyFile(settings.secrets, FORMER).read() == []


@pytest.mark.real
def test_secrets_of_calls_go_with_the_webhook(settings: Settings) -> None:
    """An old secret would sign again, should the partner be called again; nobody else's goes."""
    webhook = 'http = {{{{ webhook = "https://{0}.example/" }}}}'
    secrets = [SecretFile(settings.secrets, each) for each in (FORMER, OTHER)]
    for name, file in zip((FORMER, OTHER), secrets, strict=True):
        agree(settings.agreements, name, http=webhook.format(name))
        file.write([new_secret()])
    assert "removed" not in apply(settings)
    agree(settings.agreements, FORMER, http="http = {{}}")
    assert f"- secrets that calls of {FORMER} are signed with: removed" in apply(settings)
    assert [file.path.exists() for file in secrets] == [False, True]
    secrets[0].write([new_secret()])
    assert f"- secrets that calls of {FORMER} are signed with: removed" in remove(settings)
    assert [file.path.exists() for file in secrets] == [False, True]
    agree(settings.agreements, OTHER)
    apply(settings)


@pytest.mark.parametrize(
    ("credentials", "known"),
    [
        ([(ScramMechanism.SCRAM_SHA_256, 8_192)], True),
        ([(ScramMechanism.SCRAM_SHA_256, 4_096)], True),  # made with Kafka's own tools
        ([(ScramMechanism.SCRAM_SHA_256, scram_words.LOCKED)], False),
        ([(ScramMechanism.SCRAM_SHA_512, 8_192)], False),  # the hub's clients cannot come in by it
        ([(ScramMechanism.SCRAM_SHA_512, 8_192), (ScramMechanism.SCRAM_SHA_256, scram_words.LOCKED)], False),
        ([(ScramMechanism.SCRAM_SHA_512, 8_192), (ScramMechanism.SCRAM_SHA_256, 8_192)], True),
    ],
)
def test_who_counts_as_a_user(credentials: list[tuple[ScramMechanism, int]], known: bool) -> None:  # noqa: FBT001 - a row of the table
    """Who comes in by the mechanism that the hub uses; whatever else a cluster of one's own holds is not touched."""
    user = SimpleNamespace(scram_credential_infos=[ScramCredentialInfo(*each) for each in credentials])
    assert scram_words.read({"partner-vhs": user}) == (frozenset({"partner-vhs"}) if known else frozenset())
