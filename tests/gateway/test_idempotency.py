"""Requests with a key, on real PostgreSQL."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from services.gateway.idempotency import PostgresRequests, Receipts, read_key
from services.gateway.inboxes import PartAwayError
from services.gateway.problems import ProblemError
from services.runtime import postgres
from services.runtime.settings import Settings

pytestmark = pytest.mark.real
ANSWER: Receipts = [{"id": "0-1"}]


@pytest.fixture
async def requests(settings: Settings) -> AsyncIterator[PostgresRequests]:
    """A database without any request."""
    pool = await postgres.connect(settings, schema="gateway")
    await postgres.apply_schema(pool, "services.gateway")
    await pool.execute("truncate gateway.request")
    yield PostgresRequests(pool)
    await pool.close()


class Work:
    """Counts how often it was done; waits until it may end."""

    def __init__(self, *, waits: bool = False, fails: bool = False) -> None:
        """Say how it behaves."""
        self.done, self.fails = 0, fails
        self.begun, self.may_end = asyncio.Event(), asyncio.Event()
        if not waits:
            self.may_end.set()

    async def __call__(self) -> Receipts:
        """Do it."""
        self.done += 1
        self.begun.set()
        await self.may_end.wait()
        if self.fails:
            raise PartAwayError("away")
        return ANSWER


async def _rule(requests: PostgresRequests, work: Work, digest: bytes = b"d", partner: str = "p") -> str:
    try:
        assert await requests.once(partner, b"k", digest, work) == ANSWER
    except ProblemError as error:
        return error.problem.refusal.rule
    return ""


async def test_a_key_brings_the_first_answer_to_its_partner_alone(requests: PostgresRequests) -> None:
    """Done once for each partner; other facts under the key are refused."""
    work = Work()
    assert [await _rule(requests, work) for _ in range(3)] == ["", "", ""]
    assert await _rule(requests, work, b"other") == "idempotency-key-reused"
    assert work.done == 1
    assert (await _rule(requests, work, b"other", "q"), work.done) == ("", 2)


async def test_many_at_one_time_are_done_once(requests: PostgresRequests) -> None:
    """Whoever comes while it is carried out is told to wait."""
    work = Work(waits=True)
    first = asyncio.create_task(_rule(requests, work))
    await work.begun.wait()
    others = await asyncio.gather(*(_rule(requests, work) for _ in range(5)))
    work.may_end.set()
    assert (await first, others, work.done) == ("", ["idempotency-in-progress"] * 5, 1)
    assert await _rule(requests, work) == ""


async def test_what_failed_can_be_repeated_under_its_key(requests: PostgresRequests) -> None:
    """Nothing is remembered of it."""
    with pytest.raises(PartAwayError):
        await requests.once("p", b"k", b"d", Work(fails=True))
    assert await _rule(requests, Work(), b"corrected") == ""


async def test_a_dead_gateways_request_is_carried_on_after_a_minute(requests: PostgresRequests) -> None:
    """Whoever repeats it does it; a day later it is forgotten."""
    assert requests.pool is not None
    await requests.pool.execute("insert into gateway.request (partner, key, digest) values ('p', 'k', 'd')")
    assert await _rule(requests, Work()) == "idempotency-in-progress"
    await requests.pool.execute("update gateway.request set begun = now() - interval '2 minutes'")
    assert await _rule(requests, Work()) == ""
    await requests.pool.execute("update gateway.request set begun = now() - interval '25 hours'")
    forgetting = asyncio.create_task(requests.forget())
    async with asyncio.timeout(30):
        while await requests.pool.fetchval("select count(*) from gateway.request"):  # noqa: ASYNC110 - the database's
            await asyncio.sleep(0.01)
    forgetting.cancel()


async def test_a_database_that_is_away_is_told_as_such() -> None:
    """Before it was ever there, too."""
    with pytest.raises(PartAwayError):
        await PostgresRequests().once("p", b"k", b"d", Work())


def test_quotation_marks_around_a_key_make_no_other_one() -> None:
    """The draft wants them; many clients leave them out."""
    assert read_key('"abc"') == read_key("abc") != read_key("abd")
