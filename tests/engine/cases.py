"""The engine's cases. Each class of tests that runs them gives a fixture ``rig``."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from types import SimpleNamespace

import asyncpg
import pytest

from contracts.admission import Message
from contracts.dead_letter import read_dead_letter
from contracts.refusal import Refusal
from contracts.topics import DEAD_LETTERS, recorded
from contracts.wording import expected
from services.events.catalogue import catalogue
from services.runtime.by_revision import Entry
from services.runtime.engine.delivery import Delivery, FencedError, Output, Partition, publish
from services.runtime.engine.observation import observe
from services.runtime.engine.stateful import Stateful
from services.runtime.engine.stateless import Stateless
from services.runtime.engine.store import Batch, CursorMovedError, OffsetAheadError, Store, Work
from tests.engine.facts import broken, cancelled, published, told, withdrawn
from tests.engine.rigs import Rig, records

EVENTS = recorded("events")
POISON = "poison"


class Dying:
    """A delivery whose process dies at one call: the call never returns what happened."""

    def __init__(self, inner: Delivery, at: str, survived: int = 0) -> None:
        """Die at ``begin``, ``send`` or ``commit``, after so many that went well."""
        self.told = inner.told
        self._inner, self._at, self._survived = inner, at, survived

    def __getattr__(self, name: str):  # noqa: ANN204 - passes the port's four calls through
        """Raise at the call named."""

        async def call(*given: object) -> None:
            if name == self._at:
                self._survived -= 1
                if self._survived < 0:
                    raise FencedError("killed")
            await getattr(self._inner, name)(*given)

        return call


class Refusing:
    """A store that refuses states which hold the poison, as a database refuses a value no contract forbids."""

    def __init__(self, inner: Store) -> None:
        """Pass everything else through."""
        self._inner = inner
        self.cursor, self.unpublished = inner.cursor, inner.unpublished

    @asynccontextmanager
    async def batch(self, partition: Partition, expected: int, next_offset: int, told: int) -> AsyncIterator[Batch]:
        """Refuse inside the transaction, when the states are saved."""
        async with self._inner.batch(partition, expected, next_offset, told) as batch:
            save = batch.save

            async def refusing(work: Work) -> None:
                await save(work)
                if any(POISON.encode() in body for body in work.states.values()):
                    raise asyncpg.DataError("planted")

            yield SimpleNamespace(load=batch.load, save=refusing)


def stateful(rig: Rig) -> Stateful[Entry]:
    """The events service on this rig."""
    return Stateful("events", catalogue(), rig.store, observe)


class DeliveryCases:
    """The port: what four calls promise."""

    async def test_output_and_offset_become_visible_together(self, rig: Rig) -> None:
        """A committed transaction shows all its messages, in order, and the offset."""
        delivery = await rig.owner()
        await publish(delivery, [[Output(EVENTS, published(revision=n))] for n in (1, 2, 3)], 3)
        assert [told(m)[1] for m in await rig.visible(EVENTS)] == [1, 2, 3]
        assert await rig.committed() == 3

    async def test_an_aborted_transaction_shows_nothing(self, rig: Rig) -> None:
        """Promise 2: what was sent and aborted is never read, and the offset stays."""
        delivery = await rig.owner()
        await delivery.begin()
        await delivery.send([Output(EVENTS, published())])
        await delivery.abort()
        assert await rig.visible(EVENTS) == []
        assert await rig.committed() == 0

    async def test_a_new_owner_fences_the_old_one(self, rig: Rig) -> None:
        """Promise 8: a zombie's open transaction and its next one change nothing readers see."""
        zombie = await rig.owner()
        await zombie.begin()
        await zombie.send([Output(EVENTS, published("zombie"))])
        successor = await rig.owner()
        await publish(successor, [[Output(EVENTS, published("successor"))]], 1)
        with pytest.raises(FencedError):
            await zombie.commit(9)
        assert [told(m)[0] for m in await rig.visible(EVENTS)] == ["stadt:successor"]
        assert await rig.committed() == 1


