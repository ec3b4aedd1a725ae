"""Calls to partners without Kafka and PostgreSQL: what is signed, what an answer means, what becomes of the order."""

import asyncio
import json
import re
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path
from typing import Any

import httpx
import pytest
from aiokafka import ConsumerRecord
from hypothesis import example, given
from hypothesis import strategies as st
from standardwebhooks.webhooks import Webhook, WebhookVerificationError

from contracts.agreement import Agreement
from contracts.agreements import EXAMPLES, load_agreements
from contracts.registry import CONTRACTS
from contracts.wording import expected
from services.gateway.inboxes import PartAwayError
from services.gateway.openapi import openapi
from services.gateway.outboxes import event
from services.gateway.page import page
from services.gateway.problems import problem
from services.gateway.webhooks.answers import ENDURED, JITTER, SCHEDULE, Answer, retry_after, state_after, wait
from services.gateway.webhooks.calling import Calls
from services.gateway.webhooks.ledger import Turn
from services.gateway.webhooks.placing import Place
from services.gateway.webhooks.posting import MOST_BYTES, caller, post
from services.gateway.webhooks.signing import headers
from services.runtime.signing_secrets import SecretFile, new_secret
from services.runtime.webhooks import State, webhook_id
from tests.gateway.worlds import UNIVERSITY

ROOT = Path(__file__).parents[2]
NOW = datetime(2027, 3, 28, 12, tzinfo=UTC)
URL = "https://partner.example/hub"
NAMES = st.text(st.characters(blacklist_categories=["Cs", "Cc"]), min_size=1, max_size=20)


def record(offset: int = 0, identifier: str = "m.1", revision: int = 1, **more: str) -> ConsumerRecord:
    """A fact as it lies in an outbox."""
    told = {"specversion": "1.0", "id": identifier, "type": "t", "time": "2027-01-01T00:00:00Z", **more}
    own = {"source": "/partners/vhs", "subject": "vhs:1", "revision": str(revision), **told}
    named = [(f"ce_{name}", value.encode()) for name, value in own.items()]
    value = json.dumps({"title": "Träume", "revision": revision}, ensure_ascii=False).encode()
    return ConsumerRecord("partner.uni.outbox", 0, offset, 0, 0, b"vhs:1", value, None, 0, len(value), named)


# --- signing ----------------------------------------------------------------------------------------------------------


@given(NAMES, st.integers(1, 2**53))
def test_what_is_signed_is_verified_by_the_library_and_nothing_else_is(identifier: str, revision: int) -> None:
    """By each of two secrets, over id, time and body; a sign more in any of them, or another secret, is refused."""
    body = event(told := record(identifier=identifier, revision=revision))
    secrets, now = [new_secret(), new_secret()], datetime.now(UTC)
    signed = headers(webhook_id(told), body, secrets, now)
    for secret in secrets:
        assert Webhook(secret).verify(body, signed)["id"] == identifier
    wrong = [{**signed, name: signed[name] + "1"} for name in ("webhook-id", "webhook-timestamp")]
    tampered = [(secrets[0], body, each) for each in wrong]
    for secret, sent, own in [*tampered, (secrets[0], body + b" ", signed), (new_secret(), body, signed)]:
        with pytest.raises(WebhookVerificationError):
            Webhook(secret).verify(sent, own)


@given(NAMES, NAMES)
def test_the_id_names_a_fact_and_nothing_of_it_can_be_read_in_it(one: str, other: str) -> None:
    """The same at every telling; another id, source or revision is another fact. No full stop is in it."""
    first = webhook_id(record(identifier=one))
    assert first == webhook_id(record(offset=7, identifier=one, traceparent="x"))
    assert (first == webhook_id(record(identifier=other))) is (one == other)
    assert first != webhook_id(record(identifier=one, source="/partners/uni"))
    assert first != webhook_id(record(identifier=one, revision=2))
    assert first.removeprefix("msg_").isalnum()


PAGES = ("for-partners.md", "fuer-partner.md")
EXAMPLES_OF_DOCS = [
    re.findall(r"```python\n(.*?)```", (ROOT / "docs" / page).read_text(encoding="utf-8"), re.DOTALL) for page in PAGES
]


