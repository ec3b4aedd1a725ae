"""One partner does not take the connections of all."""

import asyncio
from collections import Counter
from pathlib import Path
from unittest.mock import Mock

import httpx
import pytest
from starlette.routing import Route

from contracts.agreements import EXAMPLES, load_agreements
from services.gateway.app import application
from services.gateway.doorkeeper import Doorkeeper
from services.gateway.inboxes import PartAwayError
from services.gateway.problems import ProblemError
from services.gateway.receipts import AT_ONCE_OF_ONE, Receipts
from services.gateway.turns import Turns
from tests.gateway.worlds import CITY, UNIVERSITY, World


def test_each_partner_has_turns_of_its_own() -> None:
    """Whoever has as many as there are is refused, others are not; a turn is over however it ends."""
    turns = Turns(1, 7)
    with turns.of(UNIVERSITY), turns.of(CITY):
        with pytest.raises(ProblemError) as refused, turns.of(UNIVERSITY):
            pass
        assert refused.value.problem.headers == {"Retry-After": "7"}
    with pytest.raises(ZeroDivisionError), turns.of(UNIVERSITY):
        1 // 0  # noqa: B018 - fails
    assert +turns.under_way == Counter()


async def test_few_receipts_of_one_partner_are_looked_for_at_a_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Those beyond get 429 at once and when to come again; when the others are answered, the next one is let in."""
    reached, go = asyncio.Semaphore(0), asyncio.Event()

    async def look(*_: object) -> dict[str, object]:
        reached.release()
        await go.wait()
        raise PartAwayError("away")

    monkeypatch.setattr(Receipts, "_look", look)
    world, unused = World(tmp_path), Mock()
    receipts = Receipts(Doorkeeper(load_agreements(EXAMPLES), tmp_path), unused, unused)
    world.app = application([Route("/v1/receipts/{id}", receipts.get)])
    async with world.client() as client:
        waiting = [asyncio.create_task(_ask(client)) for _ in range(AT_ONCE_OF_ONE)]
        for _ in waiting:
            await reached.acquire()
        refused = await asyncio.wait_for(_ask(client), 10)
        assert (refused.status_code, refused.json()["rule"]) == (429, "too-many-requests")
        assert int(refused.headers["retry-after"]) > 0
        go.set()
        assert {answer.status_code for answer in await asyncio.gather(*waiting, _ask_later(client, waiting))} == {503}


async def _ask(client: httpx.AsyncClient) -> httpx.Response:
    return await client.get("/v1/receipts/0-0")


async def _ask_later(client: httpx.AsyncClient, before: list[asyncio.Task[httpx.Response]]) -> httpx.Response:
    await asyncio.wait(before)
    return await _ask(client)
