"""The cases of a service with routes, in memory and on real parts."""

import asyncio
import contextlib
import json
from collections.abc import Sequence
from dataclasses import replace

import pytest
from prometheus_client import REGISTRY

from contracts.admission import Message
from contracts.backfill import Backfill
from contracts.topics import outbox
from services.runtime.engine import asking, catching_up, fanout, portions
from services.runtime.engine.delivery import Delivery, FencedError, Output, Record
from services.runtime.engine.fanout import Fanout
from services.runtime.engine.observation import observe
from services.runtime.engine.routes import BookLostError, Route
from services.runtime.engine.stateless import Stateless
from tests.engine.cases import Dying
from tests.engine.facts import TIME, enveloped, published, told
from tests.engine.rigs import Rig, records

GOOD, OTHER = outbox("good"), outbox("other")
FACTS = [published("1", 1), published("2", 1), published("1", 2), published("3", 1)]
EVERYTHING = [told(fact) for fact in FACTS]
WHAT_HOLDS = [told(fact) for fact in FACTS[1:]]


class Suspicious(Dying):
    """A delivery whose commit fails because of some topics."""

    def __init__(self, inner: Delivery) -> None:
        """Suspect nobody yet."""
        super().__init__(inner, "nothing")
        self.suspected: set[str] = set()

    async def commit(self, next_offset: int) -> None:
        """Fail once somebody is suspected."""
        if self.suspected:
            raise FencedError("planted", self.suspected)
        await self._inner.commit(next_offset)


class Instance:
    """One owner of the rig's partition, which copies each record to its routes."""

    def __init__(self, rig: Rig, *, whole: bool = True, routes: Sequence[str] = (GOOD, OTHER), key: str = "") -> None:
        """Own nothing yet. ``key``: the fingerprint of what the second route is written with."""
        self.rig = rig
        rule = Stateless("test", lambda _, message: [Output(topic, message) for topic in routes], observe)
        rows = {topic: Route(topic, whole, "a-secret", key if topic == OTHER else "") for topic in routes}
        self.mode = Fanout(rule, rows, rig.ground)

    async def take(self, delivery: Delivery | None = None) -> "Instance":
        """Take the partition over."""
        self.delivery = delivery or await self.rig.owner()
        self.position = await self.mode.recover(self.delivery, self.rig.partition, await self.rig.committed())
        return self

    async def process(self, batch: Sequence[Record]) -> None:
        """Take a batch."""
        await self.mode.process(self.delivery, self.rig.partition, self.position, batch)
        self.position = batch[-1].offset + 1

    async def rest(self) -> None:
        """Let moments without records pass until nothing is left to do in them."""
        while await self.mode.idle(self.delivery, self.rig.partition, self.position, self.position):
            pass


async def seen(rig: Rig, topic: str) -> list[tuple[str, int]]:
    """What a reader of a route finds."""
    return [told(message) for message in await rig.visible(topic)]


def alarm(rig: Rig, topic: str) -> float | None:
    """What the metrics say of a route."""
    return REGISTRY.get_sample_value("hub_route_stopped", {"route": topic, "position": str(rig.partition)})


async def fed(rig: Rig, messages: Sequence[Message] = FACTS) -> list[Record]:
    """The input, filled, with the first route open and the second one closed."""
    await rig.close_route(OTHER)
    await rig.open_route(GOOD)
    await rig.feed(messages)
    return records(messages)


async def ran(rig: Rig) -> tuple[list[Record], Instance]:
    """The input, of which three facts were told on both routes."""
    batch = await fed(rig)
    await rig.open_route(OTHER)
    one = await Instance(rig, whole=False).take()
    await one.process(batch[:3])
    return batch, one


def backfill(rig: Rig, name: str, start: int = 0, without: tuple[str, ...] = ()) -> Backfill:
    """A request that means the second route."""
    return Backfill(name, "other", {str(rig.partition): start}, without, "somebody", TIME, "a test")


def of_person(number: str, reference: str, **more: str) -> Message:
    """A recorded fact about a human."""
    body = {"event_id": f"stadt:{number}", "revision": 1, "person_ref": reference}
    return enveloped("a.b.enrolment.queued.v1", f"stadt:{number}", 1, json.dumps(body | more).encode())


