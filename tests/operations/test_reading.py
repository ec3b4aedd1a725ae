import asyncio
import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any

import asyncpg
import pytest

from contracts.admission import Message
from contracts.dead_letter import DeadLetter, entry_of
from contracts.envelope import Envelope
from contracts.refusal import Refusal
from contracts.topics import DEAD_LETTERS, UNIFIED, inbox, submitted
from contracts.wording import expected
from services.operations.apply.changes import set_cursors
from services.operations.cursors import Cursor
from services.runtime import postgres
from services.runtime.kafka import Kafka
from services.runtime.settings import Settings
from tests.contracts.worlds import examples, type_of
from tests.operations.worlds import hub

pytestmark = pytest.mark.real

PERSON = "Erika Mustermann"
CANCELLED = "de.lernende-stadt.event.cancelled.v1"


class Writer:
    """Puts into Kafka what services and partners would, as the administrator."""

    def __init__(self, kafka: Kafka) -> None:
        """Write with the rights of ``kafka``."""
        self.kafka = kafka

    async def records(self, topic: str, *messages: Message, partition: int = 0, abort: bool = False) -> None:
        """Write in one transaction each, so that markers lie between the records; or take all back."""
        producer = self.kafka.producer("hub.tests")
        await producer.start()
        for message in messages:
            await producer.begin_transaction()
            headers = list(message.headers)
            await producer.send(topic, message.value or b"", key=message.key, headers=headers, partition=partition)
            await (producer.abort_transaction() if abort else producer.commit_transaction())
        await producer.stop()

    async def cursor(self, group: str, topic: str, offset: int, partition: int = 0) -> None:
        """Move a group, as its service would."""
        await set_cursors({Cursor(group, topic, partition): offset}, self.kafka)


@pytest.fixture
async def database(applied: Settings) -> AsyncIterator[asyncpg.Pool]:
    """The hub's database with the tables of the services and flows."""
    pool = await postgres.connect(applied)
    await postgres.apply_schema(pool)
    await postgres.apply_schema(pool, "flows.ledger")
    yield pool
    await pool.close()


@pytest.fixture
def writer(applied: Settings) -> Writer:
    """The way into Kafka."""
    return Writer(Kafka(applied, "hub-admin"))


def stamped(name: str, number: int = 1) -> Message:
    """An example as intake hands it on."""
    payload = examples()[name]
    source = f"/partners/{payload['event_id'].partition(':')[0]}"
    envelope = Envelope(f"f-{number}", type_of(name), "2027-01-01T00:00:00Z", source, payload["event_id"], 1)
    return Message(payload["event_id"].encode(), json.dumps(payload).encode(), envelope.headers())


def buried(partner: str, offset: int) -> Message:
    """A dead letter of a partner's inbox about a message full of personal data."""
    refusal = Refusal("contract-violated", "texts.0.title", expected("string_too_long", max_length=300, size=301))
    original = Message(PERSON.encode(), json.dumps({"texts": PERSON, PERSON: 1}).encode(), [("ce_id", PERSON.encode())])
    now = datetime.now(UTC).isoformat()
    return DeadLetter(partner, "inbound", "intake", inbox(partner), 0, offset, refusal, now, original).message()


async def told(settings: Settings, *arguments: str) -> Any:  # noqa: ANN401 - as JSON
    """What a command says in JSON."""
    done = await asyncio.to_thread(hub, *arguments, "-o", "json", settings=settings)
    assert "Traceback" not in done.stderr
    return json.loads(done.stdout)


