"""The engine's cases of reminders: what waits is heard of when its time has come."""

from datetime import UTC, datetime

from contracts.admission import Admitted, read
from contracts.offering import OfferingReminded
from contracts.topics import recorded
from services.enrolments.places import DUE, Places, remind
from services.runtime.engine.observation import observe
from services.runtime.engine.reminders import Reminders
from services.runtime.engine.stateful import Stateful
from tests.contracts.worlds import message
from tests.engine.rigs import Rig, records

EVENTS, KEY = recorded("events"), "stadt:never"
REQUEST = {"revision": 1, "enrolment_id": "vhs:1", "offering_id": KEY, "person_ref": "a" * 26}


REQUESTED = message("de.lernende-stadt.enrolment.requested.v1", REQUEST)


def _reminding(rig: Rig, topic: str, year: int = 2020) -> Stateful:
    """The service of enrolments in some year, which writes its reminders where this case can read them."""
    reminders = Reminders(topic, DUE, lambda key, moment: remind(key, moment)._replace(topic=EVENTS))
    decider = Places(now=lambda: datetime(year, 1, 5, 12, tzinfo=UTC))
    return Stateful("enrolments", decider, rig.store, observe, reminders)


class ReminderCases:
    """Reminders."""

    async def test_one_partitions_owner_reminds(self, rig: Rig) -> None:
        """The owner of another input leaves it to the first one's."""
        mode, owner = _reminding(rig, "another input"), await rig.owner()
        await mode.recover(owner, rig.partition, 0)
        await mode.process(owner, rig.partition, 0, records([REQUESTED]))
        await mode.idle(owner, rig.partition, 1, 1)
        assert await rig.visible(EVENTS) == []

    async def test_what_may_still_wait_is_left_alone(self, rig: Rig) -> None:
        """Its time has not come."""
        mode, owner = _reminding(rig, rig.partition.topic, 2999), await rig.owner()
        await mode.recover(owner, rig.partition, 0)
        await mode.process(owner, rig.partition, 0, records([REQUESTED]))
        await _reminding(rig, rig.partition.topic).idle(owner, rig.partition, 1, 1)
        assert await rig.visible(EVENTS) == []

    async def test_a_reminder_is_written_until_it_is_heard(self, rig: Rig) -> None:
        """At a batch as well as between two, now and then; taken like any record, it ends the waiting, and itself."""
        mode, owner = _reminding(rig, rig.partition.topic), await rig.owner()
        await mode.recover(owner, rig.partition, 0)
        await mode.process(owner, rig.partition, 0, records([REQUESTED]))
        await mode.idle(owner, rig.partition, 1, 1)
        assert len(await rig.visible(EVENTS)) == 1, "it looks now and then, not each time"
        await _reminding(rig, rig.partition.topic).idle(owner, rig.partition, 1, 1)
        again = await rig.visible(EVENTS)
        told = read(again[0])
        assert isinstance(told, Admitted)
        assert (type(told.fact), told.fact.key, len(again), await rig.committed()) == (OfferingReminded, KEY, 2, 1)
        await mode.process(owner, rig.partition, 1, records(again, first=1))
        await _reminding(rig, rig.partition.topic).idle(owner, rig.partition, 3, 3)
        assert len(await rig.visible(EVENTS)) == 2
        recorded_ = [dict(each.headers)["ce_type"] for each in await rig.visible(recorded("enrolments"))]
        assert [name.split(b".")[-2] for name in recorded_] == [b"requested", b"denied"]
        assert await rig.outcomes() == {"applied": 1}, "a reminder is in nobody's account"
