"""Against a real CalDAV server in a process of its own: read, written, changed by others, deleted."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime

import httpx
import pytest

from contracts.event import EventCancelled, EventPublished
from deploy.demo.calendar_server import USER
from flows.connector import Item, Receipt, TargetRefusedError
from flows.connectors.caldav.client import CalendarClient
from flows.connectors.caldav.manifest import MANIFEST
from flows.connectors.caldav.source import CalDavSource
from flows.connectors.caldav.target import CalDavTarget
from flows.ledger.known import content_hash
from services.runtime.settings import Settings
from tests.connectors.calendars import CALENDARS, COURSE, resource
from tests.connectors.conftest import PASSWORD, CalDavServer, agreement
from tests.connectors.events import WORKSHOP, cancelled, withdrawn, workshop

pytestmark = pytest.mark.real

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
AUTH = (USER, PASSWORD)


class City:
    """A calendar on the server, seen by its owner's program and by the hub."""

    def __init__(self, server: CalDavServer, settings: Settings, name: str) -> None:
        """Make the calendar."""
        self.url = server.calendar(name)
        self._root = server.url
        told = agreement("caldav", url=self.url, user=USER)
        self.source: CalDavSource = MANIFEST.open("pull", told, settings)
        self.target: CalDavTarget = MANIFEST.open("push", told, settings)

    def put(self, name: str, vevents: str) -> None:
        """Write an entry as a person's program does."""
        httpx.put(f"{self.url}{name}.ics", content=resource(vevents), auth=AUTH).raise_for_status()

    def text(self, receipt: Receipt) -> str:
        """Return what the server stores for what we wrote."""
        return httpx.get(self._root + receipt.target_id, auth=AUTH).raise_for_status().text

    def edit(self, receipt: Receipt, old: str, new: str) -> None:
        """Change an entry of ours as a person does."""
        text = self.text(receipt).replace(old, new, 1)
        httpx.put(self._root + receipt.target_id, content=text.encode(), auth=AUTH).raise_for_status()

    def delete(self, target_id: str) -> None:
        """Delete an entry as a person does."""
        httpx.delete(self._root + target_id, auth=AUTH).raise_for_status()

    async def write(self, fact: EventPublished, receipt: Receipt | None = None) -> Receipt:
        """Write an event and expect a receipt."""
        written = await self.target.write(fact, receipt, f"{fact.event_id}#{fact.revision}")
        assert written is not None
        return written


@pytest.fixture
async def city(
    caldav_server: CalDavServer, hub_settings: Settings, request: pytest.FixtureRequest
) -> AsyncIterator[City]:
    """A calendar of its own for each test."""
    made = City(caldav_server, hub_settings, request.node.name.replace("[", "-").replace("]", ""))
    yield made
    await made.target.close()


async def test_course_is_read_with_its_moved_and_cancelled_dates(city: City) -> None:
    """A course over the time change arrives in the right hours, with its moved and its cancelled date."""
    for name, vevents in CALENDARS.items():
        city.put(name, vevents)
    reading = await city.source.read(None)
    drafts = {draft.fact.subject: draft for item in reading.items for draft in city.source.map(item, NOW).drafts}
    assert reading.complete
    assert len(drafts) == 3
    course = drafts["stadt:kurs-4711@stadt.example"].fact
    assert isinstance(course, EventPublished)
    assert [(each.start.local.hour, each.start.utc.hour, each.status) for each in course.sessions] == [
        (18, 16, "scheduled"),
        (18, 16, "scheduled"),
        (11, 10, "scheduled"),
        (18, 17, "cancelled"),
        (18, 17, "scheduled"),
    ]
    assert course.sessions[2].session_id == "20261024T160000Z"
    assert course.organiser.contact == "kurse@stadt.example"


