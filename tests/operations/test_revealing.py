"""Looking at what a dead letter says: masked unless asked for, and never without a note of who looked and why."""

import asyncio
import getpass
import json
from typing import Any

import pytest

from contracts.admission import Message
from contracts.dead_letter import DeadLetter
from contracts.refusal import Refusal
from contracts.reveal import Reveal, read_reveal
from contracts.topics import DEAD_LETTERS, REVEALS, inbox
from contracts.wording import expected
from services.operations.errors import AwayError
from services.operations.letters import reveals
from services.operations.letters.revealing import revealed
from services.operations.records import whole
from services.operations.tables import visible
from services.runtime.kafka import Kafka
from services.runtime.settings import Settings
from tests.operations.worlds import hub

PERSON = "Erika Kanarienvogel"
CITY = "stadt-gelsenkirchen"
WHY = "asked by the partner"


def letter(value: bytes | None, offset: int = 7) -> DeadLetter:
    """A dead letter about a person."""
    refusal = Refusal("contract-violated", "texts.0.title", expected("string_too_long", max_length=300, size=301))
    original = Message(PERSON.encode(), value, [("ce_id", PERSON.encode()), ("x-none", b"\xff")])
    return DeadLetter(
        CITY, "inbound", "intake", inbox(CITY), 0, offset, refusal, "2027-01-01T00:00:00+00:00", original
    )  # fmt: skip


@pytest.mark.parametrize(
    ("payload", "shown"),
    [
        (json.dumps({"title": PERSON}).encode(), {"title": PERSON}),
        (b'{"a": 1, "a": 2}', '{"a": 1, "a": 2}'),
        (b"\xffno json", "\\xffno json"),
        (b"[" * 100_000, "[" * 100_000),
        (None, "none"),
    ],
)
def test_what_is_revealed_is_the_original(payload: bytes | None, shown: object) -> None:
    """JSON as a structure; anything else, and JSON that would lose a twin key, as it came."""
    about = revealed(letter(payload))
    assert about["payload"] == shown
    assert about["key"] == PERSON
    assert about["headers"] == {"ce_id": PERSON, "x-none": "\\xff"}


def test_nothing_revealed_steers_a_terminal() -> None:
    """Escapes, and signs that turn the direction of writing, are told by number, and JSON stays JSON."""
    text = json.dumps({"x": "\x1b[31m \u202e \x9b \U000e0001 Ä\n"}, ensure_ascii=False)
    told = visible(text)
    assert json.loads(told) == json.loads(text)
    assert not [sign for sign in told if not sign.isprintable()]


def test_a_note_reads_back_and_holds_no_value() -> None:
    """What lies in the topic is who, when, which letter and why."""
    note = Reveal(letter(b"x").id, CITY, "anna", "2027-01-01T00:00:00+00:00", WHY)
    assert read_reveal(note.message().value or b"") == note
    assert PERSON not in repr(note.message())


async def _bury(settings: Settings, *letters: DeadLetter) -> None:
    async with Kafka(settings, "hub-admin").producer() as producer:
        for each in letters:
            told = each.message()
            await producer.send_and_wait(DEAD_LETTERS, value=told.value, key=told.key, headers=[*told.headers])


async def _said(settings: Settings, *words: str, code: int = 0) -> str:
    done = await asyncio.to_thread(hub, *words, settings=settings)
    assert done.returncode == code, (done.stdout, done.stderr)
    return done.stdout + done.stderr


async def _rows(settings: Settings, *words: str) -> list[Any]:
    return list(json.loads(await _said(settings, *words, "-o", "json")))


@pytest.mark.real
async def test_who_looks_is_on_record(applied: Settings) -> None:
    """Masked by default; revealed with a reason, noted before; the note outlives the listing and holds no value."""
    dead = letter(json.dumps({"texts": PERSON}).encode(), 1)
    await _bury(applied, dead, letter(b"{}", 2))
    show = ("deadletter", "show", dead.id)
    assert PERSON not in await _said(applied, *show)
    assert "expected a reason" in await _said(applied, *show, "--reveal", code=2)
    assert "Nobody looked." in await _said(applied, "deadletter", "audit")

    told = await _said(applied, *show, "--reveal", "--reason", WHY)
    assert told.count(PERSON) == 3  # key, header, payload
    (note,) = await _rows(applied, "deadletter", "audit")
    assert (note["by"], note["partner"], note["id"], note["reason"]) == (getpass.getuser(), CITY, dead.id, WHY)
    assert {row["id"]: row["revealed"] for row in await _rows(applied, "deadletter", "list")} == {
        dead.id: 1,
        f"{inbox(CITY)}/0/2": 0,
    }
    assert PERSON not in await _said(applied, *show)
    kept = [record async for record in whole(applied, REVEALS)]
    assert PERSON not in repr([(record.key, record.value, record.headers) for record in kept])
    assert "came 'nobody'" in await _said(applied, "deadletter", "audit", "--partner", "nobody", code=2)


@pytest.mark.real
async def test_what_cannot_be_noted_is_not_shown(applied: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where Kafka does not take the note, nothing is shown."""
    monkeypatch.setattr(reveals, "OPERATOR", "hub-analyst")  # who may not write there
    with pytest.raises(AwayError, match="nothing is shown"):
        await reveals.note(applied, letter(b"{}", 3), WHY)
