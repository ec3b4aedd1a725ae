"""What an operator is told who asks for a backfill, and waits for it."""

from dataclasses import replace

import pytest
import typer

from contracts.agreements import EXAMPLES, load_agreements
from contracts.backfill import Backfill, read_backfill
from services.operations.errors import OperationError, UsageError
from services.operations.partners import backfill, backfilling
from services.operations.partners.backfill import _made, _streams, _wait
from services.operations.partners.backfilling import waiting
from services.operations.status.health import Measured
from services.operations.status.judging import healths
from services.runtime.engine.routes import Note
from services.runtime.settings import Settings
from tests.operations.test_judging import NOW

SETTINGS = Settings(agreements=EXAMPLES, secrets=EXAMPLES)
ASKED = Backfill("r1", "vhs", {"hub.events/0": 3, "hub.events/1": 0}, (), "somebody", "2026-11-24T12:00:00Z", "lost")


def note(place: str, stopped: int | None, asked: str = "r1", *, backfilling: bool = True) -> Note:
    """What the book says of one partition."""
    return Note(place, "partner.vhs.outbox", stopped, "id", asked=asked, backfilling=backfilling)


def test_a_request_comes_back_as_it_was() -> None:
    """What dispatch reads is what the operator asked for."""
    assert read_backfill(ASKED.message().value or b"") == ASKED


def test_what_is_not_taken_up_or_not_told_yet_is_waited_for() -> None:
    """A partition without a note, with another request's, half told; not one that stopped for another reason."""
    assert waiting(ASKED, {}) == dict(ASKED.starts)
    half = {"hub.events/0": note("hub.events/0", 7), "hub.events/1": note("hub.events/1", 5, "r0")}
    assert waiting(ASKED, half) == {"hub.events/0": 7, "hub.events/1": 0}
    done = {"hub.events/0": note("hub.events/0", 9, backfilling=False), "hub.events/1": note("hub.events/1", None)}
    assert waiting(ASKED, done) == {}


def test_streams_are_those_that_the_outbox_opens() -> None:
    """Another one is refused, and those there are listed."""
    agreement = load_agreements(EXAMPLES)["lernwerkstatt-rotthausen"]
    assert _streams(agreement, None) == ["events"]
    with pytest.raises(UsageError, match=r"\(events\), came research"):
        _streams(agreement, "research")


def test_a_reason_is_asked_for_and_one_request_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """The request under way is named, so that one can wait for it."""
    made: list[Backfill] = []

    async def requests(*_: object) -> dict[str, Backfill]:
        return {each.id: each for each in made}

    async def left(*_: object) -> int:
        return 1

    async def ask(_: object, asked: Backfill) -> None:
        made.append(asked)

    for name, function in (("requests", requests), ("left", left), ("ask", ask)):
        monkeypatch.setattr(backfilling, name, function)
    with pytest.raises(UsageError, match="expected a reason"):
        _made(SETTINGS, replace(ASKED, reason=""))
    assert _made(SETTINGS, ASKED) == ASKED
    with pytest.raises(OperationError, match="hub backfill vhs --request r1"):
        _made(SETTINGS, replace(ASKED, id="r2"))
    assert made == [ASKED]


def test_who_stops_waiting_is_told_that_it_goes_on(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """And how to wait again."""

    async def left(*_: object) -> int:
        raise KeyboardInterrupt

    monkeypatch.setattr(backfilling, "left", left)
    with pytest.raises(typer.Exit) as end:
        _wait(SETTINGS, ASKED)
    assert end.value.exit_code == backfill.INTERRUPTED
    assert "goes on without you" in (said := capsys.readouterr().err)
    assert "hub backfill vhs --request r1" in said


def test_status_shows_a_backfill_and_no_failure() -> None:
    """The outbox is not served meanwhile because it is told what was before."""
    partner = "lernwerkstatt-rotthausen"
    agreements = {partner: load_agreements(EXAMPLES)[partner]}
    topic = frozenset([f"partner.{partner}.outbox"])
    found = healths(agreements, [], Measured(NOW, stopped=topic, backfilling=topic))
    (row,) = [row for row in found if row.direction == "out"]
    assert (row.state, "a backfill of" in row.todo) == ("late", True)