def test_the_verification_of_the_docs_does_what_it_says() -> None:
    """What a partner copies takes what the hub sends and nothing else; it is the same in both pages."""
    assert EXAMPLES_OF_DOCS[0] == EXAMPLES_OF_DOCS[1]
    (code,) = EXAMPLES_OF_DOCS[0]
    told: dict[str, Any] = {}
    exec(code, told)  # noqa: S102 - our own docs
    genuine, body, secrets, now = told["genuine"], event(record()), [new_secret(), new_secret()], datetime.now(UTC)
    signed = headers(webhook_id(record()), body, secrets, now)
    late = headers(webhook_id(record()), body, secrets, now - timedelta(minutes=6))
    assert [genuine(secret, signed, body) for secret in (*secrets, new_secret())] == [True, True, False]
    assert [genuine(secrets[0], signed, body + b" "), genuine(secrets[0], late, body)] == [False, False]
    assert not genuine(secrets[0], {**signed, "webhook-id": "msg_other"}, body)


def test_the_description_names_each_header_and_the_form_of_a_call() -> None:
    """A program that reads OpenAPI finds what comes: an event as it is posted keeps to the schema."""
    post_ = openapi()["webhooks"]["fact"]["post"]
    body = event(record(type=next(iter(CONTRACTS))))
    own = headers("msg_x", body, [new_secret()], NOW)
    assert {each["name"] for each in post_["parameters"]} == own.keys() - {"content-type"}
    assert [*post_["requestBody"]["content"]] == [own["content-type"]]
    assert post_["security"] == []
    needed = openapi()["components"]["schemas"]["OutboxEvent"]
    assert set(needed["required"]) <= json.loads(body).keys() <= needed["properties"].keys()
    assert {"410", "429", "2XX"} <= post_["responses"].keys()
    for page_ in (page("en"), page("de")):
        assert all(f"<code>{name}</code>" in page_ for name in (*own.keys() - {"content-type"}, "410", "2XX"))


# --- when the next try is ---------------------------------------------------------------------------------------------


@given(st.integers(1, 100), st.floats(0, 1), st.integers(400, 599))
def test_waits_grow_over_days_and_are_spread(failures: int, chance: float, status: int) -> None:
    """As the specification's example: from 5 seconds to a day, more than three days in all, and not sooner."""
    rest, after = (wait(Answer(status), number, chance, NOW) for number in (failures, failures + 1))
    usual = SCHEDULE[min(failures, len(SCHEDULE)) - 1]
    assert usual <= rest <= usual * (1 + JITTER)
    assert rest <= after
    assert wait(Answer(status), 1, 0, NOW) == timedelta(seconds=5)
    assert ENDURED.days >= 3


@given(st.integers(0, 10**12), st.integers(1, 20), st.floats(0, 1))
def test_the_partner_says_when(seconds: int, failures: int, chance: float) -> None:
    """In seconds or as a date: not before, and not much later, but within a day."""
    asked = timedelta(seconds=min(86_400, max(1, seconds)))
    spellings = [str(seconds)]
    if 1 <= seconds <= 86_400:
        spellings.append(format_datetime(NOW + timedelta(seconds=seconds), usegmt=True))
    for header in spellings:
        rest = wait(Answer(429, header), failures, chance, NOW)
        assert asked <= rest <= asked * (1 + JITTER)


ZONED = st.builds("{:%a, %d %b %Y %H:%M:%S} {:+}".format, st.datetimes(), st.integers(-(10**16), 10**16))


@given(st.text(max_size=40) | ZONED | st.sampled_from(["-1", "1.5", "²", "Sun, 99 Foo 2027 12:00:00 GMT", "soon"]))
@example("Mon, 01 Jan 2020 00:00:00 +99999999999999")
def test_what_is_no_time_counts_as_none(header: str) -> None:
    """Whatever a partner's server writes there breaks nothing."""
    found = retry_after(header, NOW)
    assert found is None or timedelta(seconds=1) <= found <= SCHEDULE[-1]


@given(
    st.sampled_from([200, 299, 302, 404, 410, 429, 500]) | st.integers(100, 599),
    st.timedeltas(timedelta(), timedelta(days=30)),
)
def test_what_an_answer_makes_of_a_partner(status: int, failed_for: timedelta) -> None:
    """2xx is accepted and nothing else, a redirect neither; 410 ends it; who fails for days is marked and kept."""
    answer = Answer(status)
    assert answer.accepted is (200 <= status < 300)
    state = state_after(answer, failed_for)
    assert state == ("gone" if status == 410 else "failing" if failed_for >= ENDURED else "retrying")


# --- one request ------------------------------------------------------------------------------------------------------


def _said(status: int, body: bytes = b"", **headers: str) -> httpx.Response:
    return httpx.Response(status, headers=headers, stream=httpx.ByteStream(body))


