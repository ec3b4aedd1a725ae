"""Dead letters closed by an operator, on real parts: redriven, repaired, discarded, and the books close."""

import asyncio
import json
import os
import shlex
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from contracts.topics import inbox
from deploy import parts
from deploy.stack import Stack
from deploy.temporary import temporary
from services.runtime.kafka import Kafka
from tests.contracts.worlds import examples, message

pytestmark = pytest.mark.real
CITY = "stadt-gelsenkirchen"
PREFIX = "de.lernende-stadt."
STUDY, CLOSED = (examples()[f"{PREFIX}study.{what}.v1.2"] for what in ("opened", "closed"))
DATASET = examples()[f"{PREFIX}dataset.published.v1.2"]
TYPO = {**DATASET, "year": "Kanarienvogel"}
WRONG = [("study.closed.v1", CLOSED), ("dataset.published.v1", TYPO), ("study.opened.v1", b"{")]
REPAIRS = """import pathlib, sys
file = pathlib.Path(sys.argv[1])
file.write_text(file.read_text().replace('"Kanarienvogel"', '2025'))"""
EDITOR = shlex.join([sys.executable, "-c", REPAIRS])


@pytest.fixture(scope="module")
def running() -> Iterator[Stack]:
    """Kafka, PostgreSQL and the services, with the example agreements applied."""
    with temporary((*parts.FOUNDATION, *parts.SERVICES)) as stack:
        yield stack


def _tell(stack: Stack, *told: tuple[str, Any]) -> None:
    async def send() -> None:
        async with Kafka(stack.site.settings(), f"partner-{CITY}").producer() as producer:
            for contract, body in told:
                own = message(PREFIX + contract, body)
                await producer.send_and_wait(inbox(CITY), value=own.value, headers=[*own.headers])

    asyncio.run(send())


def _hub(stack: Stack, *words: str, code: int = 0, **more: str) -> str:
    command = [sys.executable, "-m", "services.operations.hub", *words]
    environment = {**os.environ, **stack.site.environment(), **more}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60, check=False)  # noqa: S603
    assert done.returncode == code, (done.stdout, done.stderr)
    return done.stdout + done.stderr


def _book(stack: Stack) -> dict[str, int]:
    (row,) = [row for row in json.loads(_hub(stack, "balance", "-o", "json")) if row["partner"] == CITY]
    return {name: number for name, number in row.items() if number and name != "partner"}


def _until(stack: Stack, **wanted: int) -> None:
    until = time.monotonic() + 60
    while (found := _book(stack)) != wanted:
        assert time.monotonic() < until, found
        time.sleep(0.3)


def _letters(stack: Stack, *words: str) -> dict[str, dict[str, str]]:
    rows = json.loads(_hub(stack, "deadletter", "list", "-o", "json", *words))
    return {row["rule"]: row for row in rows}


def test_what_died_is_made_good_or_let_go(running: Stack, tmp_path: Path) -> None:
    """Promise 9 with hands: each letter counts as what became of it, stays readable, and is closed only once."""
    _tell(running, *WRONG)
    _until(running, accepted=3, dead=3)
    died = _letters(running)
    assert set(died) == {"object-unknown", "contract-violated", "json-invalid"}

    told = _hub(running, "deadletter", "redrive", "--partner", CITY, "--dry-run", code=1)
    assert (told.count("passes the door"), "Kanarienvogel" in told) == (1, False)
    assert _letters(running) == died

    _tell(running, ("study.opened.v1", STUDY))
    _until(running, accepted=4, applied=1, dead=3)
    assert "1 of 3 sent again" in _hub(running, "deadletter", "redrive", "--partner", CITY, "--yes")
    _until(running, accepted=4, applied=2, dead=2)

    typo = died["contract-violated"]["id"]
    assert "nothing was changed" in _hub(running, "deadletter", "repair", typo, "--yes", code=1, VISUAL="true")
    _hub(
        running, "deadletter", "repair", typo, "--yes", "--reason", "told by phone", VISUAL=EDITOR, TMPDIR=str(tmp_path)
    )
    _until(running, accepted=4, applied=3, dead=1)
    assert list(tmp_path.iterdir()) == [], "what the editor showed stays nowhere"

    junk = died["json-invalid"]["id"]
    assert "expected a reason" in _hub(running, "deadletter", "discard", junk, "--yes", code=2)
    _hub(running, "deadletter", "discard", junk, "--yes", "--reason", "a test")
    _until(running, accepted=4, applied=3, discarded=1)

    assert _letters(running) == {}
    closed = _letters(running, "--closed")
    assert {rule: (row["closed"], row["reason"]) for rule, row in closed.items()} == {
        "object-unknown": ("redriven", ""),
        "contract-violated": ("redriven, repaired", "told by phone"),
        "json-invalid": ("discarded", "a test"),
    }
    assert "found none" in _hub(running, "deadletter", "redrive", typo, "--yes", code=2)
    assert "dead letters" not in _hub(running, "status", code=3)  # Prefect does not run here


