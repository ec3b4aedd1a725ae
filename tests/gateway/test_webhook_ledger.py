"""How far each partner was told, in a real PostgreSQL: one instance calls at a time, and one hand moves the place."""

import getpass
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from datetime import timedelta

import pytest

from services.gateway.idempotency import PostgresRequests
from services.gateway.webhooks.answers import ENDURED, Answer
from services.gateway.webhooks.ledger import PostgresLedger, Turn
from services.operations.partners import skipping
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
    await pool.execute("truncate gateway.webhook, gateway.skip")
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
    await world.one.failed(UNI, Turn(5, "", "calling", 0, timedelta(), timedelta()), Answer(410), REST)
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


async def test_a_place_counts_in_the_topic_that_it_was_noted_in(world: World) -> None:
    """Who never was in one keeps its place; who was in another begins anew, and both are seen by operators."""
    before = await _taken(world.one)
    assert await world.one.accepted(UNI, -1, 5)
    at = await _taken(world.one)
    assert (before.outbox, at.outbox, at.next_offset) == ("", "", 5)
    await world.one.begun(UNI, at, replace(at, outbox="first"))
    noted = await _taken(world.one)
    assert (noted.outbox, noted.next_offset, noted.state) == ("first", 5, "calling")
    anew = replace(noted, outbox="second", next_offset=-1, state="anew")
    await world.other.begun(UNI, noted, anew)  # who has not the partner
    await world.one.begun(UNI, at, anew)  # or knows not where it is
    assert (await _taken(world.one)).outbox == "first"
    await world.one.begun(UNI, noted, anew)
    found = await _taken(world.one)
    assert (found.outbox, found.next_offset, found.state) == ("second", -1, "anew")
    assert (await calls(world.settings))[UNI].reason == "another outbox"
    assert await world.one.accepted(UNI, -1, 1, fact=False)  # an empty one tells nothing, so nobody knows yet
    assert (await _taken(world.one)).state == "anew"
    assert await world.one.accepted(UNI, 1, 2)
    assert (await _taken(world.one)).state == "calling"


async def test_a_fact_is_left_out_on_record_or_not_at_all(world: World) -> None:
    """Who, when, which fact and why; a fact that was taken meanwhile, or in another outbox, is not left out."""
    turn = await _taken(world.one)
    assert await world.one.accepted(UNI, -1, 5)
    turn = replace(turn, next_offset=5)
    assert not await skipping.skip(world.settings, _refused(await _place(world), 7), "taken")
    await world.one.failed(UNI, turn, Answer(413), REST)
    was = await _place(world)
    assert (was.state, was.reason) == ("retrying", "answered 413")
    for other in (replace(was, next_offset=4), replace(was, outbox="another")):
        assert not await skipping.skip(world.settings, _refused(other, 7), "elsewhere")
    assert await skipping.skipped(world.settings, None) == []
    assert await skipping.skip(world.settings, _refused(was, 7), "too large")
    assert not await skipping.skip(world.settings, _refused(was, 7), "twice")
    (row,) = await skipping.skipped(world.settings, UNI)
    assert (row["id"], row["place"], row["answer"]) == ("msg_7", "partner.uni.outbox/0/7", "answered 413")
    assert (row["by"], row["reason"], row["time"].tzinfo is not None) == (getpass.getuser(), "too large", True)
    assert await skipping.skipped(world.settings, NGO) == []
    now = await _taken(world.one)
    assert (now.next_offset, now.state, now.failures, now.rest <= timedelta()) == (8, "calling", 0, True)


async def test_a_failure_of_a_fact_that_was_left_out_is_none_of_the_next(world: World) -> None:
    """Its call was under way."""
    turn = await _taken(world.one)
    await world.one.failed(UNI, turn, Answer(400), REST)
    assert await skipping.skip(world.settings, _refused(await _place(world), 0), "agreed")
    await world.one.failed(UNI, turn, Answer(400), REST)
    now = await _taken(world.one)
    assert (now.next_offset, now.state, now.failures, now.rest <= timedelta()) == (1, "calling", 0, True)


async def _place(world: World) -> skipping.Place:
    found = await skipping.place(world.settings, UNI)
    assert found is not None
    return found


def _refused(was: skipping.Place, offset: int) -> skipping.Refused:
    return skipping.Refused(UNI, was, offset, f"msg_{offset}")
