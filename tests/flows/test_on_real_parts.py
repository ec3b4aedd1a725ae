import asyncio
import gc
from collections.abc import Sequence
from datetime import UTC, datetime

import pytest

from contracts.admission import Message
from contracts.closing import read_closing
from contracts.dead_letter import read_dead_letter
from contracts.envelope import read_envelope
from contracts.topics import CLOSINGS
from flows.connector import Receipt, Refused
from flows.ledger.holds import KeptHolds
from flows.ledger.journal import BusyError, noted, only_one
from flows.ledger.known import Look
from flows.ledger.ledger import InterleavedError, Ledger
from flows.ledger.outgoing import Outgoing
from flows.ledger.receipts import Receipts
from flows.pulling.burials import KafkaBurials
from flows.pulling.inbox import KafkaInbox
from flows.pulling.pull import PullParts, pull
from flows.pulling.snapshot import diff
from flows.pushing.outbox import CursorLostError, KafkaOutbox
from flows.pushing.push import PushParts, push
from flows.report import RunReport
from services.operations.database import Run, runs
from services.runtime.engine.delivery import FencedError
from services.runtime.kafka import Kafka
from services.runtime.postgres import Pool
from tests.flows.partner import NO_DATE, FakeSource, FakeTarget, event
from tests.flows.real import Doors
from tests.flows.test_push import message
from tests.flows.test_snapshot import draft

pytestmark = pytest.mark.real
NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)


class DiesAfterSending(KafkaInbox):
    """Kafka has the facts, but the process dies before it can note so."""

    async def put(self, facts: Sequence[Outgoing]) -> None:
        """Send, then die."""
        await super().put(facts)
        if facts:
            raise InterruptedError


class DiesBeforeTheCursor(KafkaOutbox):
    """Everything is written, but the process dies before the cursor moves."""

    async def done(self, *_: object) -> None:
        """Die."""
        raise InterruptedError


async def pulled(
    source: FakeSource, doors: Doors, pool: Pool, inbox: type[KafkaInbox] = KafkaInbox, *, accept: bool = False
) -> RunReport:
    """Pull once, as a new process would."""
    async with inbox(doors.partner, doors.kafka) as open_inbox:
        ledger, receipts = Ledger(pool, doors.partner), Receipts(pool, doors.partner)
        burials, holds = KafkaBurials(pool, doors.partner, open_inbox), KeptHolds(pool, doors.partner)
        parts = PullParts(doors.partner, source, ledger, holds, receipts, open_inbox, burials)
        return await pull(parts, RunReport(doors.partner, "pull"), NOW, accept_shrinkage=accept)


async def pushed(target: FakeTarget, doors: Doors, pool: Pool, outbox: type[KafkaOutbox] = KafkaOutbox) -> RunReport:
    """Push once, as a new process would."""
    async with outbox(doors.partner, doors.kafka) as open_outbox:
        parts = PushParts(doors.partner, target, Receipts(pool, doors.partner), open_outbox)
        return await push(parts, RunReport(doors.partner, "push"))


def ids(messages: Sequence[Message]) -> list[str]:
    """Return the ids of facts."""
    return [read_envelope(each.headers).id for each in messages]


async def test_a_b_a(doors: Doors, pool: Pool) -> None:
    """Changed and changed back: three facts, three rising revisions; a further pull tells nothing."""
    source = FakeSource()
    for title in ("A", "B", "A"):
        source.entries["1"] = event(f"{doors.partner}:1", title)
        await pulled(source, doors, pool)
    report = await pulled(source, doors, pool)
    told = await doors.told()
    assert ids(told) == [f"{doors.partner}:1#{revision}" for revision in (1, 2, 3)]
    assert (report.new, report.changed, report.unchanged) == (0, 0, 1)


async def test_crash_after_sending_and_a_further_edit(doors: Doors, pool: Pool) -> None:
    """The pending fact goes again, byte for byte under its id; the edit gets the next revision."""
    source = FakeSource({"1": event(f"{doors.partner}:1", "A")})
    with pytest.raises(InterruptedError):
        await pulled(source, doors, pool, DiesAfterSending)
    source.entries["1"] = event(f"{doors.partner}:1", "B")
    report = await pulled(source, doors, pool)
    first, again, edited = await doors.told()
    assert (report.resent, report.changed) == (1, 1)
    assert (first.value, list(first.headers)) == (again.value, list(again.headers))
    assert ids([first, again, edited]) == [f"{doors.partner}:1#{revision}" for revision in (1, 1, 2)]
    assert await Ledger(pool, doors.partner).pending() == []