class RouteCases:
    """What routes promise."""

    @pytest.fixture(autouse=True)
    def _impatient(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """Look at every occasion, and catch up in portions of one record."""
        monkeypatch.setattr(fanout, "LOOK_AGAIN", 0.0)
        monkeypatch.setattr(catching_up, "READ_AT_ONCE", 1)

    async def test_a_closed_route_holds_up_nobody_and_gets_what_holds_once_it_opens(self, rig: Rig) -> None:
        """Promises 1 to 3: the others go on; it gets the newest fact of each object, once, then live ones."""
        batch, one = await fed(rig), await Instance(rig, whole=False).take()
        await one.process(batch[:3])
        assert await seen(rig, GOOD) == EVERYTHING[:3]
        await rig.open_route(OTHER)
        await one.rest()
        await one.process(batch[3:])
        assert await seen(rig, OTHER) == WHAT_HOLDS
        assert await seen(rig, GOOD) == EVERYTHING

    async def test_objects_that_share_a_key_are_all_told(self, rig: Rig) -> None:
        """Enrolments lie under the key of what they are for: the newest of each is told, not one for all of them."""
        batch = await fed(rig, [fact._replace(key=b"stadt:offering") for fact in FACTS])
        one = await Instance(rig, whole=False).take()
        await one.process(batch)
        await rig.open_route(OTHER)
        await one.rest()
        assert await seen(rig, OTHER) == WHAT_HOLDS

    async def test_who_catches_up_holds_up_nobody(self, rig: Rig) -> None:
        """Between two portions of what one route missed, the others get what is live; order holds in both."""
        batch, one = await fed(rig), await Instance(rig).take()
        await one.process(batch[:2])
        await rig.open_route(OTHER)
        await one.process(batch[2:3])
        assert (await seen(rig, GOOD), await seen(rig, OTHER)) == (EVERYTHING[:3], EVERYTHING[:1])
        await one.process(batch[3:])
        assert (await seen(rig, GOOD), await seen(rig, OTHER)) == (EVERYTHING, EVERYTHING[:2])
        await one.rest()
        assert await seen(rig, OTHER) == EVERYTHING

    async def test_the_next_owner_knows_what_a_closed_route_missed(self, rig: Rig) -> None:
        """Where a route stopped is in the book: another owner, later, serves it from there and not twice."""
        batch = await fed(rig)
        await (await Instance(rig).take()).process(batch[:2])
        await rig.open_route(OTHER)
        for _ in range(3):
            one = await Instance(rig).take()
            await one.mode.idle(one.delivery, rig.partition, 2, 2)
        await one.process(batch[2:])
        await one.rest()
        assert await seen(rig, OTHER) == EVERYTHING
        assert await seen(rig, GOOD) == EVERYTHING

    async def test_a_death_while_catching_up_doubles_nothing(self, rig: Rig) -> None:
        """Promise 2: what was caught up with and the note of it are one transaction."""
        batch = await fed(rig)
        await (await Instance(rig).take()).process(batch)
        await rig.open_route(OTHER)
        for survived, call in ((0, "begin"), (1, "send"), (1, "commit"), (1, "commit"), (0, "commit")):
            with pytest.raises(FencedError):  # the first time the topic is another than the one that was removed
                await (await Instance(rig).take(Dying(await rig.owner(), call, survived))).rest()
        await (await Instance(rig).take()).rest()
        assert await seen(rig, OTHER) == EVERYTHING

    async def test_a_topic_made_anew_gets_everything(self, rig: Rig) -> None:
        """A route whose topic was removed while it ran is stopped; the next one of that name is another."""
        batch = await fed(rig)
        await rig.open_route(OTHER)
        await (await Instance(rig).take()).process(batch[:2])
        assert await seen(rig, OTHER) == EVERYTHING[:2]
        await rig.close_route(OTHER)
        one = await Instance(rig).take()
        await one.process(batch[2:])
        notes = await rig.ground.notes(rig.partition)
        assert {topic: note.stopped for topic, note in notes.items()} == {GOOD: None, OTHER: 2}
        await rig.open_route(OTHER)
        await one.rest()
        assert await seen(rig, OTHER) == EVERYTHING

    async def test_nothing_is_written_with_another_key(self, rig: Rig) -> None:
        """A key that was lost and made anew stops its route alone, with what to do; the right one lets it go on."""
        batch = await fed(rig)
        await rig.open_route(OTHER)
        await (await Instance(rig).take()).process(batch[:1])  # of before there were fingerprints
        await (await Instance(rig, key="right").take()).process(batch[1:2])
        one = await Instance(rig, key="wrong").take()
        await one.process(batch[2:])
        await one.rest()
        assert (await seen(rig, GOOD), await seen(rig, OTHER)) == (EVERYTHING, EVERYTHING[:2])
        assert alarm(rig, OTHER) == 1
        await (await Instance(rig, key="right").take()).rest()
        assert await seen(rig, OTHER) == EVERYTHING

    async def test_a_topic_made_anew_is_written_with_any_key(self, rig: Rig) -> None:
        """Nothing is in it yet; from then on it is held to that one."""
        batch = await fed(rig)
        await rig.open_route(OTHER)
        await (await Instance(rig, key="lost").take()).process(batch)
        await rig.close_route(OTHER)
        await rig.open_route(OTHER)
        await (await Instance(rig, key="new").take()).rest()
        assert await seen(rig, OTHER) == EVERYTHING
        await (await Instance(rig, key="lost").take()).rest()
        assert alarm(rig, OTHER) == 1

    async def test_a_topic_made_anew_while_it_catches_up_gets_everything(self, rig: Rig) -> None:
        """What was being read for the topic that was removed is not what the new one misses."""
        batch, one = await fed(rig), await Instance(rig).take()
        await one.process(batch)
        await rig.open_route(OTHER)
        for _ in range(2):
            await one.mode.idle(one.delivery, rig.partition, 4, 4)
        assert await seen(rig, OTHER) == EVERYTHING[:2]
        await rig.close_route(OTHER)
        await rig.open_route(OTHER)
        await one.rest()
        assert await seen(rig, OTHER) == EVERYTHING

    async def test_a_partner_that_leaves_and_comes_back_gets_what_it_missed(self, rig: Rig) -> None:
        """A route that no agreement opens is stopped where it was last served."""
        batch = await fed(rig)
        await rig.open_route(OTHER)
        await (await Instance(rig).take()).process(batch[:1])
        await (await Instance(rig, routes=[GOOD]).take()).process(batch[1:3])
        assert await seen(rig, OTHER) == EVERYTHING[:1]
        back = await Instance(rig).take()
        await back.rest()
        await back.process(batch[3:])
        assert await seen(rig, OTHER) == EVERYTHING

    async def test_a_route_that_is_to_be_told_once_more_gets_what_holds(self, rig: Rig) -> None:
        """Once for each request, in order, before anything newer; the others notice nothing."""
        batch, one = await ran(rig)
        await rig.ask(backfill(rig, "first"))
        for _ in range(2):  # the second owner finds the request again, and that it is done
            one = await one.take()
            await one.rest()
        assert await seen(rig, OTHER) == [*EVERYTHING[:3], *WHAT_HOLDS[:2]]
        await one.process(batch[3:])
        assert (await seen(rig, OTHER), await seen(rig, GOOD)) == (
            [*EVERYTHING[:3], *WHAT_HOLDS],
            EVERYTHING,
        )
        await rig.ask(backfill(rig, "second", start=2))
        await (await one.take()).rest()
        assert (await seen(rig, OTHER))[-2:] == EVERYTHING[2:]

    async def test_a_request_is_found_while_work_goes_on(self, rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
        """Nobody has to restart anything, and no record waits for the look."""
        monkeypatch.setattr(asking, "ASK_AGAIN", 0.0)
        _, one = await ran(rig)
        await rig.ask(backfill(rig, "first"))
        async with asyncio.timeout(20):
            while len(await seen(rig, OTHER)) < len([*EVERYTHING[:3], *WHAT_HOLDS[:2]]):
                await one.rest()
                await asyncio.sleep(0.01)
        assert await seen(rig, OTHER) == [*EVERYTHING[:3], *WHAT_HOLDS[:2]]

    async def test_a_death_while_it_is_told_once_more_doubles_nothing(self, rig: Rig) -> None:
        """Promise 2: that a request was taken up, and what was told for it, stand in the book or did not happen."""
        await ran(rig)
        await rig.ask(backfill(rig, "first"))
        for survived, call in ((0, "commit"), (1, "begin"), (1, "send"), (2, "commit"), (1, "commit")):
            with contextlib.suppress(FencedError):
                await (await Instance(rig, whole=False).take(Dying(await rig.owner(), call, survived))).rest()
        await (await Instance(rig, whole=False).take()).rest()
        assert await seen(rig, OTHER) == [*EVERYTHING[:3], *WHAT_HOLDS[:2]]

    async def test_who_was_erased_does_not_come_back(self, rig: Rig) -> None:
        """A fact that names one of them is not told once more, also after a death; live ones are not looked at."""
        erased, other = "e" * 26, "o" * 26
        facts = [of_person("1", erased), of_person("2", other), of_person("4", other, comment=erased), FACTS[3]]
        batch = await fed(rig, facts)
        await rig.open_route(OTHER)
        one = await Instance(rig, whole=False).take()
        await one.process(batch)
        await rig.ask(backfill(rig, "first", without=(erased,)))
        await (await (await one.take()).take()).rest()
        assert (await seen(rig, OTHER))[4:] == [told(fact) for fact in facts[1:]]

    async def test_what_is_asked_of_another_partition_or_partner_is_not_taken_up(self, rig: Rig) -> None:
        """A request names the partitions of the streams that it means."""
        _, one = await ran(rig)
        await rig.ask(replace(backfill(rig, "first"), starts={"hub.research/0": 0}))
        await rig.ask(replace(backfill(rig, "second"), partner="nobody"))
        await (await one.take()).rest()
        assert await seen(rig, OTHER) == EVERYTHING[:3]

    async def test_a_stopped_route_is_an_alarm(self, rig: Rig) -> None:
        """The gauge says so from the first look on, also after a restart, until the route runs or another has it."""
        batch = await fed(rig)
        await (await Instance(rig).take()).process(batch)
        for _ in range(2):
            one = await Instance(rig).take()
            assert (alarm(rig, GOOD), alarm(rig, OTHER)) == (None, 1)
        await one.mode.release(rig.partition)
        assert alarm(rig, OTHER) is None
        await rig.open_route(OTHER)
        await (await one.take()).rest()
        assert alarm(rig, OTHER) is None

    async def test_a_route_that_was_found_open_and_does_not_take_its_records_rests(self, rig: Rig) -> None:
        """What Kafka names as the topic at fault is left out when the partition is taken over again."""
        batch = await fed(rig)
        await rig.open_route(OTHER)
        one = await Instance(rig).take(owner := Suspicious(await rig.owner()))
        owner.suspected = {OTHER}
        with pytest.raises(FencedError):
            await one.process(batch)
        await (await one.take()).process(batch)
        assert (await seen(rig, GOOD), await seen(rig, OTHER), alarm(rig, OTHER)) == (EVERYTHING, [], 1)

    async def test_a_lost_book_is_an_error_and_never_a_guess(self, rig: Rig) -> None:
        """Where records were dispatched and the book says nothing, nobody is served twice on a guess."""
        await fed(rig)
        owner = await rig.owner()
        await Stateless("test", lambda _, __: [], observe).process(owner, rig.partition, 0, records(FACTS))
        with pytest.raises(BookLostError, match="hub cursor set"):
            await Instance(rig).take()
        assert await seen(rig, GOOD) == []

    async def test_a_batch_too_large_for_a_transaction_becomes_several(
        self, rig: Rig, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """What would outlast the transaction's timeout would come again for ever: each portion moves the offset."""
        monkeypatch.setattr(portions, "LARGEST_PORTION", 1)
        batch = await fed(rig)
        one = await Instance(rig).take(Dying(await rig.owner(), "commit", 3))
        with pytest.raises(FencedError):
            await one.process(batch)
        assert (await seen(rig, GOOD), await rig.committed()) == (EVERYTHING[:2], 2)