def _transport(*answers: httpx.Response | Exception, seen: list[httpx.Request]) -> httpx.MockTransport:
    left = list(answers)

    def answer(request: httpx.Request) -> httpx.Response:
        seen.append(request)
        given_ = left.pop(0) if left else _said(204)
        if isinstance(given_, Exception):
            raise given_
        return given_

    return httpx.MockTransport(answer)


async def test_no_redirect_is_followed_and_no_cookie_kept() -> None:
    """Wherever it leads: a new address belongs into the agreement."""
    seen: list[httpx.Request] = []
    redirect = _said(307, location="http://169.254.169.254/", **{"set-cookie": "a=b"})
    async with caller(_transport(redirect, seen=seen)) as client:
        answers = [await post(client, URL, b"{}", {}) for _ in range(2)]
    assert [answer.status for answer in answers] == [307, 204]
    assert [(str(request.url), request.headers.get("cookie")) for request in seen] == [(URL, None)] * 2


async def test_of_an_answer_little_is_read() -> None:
    """However much a server says."""
    taken = 0

    async def endless() -> AsyncIterator[bytes]:
        nonlocal taken
        while True:
            taken += 1_000
            yield b"x" * 1_000

    async with caller(_transport(httpx.Response(200, content=endless()), seen=[])) as client:
        assert (await post(client, URL, b"{}", {})).accepted
    assert taken <= MOST_BYTES + 1_000


@pytest.mark.parametrize("error", [httpx.ConnectError("Erika"), httpx.ReadTimeout("Erika"), OSError("Erika")])
async def test_an_error_of_the_network_is_an_answer_in_one_word(error: Exception) -> None:
    """None of its text, which may quote the address."""
    async with caller(_transport(error, seen=[])) as client:
        answer = await post(client, URL, b"{}", {})
    assert (answer.accepted, str(answer)) == (False, type(error).__name__)


# --- the order --------------------------------------------------------------------------------------------------------


@dataclass
class MemoryOutbox:
    """Implements `Reads`: facts with gaps between their offsets and behind the last, as transactions leave them.

    ``topic``: how often it was made anew. ``after_read``: what happens to it while it is read, each once.
    """

    records: list[ConsumerRecord]
    first: int = 0
    topic: int = 1
    after_read: list[Callable[[], None]] = field(default_factory=list)

    def make(self, *records: ConsumerRecord) -> None:
        """Make it anew."""
        self.records, self.topic = [*records], self.topic + 1

    async def identity(self, _: Agreement) -> str:
        """Another one for each."""
        return str(self.topic)

    async def read(self, _: Agreement, after: int, *__: int) -> tuple[Sequence[ConsumerRecord], int]:
        """Give three at most, and let happen what does."""
        try:
            return self._read(after)
        finally:
            if self.after_read:
                self.after_read.pop(0)()

    def _read(self, after: int) -> tuple[Sequence[ConsumerRecord], int]:
        end = max((each.offset + 2 for each in self.records), default=0)
        if after >= 0 and not self.first <= after <= end:
            raise problem("cursor-beyond", "parameter after", expected("cursor-kept", ge=0, le=1))
        left = [each for each in self.records if each.offset >= max(after, self.first)]
        found, rest = left[:3], left[3:]
        return found, rest[0].offset if rest else max(after, self.first, end)


@dataclass
class MemoryLedger:
    """Implements `Ledger`; ``lost``: how often what is noted gets lost, as if the gateway died before."""

    row: Turn = field(default_factory=lambda: Turn(-1, "", "calling", 0, timedelta(), timedelta()))
    rests: list[timedelta] = field(default_factory=list)
    begins: list[State] = field(default_factory=list)
    reason: str = ""
    lost: list[bool] = field(default_factory=list)
    losses: int = 0

    async def take(self, partner: str) -> Turn:  # noqa: ARG002
        """Time flies: no rest is left."""
        return self.row

    async def accepted(self, partner: str, before: int, following: int, *, fact: bool = True) -> bool:  # noqa: ARG002
        """Move the place, if it is where it was."""
        if fact and self.lost and self.lost.pop():
            self.losses += 1
            return False
        if before != self.row.next_offset:
            return False
        self.row = replace(self.row, next_offset=following, state="calling", failures=0)
        return True

    async def failed(self, partner: str, turn: Turn, answer: Answer, rest: timedelta) -> State:  # noqa: ARG002
        """Count."""
        self.rests.append(rest)
        self.reason = str(answer)
        self.row = replace(self.row, state=state_after(answer, turn.failed_for), failures=turn.failures + 1)
        return self.row.state

    async def begun(self, partner: str, before: Turn, turn: Turn) -> None:  # noqa: ARG002
        """Keep it, if nobody moved it."""
        if self.row == before:
            self.row = turn
            self.begins.append(turn.state)

    async def held(self, partner: str, state: State, reason: str) -> None:  # noqa: ARG002
        """Keep why."""
        self.row, self.reason = replace(self.row, state=state), reason


