"""How far each partner was told, in a real PostgreSQL: one instance calls at a time, and one hand moves the place."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import timedelta

import pytest

from services.gateway.idempotency import PostgresRequests
from services.gateway.webhooks.answers import ENDURED, Answer
from services.gateway.webhooks.ledger import PostgresLedger, Turn
from services.operations.partners.calls import calls, resume
from services.runtime import postgres
from services.runtime.settings import Settings

pytestmark = pytest.mark.real
UNI, NGO = "uni", "ngo"
REST = timedelta(seconds=300)


@dataclass
class World:
    """Two instances of the gateway at one database."""

    one: PostgresLedger
    other: PostgresLedger
    settings: Settings
    pool: postgres.Pool

    async def late(self, column: str, span: timedelta) -> None:
        """Let time pass: what stands in a column was so much earlier."""
        await self.pool.execute(f"update gateway.webhook set {column} = {column} - $1::interval", span)  # noqa: S608


@pytest.fixture
async def world(settings: Settings) -> AsyncIterator[World]:
    """An empty table."""
    pool = await postgres.connect(settings, schema="gateway")
    await postgres.apply_schema(pool, "services.gateway")
    await pool.execute("truncate gateway.webhook")
    requests = PostgresRequests(pool)
    yield World(PostgresLedger(requests, "one"), PostgresLedger(requests, "other"), settings, pool)
    await pool.close()


async def _taken(ledger: PostgresLedger, partner: str = UNI) -> Turn:
    turn = await ledger.take(partner)
    assert turn is not None
    return turn


async def test_a_partner_is_called_by_one_instance_at_a_time(world: World) -> None:
    """The other gets the others; the one that is started again goes on at once."""
    assert (await _taken(world.one)).next_offset == -1
    assert await world.other.take(UNI) is None
    await _taken(world.other, NGO)
    await _taken(PostgresLedger(world.one.database, "one"))


async def test_an_instance_that_was_frozen_moves_nothing(world: World) -> None:
    """Its time is over, whether another has the partner by now or not; the other goes on where the place is."""
    await _taken(world.one)
    assert await world.one.accepted(UNI, -1, 5)
    await world.late("owned_until", timedelta(minutes=2))
    assert not await world.one.accepted(UNI, 5, 6)
    assert (await _taken(world.other)).next_offset == 5
    assert not await world.one.accepted(UNI, 5, 6)
    await world.one.failed(UNI, Turn(5, "calling", 0, timedelta(), timedelta()), Answer(410), REST)
    assert await world.other.accepted(UNI, 5, 6)
    assert (await _taken(world.other)).state == "calling"


async def test_a_place_that_an_operator_moved_is_not_moved_back(world: World) -> None:
    """Everything once more means everything, also while a call is under way."""
    await _taken(world.one)
    assert await world.one.accepted(UNI, -1, 5)
    assert await resume(world.settings, UNI, from_first=True)
    assert not await world.one.accepted(UNI, 5, 6)
    assert (await _taken(world.one)).next_offset == -1
    assert not await resume(world.settings, NGO, from_first=False)


async def test_failures_are_counted_from_the_first_and_forgotten_with_a_success(world: World) -> None:
    """Retrying, failing after three days, gone at 410; what operators see is what stands here."""
    turn = await _taken(world.one)
    assert (turn.failures, turn.failed_for, turn.rest <= timedelta()) == (0, timedelta(), True)
    assert await world.one.failed(UNI, turn, Answer(503), REST) == "retrying"
    await world.late("failing_since", ENDURED)
    turn = await _taken(world.one)
    assert (turn.failures, turn.state, turn.failed_for >= ENDURED) == (1, "retrying", True)
    assert timedelta() < turn.rest <= REST
    assert await world.one.failed(UNI, turn, Answer(why="ConnectError"), REST) == "failing"
    call = (await calls(world.settings))[UNI]
    assert (call.state, call.reason, call.failures, call.accepted) == ("failing", "ConnectError", 2, None)
    (row,) = await world.one.all([UNI, NGO])
    assert (row["partner"], row["state"], row["next_try"]) == (UNI, "failing", call.next_try)
    assert await world.one.accepted(UNI, -1, 1)
    turn = await _taken(world.one)
    assert (turn.failures, turn.state, turn.failed_for, turn.rest <= timedelta()) == (0, "calling", timedelta(), True)
    assert (await calls(world.settings))[UNI].accepted is not None
    assert await world.one.failed(UNI, turn, Answer(410), REST) == "gone"
    assert (await _taken(world.one)).state == "gone"
    assert await resume(world.settings, UNI, from_first=False)
    turn = await _taken(world.one)
    assert (turn.state, turn.next_offset, turn.failures) == ("calling", 1, 0)


async def test_the_marks_of_transactions_are_passed_without_a_fact(world: World) -> None:
    """The place moves; when a fact was accepted last stays."""
    await _taken(world.one)
    assert await world.one.accepted(UNI, -1, 3, fact=False)
    assert (await calls(world.settings))[UNI].accepted is None
    await world.one.held(UNI, "unsigned", "no secret")
    turn = await _taken(world.one)
    assert (turn.state, turn.next_offset) == ("unsigned", 3)