async def test_letters_follow_the_partners_system(doors: Doors, pool: Pool) -> None:
    """A broken entry is buried once and closed when it is put right; broken in the same way again, it is open again."""
    broken = {"1": Refused("1", "DTSTART", NO_DATE)}
    for entries in (broken, broken, {"1": event(f"{doors.partner}:1")}, {"1": event(f"{doors.partner}:1")}, broken):
        await pulled(FakeSource({**entries}), doors, pool)
    letters = [read_dead_letter(each.value, each.headers) for each in await doors.letters()]
    closed = [read_closing(each.value or b"") for each in await doors.read(CLOSINGS)]
    own = [(each.letter, each.how, each.by) for each in closed if each.partner == doors.partner]
    assert (own, len({each.id for each in letters})) == ([(letters[0].id, "mended", "pull")], 1)
    assert [closed[-1].covers(each.time) for each in letters] == [True, False]


async def test_ledger_keeps_what_the_differ_needs(doors: Doors, pool: Pool) -> None:
    """Absences, withdrawals and last dates survive in the database; so does the cursor."""
    source = FakeSource({str(n): event(f"{doors.partner}:{n}", ends=NOW) for n in range(10)})
    await pulled(source, doors, pool)
    del source.entries["0"]
    assert len((await pulled(source, doors, pool)).absent) == 1
    row = (await Ledger(pool, doors.partner).known())[f"{doors.partner}:0"]
    assert (row.absences, row.withdrawn, row.ends) == (1, False, NOW)
    assert (await pulled(source, doors, pool)).withdrawn == 1
    assert (await Ledger(pool, doors.partner).known())[f"{doors.partner}:0"].withdrawn
    assert source.cursors == [None, "after 1", "after 2"]


async def test_status_tells_what_is_held_until_it_is_accepted(doors: Doors, pool: Pool) -> None:
    """A held pull stands in the status with how much and since when, also after readings that are silent about it."""
    source, job = FakeSource({str(n): event(f"{doors.partner}:{n}") for n in range(10)}), (doors.partner, "pull")

    async def pull_and_ask(*, accept: bool = False) -> Run:
        async with noted(pool, RunReport(doors.partner, "pull")):
            await pulled(source, doors, pool, accept=accept)
        return (await runs(doors.kafka.settings))[job]

    assert (await pull_and_ask()).held == 0
    source.entries = {str(n): source.entries[str(n)] for n in range(5)}
    first = await pull_and_ask()
    source.complete, source.only = False, []
    silent = await pull_and_ask()
    assert (first.held, silent.held, silent.held_since) == (5, 5, first.held_since)
    assert first.held_since is not None
    source.entries["9"], source.only = event(f"{doors.partner}:9"), ["9"]
    assert (await pull_and_ask()).held == 4
    source.complete, source.only = True, None
    released = await pull_and_ask(accept=True)
    assert (released.held, released.held_since) == (0, None)


async def test_two_pulls_never_give_one_revision_twice(doors: Doors, pool: Pool) -> None:
    """A change found against an older revision is not recorded, whoever lost the lock."""
    ledger = Ledger(pool, doors.partner)
    found = diff({}, Look((draft("1"),), complete=True), NOW).changes
    await ledger.record(found)
    with pytest.raises(InterleavedError):
        await ledger.record(found)
    assert len(await ledger.pending()) == 1


async def test_one_run_at_a_time(doors: Doors, pool: Pool) -> None:
    """A second run of the same job waits, then says so; other jobs go on."""
    async with only_one(pool, doors.partner, "pull"):
        with pytest.raises(BusyError, match="try again"):
            async with only_one(pool, doors.partner, "pull", patience=0):
                pass
        async with only_one(pool, doors.partner, "push", patience=0):
            pass
    async with only_one(pool, doors.partner, "pull", patience=0):
        pass


