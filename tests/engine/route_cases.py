"""The cases of a service with routes, in memory and on real parts."""

from collections.abc import Sequence

import pytest
from prometheus_client import REGISTRY

from contracts.admission import Message
from services.runtime.engine import fanout
from services.runtime.engine.delivery import Delivery, FencedError, Output, Record
from services.runtime.engine.fanout import Fanout
from services.runtime.engine.observation import observe
from services.runtime.engine.routes import Route
from services.runtime.engine.stateless import Stateless
from tests.engine.cases import Dying
from tests.engine.facts import published, told
from tests.engine.rigs import Rig, records

GOOD, OTHER = "route.good", "route.other"
FACTS = [published("1", 1), published("2", 1), published("1", 2), published("3", 1)]
EVERYTHING = [told(fact) for fact in FACTS]
WHAT_HOLDS = [told(fact) for fact in FACTS[1:]]


def fanning(rig: Rig, *, whole: bool = False, routes: Sequence[str] = (GOOD, OTHER)) -> Fanout:
    """A service that copies each record to its routes."""
    rule = Stateless("test", lambda _, message: [Output(topic, message) for topic in routes], observe)
    return Fanout(rule, [Route(topic, whole=whole) for topic in routes], rig.ground)


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


class RouteCases:
    """What routes promise."""

    @pytest.fixture(autouse=True)
    def _impatient(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(fanout, "LOOK_AGAIN", 0.0)

    async def test_a_closed_route_holds_up_nobody_and_gets_what_holds_once_it_opens(self, rig: Rig) -> None:
        """Promises 1 to 3: the others go on; it gets the newest fact of each object, once, then live ones."""
        batch, mode, owner = await fed(rig), fanning(rig), await rig.owner()
        position = await mode.recover(owner, rig.partition, 0)
        await mode.process(owner, rig.partition, position, batch[:3])
        assert await seen(rig, GOOD) == EVERYTHING[:3]
        await rig.open_route(OTHER)
        await mode.idle(owner, rig.partition, 3, 3)
        await mode.process(owner, rig.partition, 3, batch[3:])
        assert await seen(rig, OTHER) == WHAT_HOLDS
        assert await seen(rig, GOOD) == EVERYTHING

    async def test_analysts_are_told_everything(self, rig: Rig) -> None:
        """A route that is told the whole catches up with every fact."""
        batch, mode, owner = await fed(rig), fanning(rig, whole=True), await rig.owner()
        await mode.process(owner, rig.partition, await mode.recover(owner, rig.partition, 0), batch)
        await rig.open_route(OTHER)
        await mode.idle(owner, rig.partition, 4, 4)
        assert await seen(rig, OTHER) == EVERYTHING

    async def test_the_next_owner_knows_what_a_closed_route_missed(self, rig: Rig) -> None:
        """Where a route stopped is in the book: another owner, later, serves it from there and not twice."""
        batch, owner = await fed(rig), await rig.owner()
        mode = fanning(rig, whole=True)
        await mode.process(owner, rig.partition, await mode.recover(owner, rig.partition, 0), batch[:2])
        await rig.open_route(OTHER)
        for _ in range(2):
            successor, mode = await rig.owner(), fanning(rig, whole=True)
            assert await mode.recover(successor, rig.partition, await rig.committed()) == 2
        await mode.process(successor, rig.partition, 2, batch[2:])
        assert await seen(rig, OTHER) == EVERYTHING
        assert await seen(rig, GOOD) == EVERYTHING

    async def test_a_death_while_catching_up_doubles_nothing(self, rig: Rig) -> None:
        """Promise 2: what was caught up with and the note of it are one transaction."""
        batch, mode, owner = await fed(rig), fanning(rig, whole=True), await rig.owner()
        await mode.process(owner, rig.partition, await mode.recover(owner, rig.partition, 0), batch)
        await rig.open_route(OTHER)
        for survived, call in ((0, "begin"), (0, "send"), (0, "commit"), (1, "begin"), (0, "commit")):
            with pytest.raises(FencedError):
                await fanning(rig, whole=True).recover(Dying(await rig.owner(), call, survived), rig.partition, 4)
        await fanning(rig, whole=True).recover(await rig.owner(), rig.partition, await rig.committed())
        assert await seen(rig, OTHER) == EVERYTHING

    async def test_a_route_that_closes_while_it_runs_is_stopped_there(self, rig: Rig) -> None:
        """The assignment sequence after the failure stops it; what it was served before is not served again."""
        batch, mode, owner = await fed(rig), fanning(rig, whole=True), await rig.owner()
        await rig.open_route(OTHER)
        await mode.process(owner, rig.partition, await mode.recover(owner, rig.partition, 0), batch[:2])
        assert await seen(rig, OTHER) == EVERYTHING[:2]
        await rig.close_route(OTHER)
        owner = await rig.owner()
        await mode.process(owner, rig.partition, await mode.recover(owner, rig.partition, 2), batch[2:])
        assert await rig.ground.notes(rig.partition) == {GOOD: None, OTHER: 2}
        await rig.open_route(OTHER)
        await mode.idle(owner, rig.partition, 4, 4)
        assert (await seen(rig, OTHER))[-2:] == EVERYTHING[2:]
        assert len(await seen(rig, OTHER)) in (2, 4)  # a real topic was deleted with what it held

    async def test_a_partner_that_leaves_and_comes_back_gets_what_it_missed(self, rig: Rig) -> None:
        """A route that no agreement opens is stopped where it was last served."""
        batch, mode, owner = await fed(rig), fanning(rig, whole=True), await rig.owner()
        await rig.open_route(OTHER)
        await mode.process(owner, rig.partition, await mode.recover(owner, rig.partition, 0), batch[:1])
        without, owner = fanning(rig, whole=True, routes=[GOOD]), await rig.owner()
        await without.process(owner, rig.partition, await without.recover(owner, rig.partition, 1), batch[1:3])
        back, owner = fanning(rig, whole=True), await rig.owner()
        assert await seen(rig, OTHER) == EVERYTHING[:1]
        await back.process(owner, rig.partition, await back.recover(owner, rig.partition, 3), batch[3:])
        assert await seen(rig, OTHER) == EVERYTHING

    async def test_a_stopped_route_is_an_alarm(self, rig: Rig) -> None:
        """The gauge says so from the first look on, also after a restart, until the route runs."""
        await fed(rig)
        for _ in range(2):
            mode, owner = fanning(rig), await rig.owner()
            await mode.recover(owner, rig.partition, 0)
            assert (alarm(rig, GOOD), alarm(rig, OTHER)) == (0, 1)
        await rig.open_route(OTHER)
        await mode.idle(owner, rig.partition, 0, 0)
        assert alarm(rig, OTHER) == 0

    async def test_a_route_that_was_found_open_and_does_not_take_its_records_rests(self, rig: Rig) -> None:
        """What Kafka names as the one topic that took nothing is left out when the partition is taken over again."""
        batch, mode = await fed(rig), fanning(rig, whole=True)
        await rig.open_route(OTHER)
        owner = Suspicious(await rig.owner())
        position = await mode.recover(owner, rig.partition, 0)
        owner.suspected = {OTHER}
        with pytest.raises(FencedError):
            await mode.process(owner, rig.partition, position, batch)
        owner = await rig.owner()
        await mode.process(owner, rig.partition, await mode.recover(owner, rig.partition, 0), batch)
        assert (await seen(rig, GOOD), await seen(rig, OTHER), alarm(rig, OTHER)) == (EVERYTHING, [], 1)
