"""The vault on a real PostgreSQL: what is kept, who reads it, and what erasing means."""

import asyncio
import itertools
import json
import random
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import asyncpg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from contracts.agreement import Agreement
from contracts.refusal import RefusedError
from deploy.stack import Stack
from services.intake.rule import intake
from services.operations.people import persons
from services.runtime import vault_rows
from services.runtime.engine.delivery import FencedError, Partition
from services.runtime.engine.memory_delivery import MemoryDelivery, MemoryLog
from services.runtime.engine.observation import observe
from services.runtime.engine.stateless import Stateless
from services.runtime.references import References
from services.runtime.vault import Entrusted, Vault, VaultKeyError
from services.runtime.vault_rows import Receipt
from tests.engine.cases import Dying
from tests.engine.rigs import records
from tests.vault.people import (
    ORGANISER,
    PERSONS,
    PLANTED,
    REFERENCES,
    STRANGER,
    TELLER,
    agreement,
    entrusted,
    requested,
)

pytestmark = pytest.mark.real
REF = REFERENCES.reference(TELLER, PLANTED["person_id"])
PURPOSE = "enrolment_processing"


@dataclass(frozen=True)
class Rows:
    """What two tables hold."""

    persons: list[Any]
    readers: list[Any]


async def rows(vault: Vault) -> Rows:
    """Look."""
    async with vault.connection() as connection:
        persons = await connection.fetch("select * from vault.person order by person_ref")
        readers = await connection.fetch("select * from vault.reader order by person_ref, partner")
    return Rows([tuple(row) for row in persons], [tuple(row) for row in readers])


async def erase(vault: Vault, reference: str = REF) -> Receipt | None:
    """Erase."""
    async with vault.connection() as connection:
        return await vault_rows.erase(connection, reference)


async def emptied(vault: Vault) -> None:
    """Forget everybody."""
    async with vault.connection() as connection:
        await connection.execute("truncate vault.person, vault.reader, vault.erased, vault.access")


TELLINGS = st.lists(
    st.builds(
        entrusted,
        st.builds(
            lambda person, number: person.model_copy(update={"person_id": f"p-{number}"}), PERSONS, st.integers(1, 2)
        ),
        st.integers(1, 3),
        st.sampled_from([ORGANISER, STRANGER, TELLER]),
    ),
    min_size=1,
    max_size=6,
)


async def test_any_order_and_any_repetition_keep_the_same(vault: Vault) -> None:
    """Promise 2: the newest of each human stays, however facts are cut into batches, mixed and replayed."""
    loop = asyncio.get_running_loop()

    @settings(max_examples=25, deadline=None, suppress_health_check=[*HealthCheck])
    @given(TELLINGS, st.randoms(use_true_random=False))
    def check(told: list[Entrusted], chance: random.Random) -> None:
        asyncio.run_coroutine_threadsafe(_same_in_any_order(vault, told, chance), loop).result(60)

    await asyncio.to_thread(check)


async def _same_in_any_order(vault: Vault, told: list[Entrusted], chance: random.Random) -> None:
    await emptied(vault)
    await vault.keep(told)
    first = await rows(vault)
    await emptied(vault)
    again = [*told, *told]
    chance.shuffle(again)
    while again:
        size = chance.randint(1, len(again))
        await vault.keep(again[:size])
        again = again[size:]
    assert await rows(vault) == first


async def test_two_tellings_of_one_moment_keep_one_of_them(vault: Vault) -> None:
    """Promise 2: which one it is follows from what they say, not from which came first."""
    two = [entrusted({**PLANTED, "name": name}) for name in ("Erika", "Zoe")]
    kept = []
    for one, other in itertools.permutations(two):
        await emptied(vault)
        await vault.keep([one])
        await vault.keep([other])
        kept.append(await rows(vault))
    assert kept[0] == kept[1]


async def test_the_newest_stays_and_an_id_alone_changes_nothing(vault: Vault) -> None:
    """What was told last holds as a whole; who asks for another course is told by the id alone."""
    newer = {"person_id": PLANTED["person_id"], "name": "Erika Neu"}
    await vault.keep([entrusted(newer, day=5), entrusted(PLANTED, day=2)])
    await vault.keep([entrusted({"person_id": PLANTED["person_id"]}, day=9, organiser=STRANGER)])
    (person,), readers = (found := await rows(vault)).persons, found.readers
    assert person == (REF, TELLER, "Erika Neu", None, None, None, [], datetime(2027, 1, 5, tzinfo=UTC))
    assert [row[1] for row in readers] == [STRANGER, ORGANISER, TELLER]