async def test_only_changes_are_read_again(city: City) -> None:
    """The second look brings nothing, the third what was changed, added and deleted."""
    for name, vevents in CALENDARS.items():
        city.put(name, vevents)
    first = await city.source.read(None)
    second = await city.source.read(first.cursor)
    assert (second.items, second.gone, second.complete) == ((), (), False)
    city.put("course", COURSE.replace("SEQUENCE:3", "SEQUENCE:4").replace("Löten für Anfänger", "Löten für alle"))
    path = httpx.URL(city.url).path
    city.delete(f"{path}festival.ics")
    third = await city.source.read(second.cursor)
    assert [item.source_id for item in third.items] == [f"{path}course.ics"]
    assert third.gone == (f"{path}festival.ics",)


async def test_calendar_is_found_from_the_servers_address(
    city: City, caldav_server: CalDavServer, hub_settings: Settings
) -> None:
    """The server's address and the calendar's name are enough."""
    city.put("course", COURSE)
    name = httpx.URL(city.url).path.rstrip("/").rpartition("/")[2]
    source = MANIFEST.open("pull", agreement("caldav", url=caldav_server.url, user=USER, calendar=name), hub_settings)
    assert len((await source.read(None)).items) == 1


async def test_written_event_is_recognised_by_a_pull(city: City) -> None:
    """The receipt's hash and ETag are those that a pull finds, and the draft names the object it was written for."""
    receipt = await city.write(workshop())
    (item,) = (await city.source.read(None)).items
    (draft,) = city.source.map(item, NOW).drafts
    assert (item.source_id, item.etag) == (receipt.target_id, receipt.etag)
    assert content_hash(draft.fact) == receipt.content_hash
    assert draft.origin == WORKSHOP
    city.edit(receipt, "Repair-Café", "Reparieren!")
    (item,) = (await city.source.read(None)).items
    (draft,) = city.source.map(item, NOW).drafts
    assert content_hash(draft.fact) != receipt.content_hash


async def test_writing_again_changes_nothing(city: City) -> None:
    """A fact that was written is not written again, with its receipt or, after a crash, without it."""
    receipt = await city.write(workshop())
    assert await city.write(workshop(), receipt) == receipt
    repeated = await city.write(workshop())
    assert repeated.content_hash == receipt.content_hash
    assert len((await city.source.read(None)).items) == 1


async def test_update_keeps_what_others_added(city: City) -> None:
    """An alarm, an attendee and an unknown property of a person there survive our update."""
    receipt = await city.write(workshop())
    theirs = "X-RAUM-SCHLUESSEL:Bund 7\r\nATTENDEE;CN=Hausmeisterei:mailto:hausmeisterei@stadt.example\r\n"
    alarm = "BEGIN:VALARM\r\nACTION:DISPLAY\r\nDESCRIPTION:Aufschließen\r\nTRIGGER:-PT30M\r\nEND:VALARM\r\n"
    city.edit(receipt, "END:VEVENT", f"{theirs}{alarm}END:VEVENT")
    updated = await city.write(workshop(2, title="Repair-Café im Advent"), receipt)
    text = city.text(updated)
    for kept in ("X-RAUM-SCHLUESSEL:Bund 7", "ATTENDEE;CN=Hausmeisterei", "BEGIN:VALARM", "Repair-Café im Advent"):
        assert text.count(kept) == 1, kept
    assert updated.etag != receipt.etag


async def test_change_between_reading_and_writing(city: City, monkeypatch: pytest.MonkeyPatch) -> None:
    """An entry changed between our reading and our writing is read again: both changes are there."""
    receipt = await city.write(workshop())
    get, interrupted = CalendarClient.get, []

    async def interrupting(client: CalendarClient, path: str) -> Item | None:
        found = await get(client, path)
        if not interrupted:
            interrupted.append(path)
            city.edit(receipt, "END:VEVENT", "X-NOTIZ:eben dazugekommen\r\nEND:VEVENT")
        return found

    monkeypatch.setattr(CalendarClient, "get", interrupting)
    text = city.text(await city.write(workshop(2, title="Neu"), receipt))
    assert "X-NOTIZ:eben dazugekommen" in text
    assert "SUMMARY;LANGUAGE=de:Neu" in text


