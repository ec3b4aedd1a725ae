from datetime import UTC, datetime, timedelta

import pytest

from services.operations.balance.accounts import Account, Counted, accounts
from services.operations.database import Run
from services.operations.status.health import WORST_FIRST, Health, Measured, Queue
from services.operations.status.judging import healths
from tests.operations.worlds import CONNECTED, agreed

NOW = datetime(2027, 3, 28, 12, tzinfo=UTC)
VHS = agreed("vhs", text=CONNECTED)  # pulled every 60 seconds
UNI = agreed("uni")
GOOD = {
    ("vhs", "pull"): Run(ok=True, started=NOW, last_ok=NOW),
    ("vhs", "push"): Run(ok=True, started=NOW, last_ok=NOW),
}


def ago(**span: int) -> datetime:
    """A moment before now."""
    return NOW - timedelta(**span)


def one(measured: Measured, direction: str, partners: dict[str, object] | None = None) -> Health:
    """The row of the only partner in one direction."""
    agreements = partners or VHS
    return next(row for row in healths(agreements, [], measured) if row.direction == direction)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("run", "state"),
    [
        (None, "never"),
        (Run(ok=True, started=ago(seconds=30), last_ok=ago(seconds=30)), "ok"),
        (Run(ok=True, started=ago(minutes=5), last_ok=ago(minutes=5)), "late"),
        (Run(ok=False, started=ago(seconds=9), last_ok=ago(seconds=70), error="calendar answered 503"), "failing"),
        (Run(ok=False, started=ago(seconds=9), last_ok=None), "failing"),
    ],
)
def test_a_pull_is_judged_by_its_runs(run: Run | None, state: str) -> None:
    """Never, good, too long ago for its interval, or failing with its error as the thing to do."""
    row = one(Measured(NOW, runs={("vhs", "pull"): run} if run else {}), "in")
    assert row.state == state
    assert run is None or not run.error or row.todo == run.error


@pytest.mark.parametrize("ok", [True, False])
def test_a_held_pull_fails_and_says_how_it_is_released(*, ok: bool) -> None:
    """What the guard holds back stands among what fails, with what would vanish, since when and what to do."""
    run = Run(ok=ok, started=NOW, last_ok=NOW, error="", held=4, held_since=ago(minutes=3))
    row = one(Measured(NOW, dead={("vhs", "pull"): 1}, runs={**GOOD, ("vhs", "pull"): run}), "in")
    assert row.state == "failing"
    if ok:
        assert row.todo.startswith("held for 3 min: 4 object(s) would vanish at once. ")
        assert row.todo.endswith("hub pull vhs --accept-shrinkage")


def test_what_cannot_be_asked_is_not_judged() -> None:
    """Without PostgreSQL nobody knows about runs: no partner is called late for that."""
    assert one(Measured(NOW, runs=None), "in").state == "ok"


@pytest.mark.parametrize(("topic", "direction"), [("partner.vhs.inbox", "in"), ("partner.vhs.outbox", "out")])
@pytest.mark.parametrize(("age", "state"), [(timedelta(seconds=5), "ok"), (timedelta(minutes=2), "stuck")])
def test_what_the_hub_does_not_move_is_stuck(topic: str, direction: str, age: timedelta, state: str) -> None:
    """A record that waits for one of our own readers for a minute means that the reader does not work."""
    row = one(Measured(NOW, {topic: Queue(NOW, 3, NOW - age)}, runs=GOOD), direction)
    assert (row.state, row.waiting, row.oldest) == (state, 3, age)


@pytest.mark.parametrize(("days", "state"), [(44, "ok"), (46, "stuck")])
def test_a_partner_that_reads_itself_has_half_the_outbox_life(days: int, state: str) -> None:
    """The alarm comes while there is time: at half of the 90 days."""
    row = one(Measured(NOW, {"partner.uni.outbox": Queue(NOW, 1, ago(days=days))}), "out", UNI)  # type: ignore[arg-type]
    assert row.state == state


def test_dead_letters_stand_at_the_direction_they_came_from() -> None:
    """Refused at the door or in the partner's system: in. Refused by the partner's system: out."""
    measured = Measured(NOW, dead={("vhs", "inbound"): 2, ("vhs", "pull"): 1, ("vhs", "push"): 5}, runs=GOOD)
    assert (one(measured, "in").dead, one(measured, "out").dead) == (3, 5)
    assert one(measured, "in").todo == "hub deadletter list --partner vhs"


def test_the_worst_comes_first() -> None:
    """Rows are in the order of what needs a hand most; among equals the longest waiting."""
    queues = {
        "partner.uni.inbox": Queue(NOW, 1, ago(minutes=5)),
        "partner.vhs.inbox": Queue(NOW, 1, ago(minutes=9)),
        "hub.events": Queue(NOW, 1, ago(minutes=7)),
    }
    runs = {**GOOD, ("vhs", "push"): Run(ok=False, started=NOW, last_ok=None)}
    rows = healths(UNI | VHS, ["hub.events"], Measured(NOW, queues, {("uni", "push"): 1}, runs))
    assert [(row.partner, row.direction, row.state) for row in rows] == [
        ("vhs", "out", "failing"),
        ("vhs", "in", "stuck"),
        ("hub", "hub.events", "stuck"),
        ("uni", "in", "stuck"),
        ("uni", "out", "dead letters"),
    ]
    assert [WORST_FIRST.index(row.state) for row in rows] == sorted(WORST_FIRST.index(row.state) for row in rows)


def test_an_account_balances() -> None:
    """What was accepted is applied, a duplicate, superseded, waiting, dead or discarded; no other outcome counts."""
    tally = {("vhs", "applied"): 4, ("vhs", "duplicate"): 2, ("vhs", "superseded"): 1, ("vhs", "refused"): 9}
    [account] = accounts(["vhs"], Counted({"vhs": 10}, {"vhs": 1}, {"vhs": 2}, tally))
    assert (account.difference, account.balanced) == (0, True)


@pytest.mark.parametrize(("accepted", "difference"), [(9, -1), (11, 1)])
def test_what_is_missing_or_twice_is_told(accepted: int, difference: int) -> None:
    """One lost message is one above zero, one counted twice is one below; such partners come first."""
    tally = {("vhs", "applied"): 10, ("uni", "applied"): 1}
    first, second = accounts(["uni", "vhs"], Counted({"vhs": accepted, "uni": 1}, {}, {}, tally))
    assert (first.partner, first.difference, first.balanced) == ("vhs", difference, False)
    assert second.balanced


def test_an_inbox_that_has_expired_is_not_judged() -> None:
    """Where the oldest records are gone, nobody can say how many there were: no difference is claimed."""
    account = Account("vhs", accepted=3, applied=10, expired=True)
    assert account.balanced
    assert account.row()["difference"] is None


@pytest.mark.parametrize(
    ("topic", "partner", "direction"), [("partner.vhs.outbox", "vhs", "out"), ("hub.unified", "hub", "hub.unified")]
)
def test_what_dispatch_cannot_serve_fails(topic: str, partner: str, direction: str) -> None:
    """A stopped route is told, with what to do; one that no agreement opens any more is nobody's."""
    rows = healths(VHS, [], Measured(NOW, runs=GOOD, stopped=frozenset({topic, "partner.gone.outbox"})))
    assert [(row.partner, row.direction) for row in rows if row.state != "ok"] == [(partner, direction)]
    assert "hub apply" in rows[0].todo