async def test_the_partners_own_id_is_not_kept(vault: Vault) -> None:
    """The reference is made from it; who has the vault alone cannot find a human by it."""
    await vault.keep([entrusted(PLANTED)])
    assert PLANTED["person_id"] not in repr(await rows(vault))
    assert PLANTED["name"] in repr(await rows(vault))


async def test_erased_stays_erased_whatever_is_replayed(vault: Vault) -> None:
    """Neither the facts of before nor one whose clock was ahead bring anybody back; a later request is a new one."""
    ahead = entrusted(PLANTED)._replace(told_at=datetime(2099, 1, 1, tzinfo=UTC))
    past = [entrusted(PLANTED), ahead]
    await vault.keep(past)
    assert await erase(vault)
    for told in itertools.permutations(past):
        await vault.keep(told)
    assert await rows(vault) == Rows([], [])
    await vault.keep([entrusted(PLANTED)._replace(told_at=datetime(2100, 1, 1, tzinfo=UTC))])
    assert len((await rows(vault)).persons) == 1


@pytest.mark.parametrize("table", ["person", "reader"])
async def test_who_tells_anew_is_no_longer_left_out(vault: Vault, database: Stack, table: str) -> None:
    """The tombstone stays for what was told before; a backfill leaves out only those of whom nothing came since."""
    hub = database.site.settings()
    await vault.keep([entrusted(PLANTED)])
    await erase(vault)
    assert await persons.erased(hub) == [REF]
    await vault.keep([entrusted(PLANTED)._replace(told_at=datetime(2100, 1, 1, tzinfo=UTC))])
    async with vault.connection() as connection:
        await connection.execute(f"delete from vault.{table}")  # noqa: S608 - a row of the table above
        assert await vault_rows.receipt(connection, REF)
    assert await persons.erased(hub) == []


async def test_erasing_twice_gives_the_same_receipt(vault: Vault) -> None:
    """Until something new was told, and then another one; nobody is nobody."""
    assert await erase(vault) is None
    await vault.keep([entrusted(PLANTED)])
    first = await erase(vault)
    assert first is not None
    assert await erase(vault) == first
    await vault.keep([entrusted(PLANTED)._replace(told_at=datetime(2100, 1, 1, tzinfo=UTC))])
    second = await erase(vault)
    assert second is not None
    assert second.receipt != first.receipt


async def test_who_erases_waits_for_who_keeps(vault: Vault) -> None:
    """A human who is being kept while they are erased is gone afterwards, not back."""
    await vault.keep([entrusted(PLANTED)])
    async with vault.connection() as keeping:
        await keeping.execute("select pg_advisory_xact_lock_shared($1)", vault_rows._LOCK)  # noqa: SLF001
        erasing = asyncio.create_task(erase(vault))
        await asyncio.wait([erasing], timeout=0.3)
        assert not erasing.done()
    assert await erasing
    assert await rows(vault) == Rows([], [])


@pytest.mark.parametrize("reader", [TELLER, ORGANISER])
async def test_who_may_read_reads_and_it_is_noted(vault: Vault, reader: str) -> None:
    """Promise 12: the partner who told, and the organiser of what was asked for; the fields are named, not shown."""
    await vault.keep([entrusted({**PLANTED, "phone": None})])
    stored = await vault.read(REF, agreement(reader), PURPOSE, "http")
    assert (stored.name, stored.phone, stored.needs) == (PLANTED["name"], None, tuple(PLANTED["needs"]))
    async with vault.connection() as connection:
        (noted,) = await connection.fetch("select person_ref, reader, purpose, fields, door from vault.access")
    assert tuple(noted) == (REF, reader, PURPOSE, ["name", "email", "birth_year", "needs"], "http")


