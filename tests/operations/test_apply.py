import asyncio
import shutil
from pathlib import Path

import pytest
from aiokafka import TopicPartition

from contracts.agreements import load_agreements
from deploy.passwords import mint, partner
from services.operations import offsets
from services.operations.apply import inventory, planning
from services.operations.apply.desired import desired
from services.operations.apply.grants import Agreements
from services.operations.cluster import Cluster
from services.runtime.kafka import Kafka
from services.runtime.settings import Settings
from tests.operations.worlds import PLAIN, hub

pytestmark = pytest.mark.real


@pytest.fixture
def own(site: Settings, folder: Path, tmp_path: Path) -> Settings:
    """The hub with a copy of the agreements, all applied; a test may change the copy."""
    shutil.copytree(folder, tmp_path / "agreements")
    settings = site.model_copy(update={"agreements": tmp_path / "agreements"})
    done = hub("apply", "--yes", settings=settings)
    assert done.returncode == 0, done.stderr
    return settings


def add(settings: Settings, name: str, partitions: int = 1) -> None:
    """Put another agreement beside the others, with its secret."""
    text = PLAIN.format(name).replace("partitions = 2", f"partitions = {partitions}")
    (settings.agreements / f"{name}.toml").write_text(text, encoding="utf-8")
    mint(settings.secrets, [partner(name)])


def test_applying_twice_changes_nothing(own: Settings, agreements: Agreements) -> None:
    """After hub apply the cluster is as desired, the second run has nothing to do, and --check agrees."""
    assert hub("apply", settings=own).stdout.endswith("\nKafka is as the agreements say.\n")
    assert hub("apply", "--check", settings=own).returncode == 0
    wanted = desired(agreements, 1)
    found = inventory.actual(Cluster(Kafka(own, "hub-admin")), wanted)
    assert (found.acls, found.cursors) == (wanted.acls, wanted.cursors)
    assert {name: found.topics[name] for name in wanted.topics} == wanted.topics


def test_checking_changes_nothing(own: Settings) -> None:
    """--check shows a difference, ends with 1, and leaves it; so does a no to the question."""
    add(own, "checked")
    first = hub("apply", "--check", settings=own)
    assert first.returncode == 1
    assert "+ topic partner.checked.inbox: 1 partition(s), kept 30 days" in first.stdout
    assert hub("apply", settings=own, answer="n\n").returncode == 1
    assert hub("apply", "--check", settings=own).stdout == first.stdout


def test_a_removed_partner_is_let_in_no_more(own: Settings) -> None:
    """Its rights go with its agreement, and its user is locked; its topics stay, and a hint says so."""
    add(own, "leaving")
    assert hub("apply", "--yes", settings=own).returncode == 0
    (own.agreements / "leaving.toml").unlink()
    done = hub("apply", "--yes", settings=own)
    assert "- user partner-leaving: locked" in done.stdout
    assert "- partner-leaving may write topic partner.leaving.inbox" in done.stdout
    assert "hint: topic partner.leaving.inbox belongs to no agreement; it is kept" in done.stdout
    assert "partner.leaving.inbox" in Cluster(Kafka(own, "hub-admin")).topics()
    assert hub("apply", "--check", settings=own).returncode == 0


async def test_a_new_partner_gets_its_cursor_while_the_reader_is_at_work(own: Settings) -> None:
    """Intake need not be stopped: the group has members, and the new inbox still gets its start."""
    consumer = Kafka(own, "hub-intake").consumer("partner.vhs.inbox", group="hub.intake")
    await consumer.start()
    try:
        add(own, "joining")
        done = await asyncio.to_thread(hub, "apply", "--yes", settings=own)
        assert done.returncode == 0, done.stderr
        place = TopicPartition("partner.joining.inbox", 0)
        assert await consumer.committed(place) == 0
    finally:
        await consumer.stop()


def test_a_wider_inbox_starts_at_its_beginning(own: Settings) -> None:
    """More partitions in the agreement: they are made and intake has a cursor in each."""
    add(own, "growing")
    assert hub("apply", "--yes", settings=own).returncode == 0
    add(own, "growing", partitions=3)
    assert hub("apply", "--yes", settings=own).returncode == 0
    cursors = offsets.cursors(Cluster(Kafka(own, "hub-admin")), ["hub.intake"])
    places = {cursor.partition: at for cursor, at in cursors.items() if cursor.topic == "partner.growing.inbox"}
    assert places == {0: 0, 1: 0, 2: 0}