async def test_refusals_are_kept_until_put_right(doors: Doors, pool: Pool) -> None:
    """What is refused is listed once per place, and no longer once the entry is right or gone."""
    source = FakeSource({name: Refused(name, "DTSTART", NO_DATE) for name in ("a", "b", "c")}, complete=False)
    await pulled(source, doors, pool)
    await pulled(source, doors, pool)
    source.entries["a"] = event(f"{doors.partner}:a")
    source.only, source.gone = ["a"], ("b",)
    await pulled(source, doors, pool)
    rows = await pool.fetch("select source_id, place from sync.refusal where partner = $1", doors.partner)
    assert [tuple(row) for row in rows] == [("c", "DTSTART")]


async def test_runs_are_noted(doors: Doors, pool: Pool) -> None:
    """Every run leaves when it was, how it ended and its numbers, also where it failed."""
    async with noted(pool, RunReport(doors.partner, "pull", read=3, asked_by="somebody")):
        pass
    with pytest.raises(ConnectionError):
        async with noted(pool, RunReport(doors.partner, "pull")):
            raise ConnectionError("expected an answer, came none")
    rows = await pool.fetch(
        "select ok, error_kind, error, counts->>'read' as read, finished >= started as ended, asked_by from sync.run "
        "where partner = $1 order by number",
        doors.partner,
    )
    assert [tuple(row) for row in rows] == [
        (True, "", "", "3", True, "somebody"),
        (False, "ConnectionError", "expected an answer, came none", "0", True, ""),
    ]


async def test_push_is_idempotent_after_a_crash(doors: Doors, pool: Pool) -> None:
    """A run that died before the cursor moved is followed by one that writes nothing twice and leaves nothing out."""
    await doors.deliver([message(event(f"uni:{number}")) for number in (1, 2)])
    target = FakeTarget()
    with pytest.raises(InterruptedError):
        await pushed(target, doors, pool, DiesBeforeTheCursor)
    assert await doors.cursor() == 0
    await doors.deliver([message(event("uni:1", "neu", revision=2))])
    report = await pushed(target, doors, pool)
    assert (target.writes, report.superseded) == (["uni:1#1", "uni:2#1", "uni:1#2"], 2)
    assert (await pushed(target, doors, pool)).read == 0


async def test_cursor_passes_transaction_markers(doors: Doors, pool: Pool) -> None:
    """After a push nothing waits in the outbox, though its last offset is a transaction's marker."""
    await doors.deliver([message(event("uni:1"))])
    await pushed(FakeTarget(), doors, pool)
    assert await doors.cursor() == 2


async def test_dead_letter_once(doors: Doors, pool: Pool) -> None:
    """A refused fact is one dead letter though the run before it died; the next fact is written."""
    await doors.deliver([message(event("uni:1")), message(event("uni:2"))])
    target = FakeTarget(refuses={"uni:1"})
    with pytest.raises(InterruptedError):
        await pushed(target, doors, pool, DiesBeforeTheCursor)
    await pushed(target, doors, pool)
    await pushed(target, doors, pool)
    letters = [read_dead_letter(each.value, each.headers) for each in await doors.letters()]
    assert [(each.offset, each.refusal.rule, each.direction) for each in letters] == [(0, "target-refused", "push")]
    assert list(target.held) == ["uni:2"]


async def test_newer_push_shuts_out_the_older(doors: Doors) -> None:
    """Of two pushes of one outbox only the later moves the cursor."""
    await doors.deliver([message(event("uni:1"))])
    async with KafkaOutbox(doors.partner, doors.kafka) as older:
        batch = await older.batch()
        async with KafkaOutbox(doors.partner, doors.kafka):
            with pytest.raises(FencedError):
                await older.done([], batch.next_offset)
    assert await doors.cursor() == 0
    gc.collect()  # aiokafka leaves the fenced producer's error unread: let it be told here, not in a later test


async def test_lost_cursor_is_an_error(kafka: Kafka) -> None:
    """A group without a cursor reads nothing and says what to do."""
    doors = Doors(kafka)
    await asyncio.to_thread(doors.make_topics)
    with pytest.raises(CursorLostError, match="hub apply"):
        async with KafkaOutbox(doors.partner, doors.kafka):
            pass


async def test_receipt_never_goes_back(doors: Doors, pool: Pool) -> None:
    """An older delivery that ends late does not overwrite the receipt of a newer one."""
    receipts = Receipts(pool, doors.partner)
    for revision in (2, 1):
        receipt = Receipt("uni:1", f"uni:1#{revision}", revision, "x", None, "")
        await receipts.save("uni:1", receipt.fact_id, revision, receipt)
    assert (await receipts.all())["uni:1"].revision == 2
