import asyncio

import pytest

from contracts.registry import STREAMS
from services.operations.apply.changes import carry_out
from services.operations.apply.desired import READERS, desired
from services.operations.apply.difference import Plan
from services.operations.apply.grants import Acl, Agreements, acls, selected
from services.operations.cluster import Cluster
from services.runtime.kafka import Kafka
from services.runtime.settings import Settings
from tests.operations.attempts import Cell, expected, joinable, readable, transactional, writable
from tests.operations.worlds import hub

pytestmark = pytest.mark.real

HUB = [f"hub-{name}" for name in ("intake", *STREAMS, "dispatch", "flows", "operator", "analyst", "gateway")]
STRAY = ["hub", "hub.intake.more", "partner.vhs", "partner.vhs.", "analyst", "anything"]


@pytest.fixture(scope="module")
def applied(site: Settings) -> Settings:
    """The hub with its agreements applied and a record in every topic."""
    done = hub("apply", "--yes", "--passwords", settings=site)
    assert done.returncode == 0, done.stderr
    admin = Kafka(site, "hub-admin")
    list(writable(admin, sorted(Cluster(admin).topics())))
    return site


@pytest.fixture(scope="module")
def cells(agreements: Agreements) -> dict[str, list[str]]:
    """Every topic, and groups and transactional ids that belong to somebody or look as if they did."""
    groups = {reader.group.format(**v) for reader in READERS for v in selected(reader.each, agreements)}
    own = {f"partner.{partner}.app" for partner in agreements}
    return {
        "topics": sorted(desired(agreements, 1).topics),
        "groups": sorted({*groups, *own, "analyst.report", *STRAY}),
        "ids": sorted({*(f"{group}.topic.0" for group in groups), *own, *groups, *STRAY}),
    }


async def tried(settings: Settings, principal: str, cells: dict[str, list[str]]) -> set[Cell]:
    """Everything that the broker lets a principal do."""
    kafka = Kafka(settings, principal)
    return {
        *await asyncio.to_thread(lambda: [*writable(kafka, cells["topics"]), *readable(kafka, cells["topics"])]),
        *await asyncio.to_thread(lambda: list(joinable(kafka, cells["groups"]))),
        *await transactional(kafka, cells["ids"]),
    }


def every(cells: dict[str, list[str]]) -> list[Cell]:
    """All cells of the matrix of one principal."""
    return [
        *((operation, "topic", name) for operation in ("read", "write") for name in cells["topics"]),
        *(("read", "group", name) for name in cells["groups"]),
        *(("write", "transactional_id", name) for name in cells["ids"]),
    ]


PARTNERS = ["stadt-gelsenkirchen", "universitaet-wuppertal", "lernwerkstatt-rotthausen", "vhs", "vhs-nord"]


@pytest.mark.parametrize("principal", [*HUB, *(f"partner-{name}" for name in PARTNERS)])
async def test_the_broker_lets_each_principal_do_what_its_grants_say(
    applied: Settings, agreements: Agreements, cells: dict[str, list[str]], principal: str
) -> None:
    """Every principal on every topic, group and transactional id: the broker's answers are the table of grants."""
    rights = acls(agreements)
    assert {right.principal for right in rights} == {*HUB, *(f"partner-{name}" for name in PARTNERS)}
    assert await tried(applied, principal, cells) == expected(rights, principal, every(cells))


async def test_partners_do_not_reach_each_other(applied: Settings, cells: dict[str, list[str]]) -> None:
    """Said without the table: a partner reaches its own two topics, its own groups and ids, and not vhs-nord's."""
    assert await tried(applied, "partner-vhs", cells) == {
        ("write", "topic", "partner.vhs.inbox"),
        ("read", "topic", "partner.vhs.outbox"),
        ("read", "group", "partner.vhs."),
        ("read", "group", "partner.vhs.app"),
        ("write", "transactional_id", "partner.vhs."),
        ("write", "transactional_id", "partner.vhs.app"),
    }


@pytest.mark.parametrize(
    ("change", "cell"),
    [
        (Plan(allow=(Acl("partner-vhs", "read", "topic", "hub.events"),)), ("read", "topic", "hub.events")),
        (
            Plan(allow=(Acl("partner-vhs", "read", "group", "partner.vhs", prefix=True),)),
            ("read", "group", "partner.vhs-nord.app"),
        ),
        (
            Plan(forbid=(Acl("partner-vhs", "write", "topic", "partner.vhs.inbox"),)),
            ("write", "topic", "partner.vhs.inbox"),
        ),
        (
            Plan(forbid=(Acl("partner-vhs", "write", "transactional_id", "partner.vhs.", prefix=True),)),
            ("write", "transactional_id", "partner.vhs.app"),
        ),
    ],
)
async def test_the_matrix_sees_one_right_too_many_and_one_too_few(
    applied: Settings, agreements: Agreements, cells: dict[str, list[str]], change: Plan, cell: Cell
) -> None:
    """With one ACL added or taken away the broker's answers differ from the table, in that cell."""
    kafka = Kafka(applied, "hub-admin")
    wanted = expected(acls(agreements), "partner-vhs", every(cells))
    await carry_out(change, Cluster(kafka), kafka, 1)
    try:
        assert cell in await tried(applied, "partner-vhs", cells) ^ wanted
    finally:
        await carry_out(Plan(allow=change.forbid, forbid=change.allow), Cluster(kafka), kafka, 1)
    assert await tried(applied, "partner-vhs", cells) == wanted