async def test_a_lost_cursor_in_a_topic_with_records_is_left_to_a_human(own: Settings) -> None:
    """Nobody guesses what was read: nothing is committed, and the command to decide it is shown and works."""
    producer = Kafka(own, "hub-admin").producer()
    await producer.start()
    await producer.send_and_wait("hub.events.submitted", b"x", partition=1)
    await producer.stop()
    cluster = Cluster(Kafka(own, "hub-admin"))
    group = cluster.admin.delete_consumer_groups(["hub.events"])["hub.events"]
    await asyncio.to_thread(cluster.result, group)
    done = await asyncio.to_thread(hub, "apply", "--yes", settings=own)
    assert done.returncode == 1
    assert "problem: expected a cursor of hub.events in hub.events.submitted/1, found none" in done.stderr
    found = {cursor.partition for cursor in await asyncio.to_thread(offsets.cursors, cluster, ["hub.events"])}
    assert found == {0, 2}
    done = await asyncio.to_thread(
        hub, "cursor", "set", "hub.events", "hub.events.submitted/1", "first", "--yes", settings=own
    )
    assert done.stdout == "hub.events goes on in hub.events.submitted/1 at offset 0.\n"
    assert (await asyncio.to_thread(hub, "apply", "--check", settings=own)).returncode == 0


@pytest.mark.parametrize(
    ("place", "words"),
    [
        ("hub.events.submitted/99", "write one of hub.events.submitted/0, hub.events.submitted/1, hub.events.subm"),
        ("hub.evnts.submitted/1", "write one of hub.events.submitted"),
        (
            "weather/0",
            "write one of hub.backfills, hub.closings, hub.deadletter, hub.enrolments, hub.enrolments.submitted, ",
        ),
    ],
)
def test_a_place_that_is_not_there_is_told_with_those_that_are(own: Settings, place: str, words: str) -> None:
    """Who mistypes a topic or a partition is told what there is; nothing is set."""
    done = hub("cursor", "set", "hub.events", place, "first", "--yes", settings=own)
    assert (done.returncode, done.stdout) == (2, "")
    assert f"came {place if place.endswith('99') else place.partition('/')[0]}" in done.stderr
    assert words in done.stderr


def test_a_changed_setting_is_put_back(own: Settings) -> None:
    """What somebody changed by hand is told and made as the design says."""
    cluster = Cluster(Kafka(own, "hub-admin"))
    planned = planning.plan(own, load_agreements(own.agreements))
    assert planned.plan.configure == ()
    from confluent_kafka import admin  # noqa: PLC0415 - only here

    entry = admin.ConfigEntry("retention.ms", "1000", incremental_operation=admin.AlterConfigOpType.SET)  # type: ignore[call-arg]
    resource = admin.ConfigResource(admin.ResourceType.TOPIC, "hub.unified", incremental_configs=[entry])
    for future in cluster.admin.incremental_alter_configs([resource]).values():
        cluster.result(future)
    done = hub("apply", "--yes", settings=own)
    assert "~ topic hub.unified: retention.ms = -1" in done.stdout


def test_a_new_password_counts_when_asked_for(own: Settings) -> None:
    """Passwords cannot be compared; --passwords sets them from the files, and the new one opens the door."""
    (own.secrets / "hub-analyst").write_text("another-password\n")
    done = hub("apply", "--yes", "--passwords", settings=own)
    assert "+ user hub-analyst" in done.stdout
    assert "hub.unified" in Cluster(Kafka(own, "hub-analyst"), timeout=5).topics()


def test_production_refuses_drafts(own: Settings) -> None:
    """Where it counts, nobody is connected who has not signed; nothing is changed."""
    done = hub("apply", "--yes", settings=own, more={"HUB_PRODUCTION": "1"})
    assert done.returncode == 1
    assert "found drafts: stadt-gelsenkirchen, universitaet-wuppertal" in done.stderr


def test_a_partner_without_a_secret_stops_everything(own: Settings) -> None:
    """A missing password is told before the first change, so that nothing is half done."""
    add(own, "secretless")
    (own.secrets / "partner-secretless").unlink()
    done = hub("apply", "--yes", settings=own)
    assert done.returncode == 2
    assert "partner-secretless" in done.stderr
    assert "Nothing was changed" in done.stderr
    assert "partner.secretless.inbox" not in Cluster(Kafka(own, "hub-admin")).topics()