def _open(stack: Stack, rule: str) -> list[str]:
    rows = json.loads(_hub(stack, "deadletter", "list", "-o", "json"))
    return sorted(row["id"] for row in rows if row["rule"] == rule)


def _of(body: dict[str, Any], kind: str, name: str, **more: Any) -> dict[str, Any]:  # noqa: ANN401 - JSON
    return {**body, f"{kind}_id": f"{CITY}:{name}", **more}


def test_letters_are_chosen_by_id_or_by_rule(running: Stack) -> None:
    """Only what is named is sent again; what a service would decide the same again needs to be named, too."""
    before = dict.fromkeys(("accepted", "applied", "dead"), 0) | _book(running)

    def until(accepted: int, applied: int, dead: int) -> None:
        more = {"accepted": accepted, "applied": applied, "dead": dead}
        wanted = before | {name: before[name] + number for name, number in more.items()}
        _until(running, **{name: number for name, number in wanted.items() if number})

    early = [("study.closed.v1", _of(CLOSED, "study", name)) for name in ("one", "two")]
    conflict = [("dataset.published.v1", _of(DATASET, "dataset", "three", year=year)) for year in (2024, 2025)]
    _tell(running, *early, ("study.opened.v1", b"{"), *conflict)
    until(accepted=5, applied=1, dead=4)
    first, second = _open(running, "object-unknown")
    (junk,), (same,) = _open(running, "json-invalid"), _open(running, "revision-conflict")
    _tell(running, *(("study.opened.v1", _of(STUDY, "study", name)) for name in ("one", "two")))
    until(accepted=7, applied=3, dead=4)

    assert "or --partner and --rule" in _hub(running, "deadletter", "redrive", first, "--rule", "x", "--yes", code=2)
    assert "object-unknown?" in _hub(running, "deadletter", "redrive", "--rule", "object-unknwon", "--yes", code=2)
    assert "write one of " in _hub(running, "deadletter", "redrive", "--partner", "stadt", "--yes", code=2)
    assert "say it with --yes" in _hub(running, "deadletter", "redrive", first, code=2)
    assert "1 of 1 sent again" in _hub(running, "deadletter", "redrive", first, "--yes")
    until(accepted=7, applied=4, dead=3)
    assert _open(running, "object-unknown") == [second]

    tried = _hub(running, "deadletter", "redrive", "--rule", "object-unknown", "--dry-run", "-o", "json")
    assert [(row["id"], row["now"]) for row in json.loads(tried)] == [
        (second, "passes the door; research refused it, and decides anew")
    ]
    assert _open(running, "object-unknown") == [second]
    assert "1 of 1 sent again" in _hub(running, "deadletter", "redrive", "--rule", "object-unknown", "--yes")
    until(accepted=7, applied=5, dead=2)
    assert (_open(running, "json-invalid"), _open(running, "revision-conflict")) == ([junk], [same])

    told = _hub(running, "deadletter", "redrive", "--partner", CITY, "--yes", code=1)
    assert ("decided the same again" in told, "nothing was sent" in told) == (True, True)
    assert "1 of 1 sent again" in _hub(running, "deadletter", "redrive", "--rule", "revision-conflict", "--yes")
    deadline = time.monotonic() + 60
    while not (again := _open(running, "revision-conflict")):
        assert time.monotonic() < deadline
        time.sleep(0.3)
    assert (len(again), same in again) == (1, False)
    until(accepted=7, applied=5, dead=2)
    closed = json.loads(_hub(running, "deadletter", "list", "--closed", "-o", "json"))
    own = {row["id"]: row["closed"] for row in closed if row["id"] in (first, second, same, junk)}
    assert own == dict.fromkeys((first, second, same), "redriven")