async def test_the_balance_counts_records_and_not_offsets(
    applied: Settings, database: asyncpg.Pool, writer: Writer
) -> None:
    """Five accepted: one applied, one duplicate, one dead, one waiting at each of two steps. Markers count nowhere."""
    fact = stamped(f"{CANCELLED}.2")
    partner = "lernwerkstatt-rotthausen"
    await writer.records(inbox(partner), fact, fact, fact, fact, fact)
    await writer.records(inbox(partner), fact, fact, abort=True)
    await writer.cursor("hub.intake", inbox(partner), 8)  # behind the fourth record's marker
    await writer.records(submitted("events"), fact, fact, fact)
    await writer.records(DEAD_LETTERS, buried(partner, 6))
    tally = [("events", partner, "applied", 1), ("events", partner, "duplicate", 1), ("events", partner, "refused", 1)]
    await database.executemany("insert into engine.tally values ($1, $2, $3, $4)", tally)
    await database.execute("insert into engine.progress values ('events', $1, 0, 4)", submitted("events"))
    rows = {row["partner"]: row for row in await told(applied, "balance")}
    row = rows[partner]
    assert {name: row[name] for name in ("accepted", "applied", "duplicate", "waiting", "dead", "difference")} == {
        "accepted": 5,
        "applied": 1,
        "duplicate": 1,
        "waiting": 2,
        "dead": 1,
        "difference": 0,
    }
    assert [row["difference"] for row in rows.values()] == [0] * len(rows)
    await database.execute("update engine.tally set number = 0 where outcome = 'applied'")
    done = await asyncio.to_thread(hub, "balance", settings=applied)
    assert done.returncode == 1
    assert done.stdout.splitlines()[1].split() == [partner, "5", "0", "1", "0", "2", "1", "0", "1"]


async def test_status_tells_what_waits_what_died_and_what_fails(
    applied: Settings, database: asyncpg.Pool, writer: Writer
) -> None:
    """A failing pull, a dead letter and a waiting record stand in the rows of their partners; Prefect is away."""
    await writer.records(DEAD_LETTERS, buried("vhs", 1))
    await writer.records("partner.vhs-nord.outbox", stamped(f"{CANCELLED}.1"))
    await database.execute(
        "insert into sync.run (partner, direction, finished, ok, error) values ($1, 'pull', now(), false, $2)",
        "stadt-gelsenkirchen",
        "the calendar answered 503",
    )
    done = await asyncio.to_thread(hub, "status", settings=applied)
    assert done.returncode == 3
    assert "\x1b" not in done.stdout
    rows = {(row["partner"], row["direction"]): row for row in await told(applied, "status")}
    assert rows["Prefect", ""]["state"] == "away"
    assert rows["stadt-gelsenkirchen", "in"]["state"] == "failing"
    assert rows["stadt-gelsenkirchen", "in"]["todo"] == "the calendar answered 503"
    assert (rows["vhs", "in"]["state"], rows["vhs", "in"]["dead"]) == ("dead letters", 1)
    assert (rows["vhs-nord", "out"]["state"], rows["vhs-nord", "out"]["waiting"]) == ("ok", 2)  # a record, its marker
    assert rows["vhs-nord", "out"]["oldest"] < 60


async def test_status_shows_a_part_that_is_away(applied: Settings) -> None:
    """Without PostgreSQL, Prefect and Kafka there are three rows that say what to do, and no traceback."""
    gone = {"HUB_POSTGRES": "postgresql://hub@127.0.0.1:1/hub", "HUB_KAFKA": "127.0.0.1:1"}
    done = await asyncio.to_thread(hub, "status", settings=applied, more=gone)
    assert done.returncode == 3
    assert [line.split()[0] for line in done.stdout.splitlines()[1:]] == ["Kafka", "PostgreSQL", "Prefect"]
    assert "Traceback" not in done.stderr


async def test_dead_letters_are_listed_and_shown_without_their_values(applied: Settings, writer: Writer) -> None:
    """The list and one letter in both languages: partner, rule, place and remedy, and nothing of the message."""
    await writer.records(DEAD_LETTERS, buried("universitaet-wuppertal", 42))
    listed = await asyncio.to_thread(hub, "deadletter", "list", "--partner", "universitaet-wuppertal", settings=applied)
    place = "partner.universitaet-wuppertal.inbox/0/42"
    assert place in listed.stdout
    shown = [
        await asyncio.to_thread(hub, "deadletter", "show", place, "--lang", language, settings=applied)
        for language in ("de", "en")
    ]
    assert "Das genannte Feld" in shown[0].stdout
    assert "erwartet: höchstens 300 Zeichen; gekommen: 301" in shown[0].stdout
    assert "Correct the field" in shown[1].stdout
    assert "expected at most 300 characters, came 301" in shown[1].stdout
    assert not [done for done in (listed, *shown) if "Erika" in done.stdout + done.stderr]