class StatelessCases:
    """The stateless mode."""

    async def test_poison_becomes_one_dead_letter_and_stops_nobody(self, rig: Rig) -> None:
        """Promise 5: a refused and a rule-breaking message are buried with reason; their neighbours pass."""

        def rule(_: str, message):  # noqa: ANN001, ANN202 - a route
            if message.value == b"bad":
                return Refusal("json-invalid", "payload", expected("json_invalid"))
            if message.value == b"worse":
                raise ZeroDivisionError
            return [Output(EVENTS, message)]

        poison = [Message(b"k", value, []) for value in (b"bad", b"worse")]
        batch = records([published("1"), *poison, published("2")])
        await Stateless("test", rule, observe).process(await rig.owner(), rig.partition, 0, batch)
        letters = [read_dead_letter(m.value, m.headers) for m in await rig.visible(DEAD_LETTERS)]
        assert [(one.offset, one.refusal.rule) for one in letters] == [(1, "json-invalid"), (2, "rule-failed")]
        assert [told(m)[0] for m in await rig.visible(EVENTS)] == ["stadt:1", "stadt:2"]
        assert await rig.committed() == 4

    async def test_a_death_before_the_commit_leaves_nothing(self, rig: Rig) -> None:
        """Promises 1 and 2: killed anywhere before the end, the batch is taken once, by the next owner."""
        mode = Stateless("test", lambda _, message: [Output(EVENTS, message)], observe)
        batch = records([published("1"), published("2")])
        for call in ("begin", "send", "commit"):
            with pytest.raises(FencedError):
                await mode.process(Dying(await rig.owner(), call), rig.partition, 0, batch)
        successor = await rig.owner()
        assert await mode.recover(successor, rig.partition, await rig.committed()) == 0
        await mode.process(successor, rig.partition, 0, batch)
        assert [told(m)[0] for m in await rig.visible(EVENTS)] == ["stadt:1", "stadt:2"]

    async def test_what_is_no_record_is_stepped_over(self, rig: Rig) -> None:
        """Markers of transactions take offsets: the cursor passes them though they bring nothing, and only then."""
        mode, owner = Stateless("test", lambda _, message: [Output(EVENTS, message)], observe), await rig.owner()
        await mode.process(owner, rig.partition, 0, records([published("1")]))
        await mode.idle(owner, rig.partition, 1, 3)
        await mode.idle(owner, rig.partition, 3, 3)
        assert await rig.committed() == 3
        assert len(await rig.visible(EVENTS)) == 1