def _calls(folder: Path, outbox: MemoryOutbox, ledger: MemoryLedger, transport: httpx.MockTransport) -> Calls:
    agreement = load_agreements(EXAMPLES)[UNIVERSITY]
    place = Place(agreement, outbox, ledger, moment=0)
    return Calls(agreement, URL, place, ledger, SecretFile(folder, UNIVERSITY), caller(transport))


@given(
    st.lists(st.integers(1, 3), max_size=8),
    st.lists(st.sampled_from([200, 204, 302, 404, 429, 500, 503, 0]), max_size=12),
    st.lists(st.booleans(), max_size=6),
)
def test_whatever_is_answered_nothing_is_missing_and_the_order_holds(
    tmp_path_factory: pytest.TempPathFactory, gaps: list[int], statuses: list[int], lost: list[bool]
) -> None:
    """A fact is told until it is accepted, and only then the next one; a repetition follows at once, under its id."""
    offsets = [sum(gaps[: number + 1]) for number in range(len(gaps))]
    outbox, ledger, seen = MemoryOutbox([record(at, f"m-{at}") for at in offsets]), MemoryLedger(lost=lost), []
    answers = [_said(status) if status else httpx.ReadTimeout("") for status in statuses]
    folder = tmp_path_factory.mktemp("secrets")
    SecretFile(folder, UNIVERSITY).write([secret := new_secret()])
    calls = _calls(folder, outbox, ledger, _transport(*answers, seen=seen))

    async def all_of_it() -> None:
        while ledger.row.next_offset <= max(offsets, default=-1):
            await calls.turn()

    asyncio.run(all_of_it())
    told = [Webhook(secret).verify(request.content, dict(request.headers))["id"] for request in seen]
    assert list(dict.fromkeys(told)) == [f"m-{at}" for at in offsets]
    assert told == sorted(told, key=lambda each: int(each[2:]))
    ids = [request.headers["webhook-id"] for request in seen]
    assert len(set(zip(told, ids, strict=True))) == len(set(told))
    assert len(told) == len(offsets) + len(ledger.rests) + ledger.losses
    assert len(ledger.rests) == sum(not 200 <= status < 300 for status in statuses[: len(seen)])


async def test_a_bug_in_the_calls_is_noted_as_a_failure_and_waited_for(tmp_path: Path) -> None:
    """Whoever looks sees that it does not go on, and the partner is not called every other second for ever."""
    SecretFile(tmp_path, UNIVERSITY).write([new_secret()])
    ledger, broken = MemoryLedger(), RuntimeError("Erika")
    calls = _calls(tmp_path, MemoryOutbox([record(1)]), ledger, _transport(broken, broken, seen=[]))
    for failures in (1, 2):
        await calls.attempt()
        assert (ledger.row.state, ledger.row.failures, ledger.row.next_offset) == ("retrying", failures, -1)
    assert [rest >= usual for rest, usual in zip(ledger.rests, SCHEDULE, strict=False)] == [True, True]
    assert ledger.reason == "RuntimeError"
    await calls.attempt()
    assert (ledger.row.state, ledger.row.next_offset) == ("calling", 3)


@pytest.mark.parametrize(("error", "rest"), [(PartAwayError(), 0), (RuntimeError(), SCHEDULE[1].total_seconds())])
async def test_a_bug_that_cannot_be_noted_is_waited_for_too(tmp_path: Path, error: Exception, rest: float) -> None:
    """Where PostgreSQL is away only shortly: it says itself when it is back."""

    class Broken(MemoryLedger):
        async def failed(self, *_: object) -> State:
            raise error

    SecretFile(tmp_path, UNIVERSITY).write([new_secret()])
    outbox, transport = MemoryOutbox([record(1)]), _transport(RuntimeError(), seen=[])
    assert rest <= await _calls(tmp_path, outbox, Broken(), transport).attempt() <= max(rest, 3)