async def test_a_refused_entry_is_found_by_who_asks_for_it(
    applied: Settings, database: asyncpg.Pool, writer: Writer
) -> None:
    """Lists and letters call an entry by a hash; --source tells an operator its file, as long as it is refused."""
    partner, name = "lernwerkstatt-rotthausen", "Kurs von Erika\x1b[31m Mustermann.ics"
    refusal = Refusal("source-item-refused", "line 22, DTEND", expected("value_error", came="x"))
    letter = DeadLetter(
        partner, "pull", "pull", f"{entry_of(name)}@0123456789ab", 0, 0, refusal, "2027-01-01T00:00:00Z",
        Message(None, b"BEGIN:VCALENDAR", []),
    )  # fmt: skip
    await writer.records(DEAD_LETTERS, letter.message())
    note = "insert into sync.refusal (partner, source_id, place, reason) values ($1, $2, 'line 22, DTEND', 'expected')"
    await database.execute(note, partner, name)
    words = [("refusals",), ("deadletter", "list"), ("deadletter", "show", letter.id), ("refusals", "--partner", "vhs")]
    plain = [await asyncio.to_thread(hub, *each, settings=applied) for each in words]
    assert not [done for done in plain if "Erika" in done.stdout + done.stderr]
    assert all(entry_of(name) in done.stdout for done in plain[:3])
    assert "--source shows it" in plain[2].stdout
    assert "Nothing is refused now." in plain[3].stdout
    for each in words[0], words[2]:
        asked = await asyncio.to_thread(hub, *each, "--source", settings=applied)
        assert "Kurs von Erika[31m Mustermann.ics" in asked.stdout
        assert "\x1b" not in asked.stdout
    await database.execute("delete from sync.refusal where partner = $1", partner)
    mended = await asyncio.to_thread(hub, *words[2], "--source", settings=applied)
    assert "put right or taken away since" in mended.stdout


async def test_the_stream_is_filtered_by_time_partner_and_type(applied: Settings, writer: Writer) -> None:
    """Analysts see facts oldest first, one object a line in JSON, and only what they asked for."""
    names = [f"{CANCELLED}.1", f"{CANCELLED}.2", "de.lernende-stadt.event.published.v1.2"]
    await writer.records(UNIFIED, *(stamped(name, number) for number, name in enumerate(names)))

    async def subjects(*arguments: str) -> list[str]:
        done = await asyncio.to_thread(hub, "stream", *arguments, "-o", "json", settings=applied)
        return [json.loads(line)["id"] for line in done.stdout.splitlines()]

    assert await subjects() == ["f-0", "f-1", "f-2"]
    assert await subjects("--since", "1h", "--type", "cancelled") == ["f-0", "f-1"]
    assert await subjects("--partner", "universitaet-wuppertal") == ["f-2"]
    assert await subjects("--since", "2099-01-01") == []
    assert await subjects("--about", "bne:municipalities.4") == await subjects("--about", "sdg:4.7") == ["f-2"]
    assert await subjects("--about", "sdg:14") == []


@pytest.mark.usefixtures("database")
@pytest.mark.parametrize("words", [["deadletter", "list"], ["refusals"], ["stream"], ["duplicates"]], ids=" ".join)
async def test_an_unknown_partner_is_refused(applied: Settings, words: list[str]) -> None:
    """A mistyped name is not answered with "nothing": the known ones are listed. Who is known may have nothing."""
    done = await asyncio.to_thread(hub, *words, "--partner", "nobody", settings=applied)
    assert (done.returncode, done.stdout) == (2, "")
    assert "came 'nobody': write one of lernwerkstatt-rotthausen, stadt-gelsenkirchen, universitaet" in done.stderr
    assert (await asyncio.to_thread(hub, *words, "--partner", "vhs-nord", settings=applied)).returncode == 0


async def test_what_a_former_partner_left_is_shown(applied: Settings, writer: Writer) -> None:
    """Without an agreement a partner is known by its dead letters and facts."""
    await writer.records(DEAD_LETTERS, buried("former", 1))
    done = await asyncio.to_thread(hub, "deadletter", "list", "--partner", "former", settings=applied)
    assert "partner.former.inbox/0/1" in done.stdout