async def test_wrong_etag_writes_nothing(city: City) -> None:
    """The server refuses a write over a version that is not the one named, and one over what must not be there yet."""
    receipt = await city.write(workshop())
    client = await city.target._connected()  # noqa: SLF001 - the call that the target guards
    raw = city.text(receipt).replace("Repair", "Falsch").encode()
    for etag in ('"falsch"', None):
        assert (await client.put(receipt.target_id, raw, etag)).status == 412
    assert "Falsch" not in city.text(receipt)


async def test_cancelled_event_stays_visible(city: City) -> None:
    """A cancelled event is marked on every date and read as cancelled; published again it takes place again."""
    receipt = await city.write(workshop())
    off = await city.target.write(cancelled(2), receipt, "2")
    assert off is not None
    assert "STATUS:CANCELLED" in city.text(off)
    (item,) = (await city.source.read(None)).items
    (draft,) = city.source.map(item, NOW).drafts
    assert isinstance(draft.fact, EventCancelled)
    assert content_hash(draft.fact) == off.content_hash
    again = await city.write(workshop(3), off)
    assert "STATUS:CANCELLED" not in city.text(again)


async def test_withdrawn_event_is_deleted(city: City) -> None:
    """A withdrawn event is gone, even if somebody changed the entry, and withdrawing it twice is no mistake."""
    receipt = await city.write(workshop())
    city.edit(receipt, "Repair", "Reparatur")
    assert await city.target.write(withdrawn(2), receipt, "2") is None
    assert await city.target.write(withdrawn(2), receipt, "2") is None
    assert (await city.source.read(None)).items == ()


async def test_withdrawn_without_receipt(city: City) -> None:
    """After a crash before the receipt the entry is found by its name and deleted; an unknown one is none."""
    await city.write(workshop())
    assert await city.target.write(withdrawn(2), None, "2") is None
    assert await city.target.write(cancelled(2, "lernwerkstatt:nie"), None, "2") is None
    assert (await city.source.read(None)).items == ()


async def test_deleted_there_is_written_again(city: City) -> None:
    """The owner decides whether an event is told: deleted by a reader, its next revision stands there again."""
    receipt = await city.write(workshop())
    city.delete(receipt.target_id)
    assert "Repair" in city.text(await city.write(workshop(2), receipt))


async def test_event_that_is_there_already(city: City) -> None:
    """An entry of the same UID under another name is the target's own: ours is refused for good, by the rule's name."""
    city.put("ihrer", COURSE)
    same = workshop().model_copy(update={"same_as": ("urn:ical-uid:kurs-4711@stadt.example",)})
    with pytest.raises(TargetRefusedError, match="no-uid-conflict"):
        await city.target.write(same, None, "1")


async def test_name_taken_by_somebody_else(city: City) -> None:
    """An entry that is not ours is never written over."""
    receipt = await city.write(workshop())
    city.delete(receipt.target_id)
    city.put(receipt.target_id.rpartition("/")[2].removesuffix(".ics"), COURSE)
    with pytest.raises(TargetRefusedError, match="somebody else"):
        await city.target.write(workshop(2), None, "2")


async def test_event_without_dates(city: City) -> None:
    """A calendar has no place for an event without dates: refused, and an entry from before is taken out."""
    open_dates = workshop(2).model_copy(update={"sessions": ()})
    with pytest.raises(TargetRefusedError, match="at least one date"):
        await city.target.write(open_dates, None, "2")
    receipt = await city.write(workshop())
    assert await city.target.write(open_dates, receipt, "2") is None
    assert (await city.source.read(None)).items == ()


async def test_wrong_password(caldav_server: CalDavServer, hub_settings: Settings) -> None:
    """A refused login is an error of the world that names user and secret and shows neither."""
    (hub_settings.secrets / "caldav-stadt").write_text("falsch")
    told = agreement("caldav", url=f"{caldav_server.url}/{USER}/", user=USER)
    with pytest.raises(PermissionError, match="secret") as refused:
        await MANIFEST.open("pull", told, hub_settings).read(None)
    assert "falsch" not in str(refused.value)