class StatefulCases:
    """The stateful mode with the events service's own decider."""

    async def test_each_fact_has_one_outcome(self, rig: Rig) -> None:
        """Revisions decide: newer applies, the same again is a duplicate, older is superseded, a forgery refused."""
        batch = [
            published(revision=2),
            published(revision=2),
            published(revision=1),
            published(revision=2, title="another"),
            cancelled(revision=3),
            cancelled("never-seen"),
            broken(),
        ]
        owner, mode = await rig.owner(), stateful(rig)
        position = await mode.recover(owner, rig.partition, 0)
        await mode.process(owner, rig.partition, position, records(batch))
        assert await rig.outcomes() == {"applied": 2, "duplicate": 1, "superseded": 1, "refused": 3}
        assert [told(m)[1] for m in await rig.visible(EVENTS)] == [2, 3]
        letters = [read_dead_letter(m.value, m.headers) for m in await rig.visible(DEAD_LETTERS)]
        assert [one.refusal.rule for one in letters] == ["revision-conflict", "object-unknown", "json-invalid"]

    @pytest.mark.parametrize("call", ["begin", "send", "commit"])
    async def test_what_was_decided_is_published_by_the_next_owner(self, rig: Rig, call: str) -> None:
        """Promises 1 and 2: death between database and Kafka loses no output and doubles none."""
        batch, mode = records([published("1"), published("2"), broken()]), stateful(rig)
        first = await rig.owner()
        position = await mode.recover(first, rig.partition, 0)
        with pytest.raises(FencedError):
            await mode.process(Dying(first, call), rig.partition, position, batch)
        assert await rig.visible(EVENTS) == []
        successor = await rig.owner()
        assert await mode.recover(successor, rig.partition, await rig.committed()) == 3
        assert await mode.recover(successor, rig.partition, await rig.committed()) == 3
        assert [told(m)[0] for m in await rig.visible(EVENTS)] == ["stadt:1", "stadt:2"]
        assert len(await rig.visible(DEAD_LETTERS)) == 1
        assert await rig.outcomes() == {"applied": 2, "refused": 1}

    async def test_what_kafka_did_not_tell_is_kept(self, rig: Rig) -> None:
        """Promise 1: a commit that Kafka answered and lost is published again; what it told when asked is deleted."""
        owner, mode = await rig.owner(), stateful(rig)
        await mode.recover(owner, rig.partition, 0)
        for number in range(2):
            await mode.process(owner, rig.partition, number, records([published(str(number))], first=number))
        await mode.recover(await rig.owner(), rig.partition, 0)  # as if Kafka had nothing of it
        assert [told(m)[0] for m in await rig.visible(EVENTS)] == ["stadt:0", "stadt:1"] * 2
        owner = await rig.owner()
        owner.told = 1
        await mode.process(owner, rig.partition, 2, records([published("2")], first=2))
        assert [offset for offset, _ in await rig.store.unpublished(rig.partition, 0, 10)] == [1, 2]

    async def test_a_former_owner_cannot_move_the_cursor(self, rig: Rig) -> None:
        """Promise 8: who works from an old position writes neither state nor output nor tally."""
        mode, zombie = stateful(rig), await rig.owner()
        position = await mode.recover(zombie, rig.partition, 0)
        successor = await rig.owner()
        await mode.recover(successor, rig.partition, 0)
        await mode.process(successor, rig.partition, position, records([published("1")]))
        with pytest.raises(CursorMovedError):
            await mode.process(zombie, rig.partition, position, records([published("1", title="zombie")]))
        assert await rig.outcomes() == {"applied": 1}
        assert len(await rig.visible(EVENTS)) == 1

    async def test_both_cursors_step_over_what_is_no_record(self, rig: Rig) -> None:
        """Kafka's offset and the database's cursor pass markers together; a former owner moves neither."""
        mode, owner = stateful(rig), await rig.owner()
        position = await mode.recover(owner, rig.partition, 0)
        await mode.idle(owner, rig.partition, position, 2)
        assert (await rig.committed(), await rig.store.cursor(rig.partition, 0)) == (2, 2)
        with pytest.raises(CursorMovedError):
            await mode.idle(owner, rig.partition, position, 3)
        assert await mode.recover(await rig.owner(), rig.partition, await rig.committed()) == 2

    async def test_an_older_database_stops_the_service(self, rig: Rig) -> None:
        """Promise 4: where Kafka's offset is ahead of the effect, nothing goes on by guess."""
        owner, mode = await rig.owner(), stateful(rig)
        await mode.recover(owner, rig.partition, 0)
        with pytest.raises(OffsetAheadError, match="older than Kafka"):
            await mode.recover(owner, rig.partition, 5)

    async def test_an_empty_database_is_told_and_not_trusted(self, rig: Rig) -> None:
        """Promise 6: where Kafka knows of effects and the database of none, nothing is decided on an empty state."""
        with pytest.raises(OffsetAheadError):
            await stateful(rig).recover(await rig.owner(), rig.partition, 5)

    async def test_what_only_the_database_refuses_is_found_by_halving(self, rig: Rig) -> None:
        """Promise 5: one message of seven that the database refuses is buried; six are applied, in order."""
        messages = [published(str(n), title=POISON if n == 4 else "good") for n in range(7)]
        owner, mode = await rig.owner(), Stateful("events", catalogue(), Refusing(rig.store), observe)
        position = await mode.recover(owner, rig.partition, 0)
        await mode.process(owner, rig.partition, position, records(messages))
        assert [told(m)[0] for m in await rig.visible(EVENTS)] == [f"stadt:{n}" for n in range(7) if n != 4]
        letters = [read_dead_letter(m.value, m.headers) for m in await rig.visible(DEAD_LETTERS)]
        assert [(one.offset, one.refusal.rule) for one in letters] == [(4, "store-refused")]
        assert await rig.committed() == 7

    async def test_marks_follow_the_state(self, rig: Rig) -> None:
        """Promise 6: what objects gain and lose is added and removed; cancelled ones keep, withdrawn ones lose."""
        owner, mode = await rig.owner(), stateful(rig)
        position = await mode.recover(owner, rig.partition, 0)

        async def after(*messages: Message) -> set[tuple[str, str]]:
            nonlocal position
            await mode.process(owner, rig.partition, position, records(messages, first=position))
            position += len(messages)
            return await rig.marks()

        one, two = ("same:urn:x:1", "stadt:1"), ("same:urn:x:2", "stadt:1")
        other = ("same:urn:x:1", "vhs:1")
        assert await after(published(same_as=["urn:x:1"])) == {one}
        assert await after(published(same_as=["urn:x:1"], partner="vhs")) == {one, other}
        assert await after(published(revision=2, same_as=["urn:x:1", "urn:x:2"])) == {one, two, other}
        assert await after(published(revision=2, same_as=["urn:x:1", "urn:x:2"])) == {one, two, other}
        assert await after(published(revision=3, same_as=["urn:x:2"]), cancelled(revision=4)) == {two, other}
        assert await after(withdrawn(revision=5)) == {other}
        assert await after(published(revision=6, same_as=["urn:x:1"]), withdrawn(revision=7)) == {other}
        assert await after(withdrawn(revision=8), published(revision=9, same_as=["urn:x:1"])) == {one, other}

    async def test_marks_are_written_with_their_states_or_not_at_all(self, rig: Rig) -> None:
        """Promise 6: of a batch that the database refuses in part, only the marks of the accepted states remain."""
        messages = [published(str(n), title=POISON if n == 1 else "good", same_as=["urn:x:1"]) for n in range(3)]
        owner, mode = await rig.owner(), Stateful("events", catalogue(), Refusing(rig.store), observe)
        position = await mode.recover(owner, rig.partition, 0)
        await mode.process(owner, rig.partition, position, records(messages))
        assert await rig.marks() == {("same:urn:x:1", "stadt:0"), ("same:urn:x:1", "stadt:2")}

    async def test_the_longest_marks_of_the_longest_keys_are_kept(self, rig: Rig) -> None:
        """Promise 5: what the contract allows, the index holds: nothing is refused for the length of an identifier."""
        signs = "".join(chr(0x20000 + n * 7_919 % 40_000) for n in range(1_990))  # four bytes each, hard to compress
        number, long = signs[:285], f"urn:x:{signs}"
        owner, mode = await rig.owner(), stateful(rig)
        position = await mode.recover(owner, rig.partition, 0)
        await mode.process(owner, rig.partition, position, records([published(number, same_as=[long, long[:-1]])]))
        assert await rig.outcomes() == {"applied": 1}
        assert len(await rig.marks()) == 2