async def test_who_wants_no_more_is_not_called(tmp_path: Path) -> None:
    """410 is the last call."""
    SecretFile(tmp_path, UNIVERSITY).write([new_secret()])
    seen: list[httpx.Request] = []
    ledger = MemoryLedger()
    calls = _calls(tmp_path, MemoryOutbox([record(1)]), ledger, _transport(_said(410), seen=seen))
    for _ in range(3):
        await calls.turn()
    assert (ledger.row.state, ledger.row.next_offset, len(seen)) == ("gone", -1, 1)


async def test_without_a_secret_nobody_is_called_until_there_is_one(tmp_path: Path) -> None:
    """A file that holds something else is none, and no word of it is told."""
    seen: list[httpx.Request] = []
    ledger = MemoryLedger()
    calls = _calls(tmp_path, MemoryOutbox([record(1)]), ledger, _transport(seen=seen))
    await calls.turn()
    assert (ledger.row.state, ledger.reason) == ("unsigned", "no secret")
    (tmp_path / f"webhook-{UNIVERSITY}").write_text("Erika\n")
    await calls.turn()
    assert (ledger.row.state, ledger.reason, seen) == ("unsigned", "PartnerFileDamagedError", [])
    SecretFile(tmp_path, UNIVERSITY).write([new_secret()])
    await calls.turn()
    assert (ledger.row.state, ledger.row.next_offset, len(seen)) == ("calling", 3, 1)


async def test_a_place_that_is_kept_no_more_is_an_error_and_no_guess(tmp_path: Path) -> None:
    """Nothing is skipped without a word, and no word is taken back: an operator says where to go on."""
    SecretFile(tmp_path, UNIVERSITY).write([new_secret()])
    ledger, seen = MemoryLedger(Turn(2, "1", "calling", 0, timedelta(), timedelta())), []
    outbox = MemoryOutbox([record(9)], first=5)
    calls = _calls(tmp_path, outbox, ledger, _transport(seen=seen))
    await calls.turn()
    assert (ledger.row.state, ledger.row.next_offset, ledger.reason) == ("lost", 2, "cursor-beyond")
    outbox.first = 0
    await calls.turn()
    assert (ledger.row.state, seen) == ("lost", [])
    ledger.row = replace(ledger.row, next_offset=-1, state="calling")
    await calls.turn()
    assert (ledger.row.state, ledger.row.next_offset) == ("calling", 11)


async def test_what_kafka_shows_for_a_moment_loses_no_place(tmp_path: Path) -> None:
    """After a change of leaders an outbox may look shorter than it is."""
    SecretFile(tmp_path, UNIVERSITY).write([new_secret()])
    ledger = MemoryLedger(Turn(11, "1", "calling", 0, timedelta(), timedelta()))
    outbox = MemoryOutbox([record(3)])
    outbox.after_read.append(lambda: outbox.records.append(record(11)))
    calls = _calls(tmp_path, outbox, ledger, _transport(seen=[]))
    await calls.turn()
    assert (ledger.row.state, ledger.row.next_offset) == ("calling", 11)
    await calls.turn()
    assert (ledger.row.state, ledger.row.next_offset) == ("calling", 13)


@given(st.integers(0, 8), st.integers(0, 8), st.booleans())
def test_an_outbox_that_was_made_anew_is_told_from_its_first_fact(
    tmp_path_factory: pytest.TempPathFactory,
    before: int,
    anew: int,
    meanwhile: bool,  # noqa: FBT001
) -> None:
    """However long it is by then, and also where that happens while it is read: each fact of it is told, in order."""
    folder = tmp_path_factory.mktemp("secrets")
    SecretFile(folder, UNIVERSITY).write([new_secret()])
    outbox, ledger, seen = MemoryOutbox([record(at) for at in range(before)]), MemoryLedger(), []
    calls = _calls(folder, outbox, ledger, _transport(seen=seen))

    async def all_of_it(turns: int) -> None:
        for _ in range(turns):
            await calls.turn()

    asyncio.run(all_of_it(4))
    assert len(seen) == before
    seen.clear()
    again = [record(at, f"again-{at}") for at in range(anew)]
    if meanwhile:
        outbox.after_read.append(lambda: outbox.make(*again))
    else:
        outbox.make(*again)
    asyncio.run(all_of_it(5))
    assert [json.loads(request.content)["id"] for request in seen] == [f"again-{at}" for at in range(anew)]
    assert (ledger.row.outbox, ledger.begins) == ("2", ["calling", "anew"])