async def test_what_nobody_asked_for_is_not_read(vault: Vault) -> None:
    """A list needs name and contact: needs and birth years stay where they are, and the note says so."""
    await vault.keep([entrusted(PLANTED)])
    stored = await vault.read(REF, agreement(ORGANISER), PURPOSE, "list", ("name", "email"))
    assert (stored.name, stored.email, stored.phone, stored.birth_year, stored.needs) == (
        PLANTED["name"], PLANTED["email"], None, None, (),
    )  # fmt: skip
    async with vault.connection() as connection:
        (noted,) = await connection.fetch("select fields, door from vault.access")
    assert tuple(noted) == (["name", "email"], "list")


async def test_when_somebody_was_told_is_known_to_readers_alone(vault: Vault) -> None:
    """Neither a stranger nor a question about who was erased finds anybody; nothing is shown, so nothing is noted."""
    await vault.keep([entrusted(PLANTED, day=3)])

    async def moments(reader: str) -> dict[str, datetime]:
        async with vault.connection() as connection:
            return await vault_rows.moments(connection, [REF, "a" * 26], reader)

    assert await moments(ORGANISER) == {REF: datetime(2027, 1, 3, tzinfo=UTC)}
    assert await moments(STRANGER) == {}
    await erase(vault)
    assert await moments(ORGANISER) == {}
    async with vault.connection() as connection:
        assert await connection.fetch("select * from vault.access") == []


@pytest.mark.parametrize(
    ("reader", "purpose", "rule"),
    [
        (agreement(STRANGER), PURPOSE, "person-unknown"),
        (agreement(ORGANISER, purposes=["event_publication"]), PURPOSE, "purpose-not-agreed"),
        (
            agreement(ORGANISER, purposes=["participation_statistics", PURPOSE]),
            "participation_statistics",
            "purpose-not-agreed",
        ),
    ],
)
async def test_nobody_else_reads_for_nothing_else(vault: Vault, reader: Agreement, purpose: Any, rule: str) -> None:  # noqa: ANN401
    """Promise 12: neither a stranger, nor without the purpose; and nobody is told that there is somebody."""
    await vault.keep([entrusted(PLANTED)])
    with pytest.raises(RefusedError) as refused:
        await vault.read(REF, reader, purpose, "http")
    assert refused.value.refusal.rule == rule
    with pytest.raises(RefusedError) as unknown:
        await vault.read("a" * 26, reader, purpose, "http")
    assert unknown.value.refusal == refused.value.refusal
    async with vault.connection() as connection:
        assert await connection.fetch("select * from vault.access") == []


async def test_another_key_is_refused(vault: Vault, database: Stack) -> None:
    """A key that was lost and minted anew would make a second human of everybody: the vault takes nothing by it."""
    await vault.keep([entrusted(PLANTED)])
    stranger = Vault(database.site.settings(), References(b"another key"))
    with pytest.raises(VaultKeyError, match="backed up with the database"):
        await stranger.keep([entrusted(PLANTED)])


@pytest.mark.parametrize("call", ["begin", "send", "commit"])
async def test_a_death_between_vault_and_kafka_is_made_good_by_the_next_owner(vault: Vault, call: str) -> None:
    """Promises 1 and 2: a row without its fact is left, and the batch comes again: each human and each fact once."""
    log, place = MemoryLog(), f"partner.{TELLER}.inbox"
    mode = Stateless(
        "intake",
        intake({TELLER: agreement(TELLER)}, lambda: datetime.now(UTC), REFERENCES),
        observe,
        {place: vault.keep},
    )
    partition = Partition("hub.intake", place, 0)
    batch = records([requested(number, {"person_id": str(number), "name": "Erika"}) for number in range(3)])
    with pytest.raises(FencedError):
        await mode.process(Dying(MemoryDelivery(log), call), partition, 0, batch)
    left = await rows(vault)
    assert (len(left.persons), log.topics, log.committed) == (3, {}, 0)
    await mode.process(MemoryDelivery(log), partition, 0, batch)
    assert await rows(vault) == left
    told = [json.loads(each.value or b"")["person_ref"] for each in log.topics["hub.enrolments.submitted"]]
    assert sorted(told) == [row[0] for row in left.persons]


async def test_a_database_that_is_away_is_no_answer(database: Stack) -> None:
    """It connects when the first human comes, and says then that nobody answers."""
    away = Vault(database.site.settings().model_copy(update={"postgres": "postgresql://hub@127.0.0.1:1/hub"}))
    with pytest.raises((OSError, asyncpg.PostgresError)):
        await away.keep([entrusted(PLANTED)])
