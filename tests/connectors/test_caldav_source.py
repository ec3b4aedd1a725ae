"""Reading a calendar that behaves badly: nothing false is concluded, and what is right is found all the same."""

import json
from collections.abc import Iterator
from contextlib import contextmanager

import httpx
import pytest

from flows.connector import Reading, SourceUnusableError
from flows.connectors.caldav import exchange
from flows.connectors.caldav.access import Access
from flows.connectors.caldav.source import CalDavSource
from flows.icalendar.context import Context
from tests.connectors.scripted import CALENDAR, Said, Shelf, gone, itself, multistatus, serving

CITY = Context("stadt", "Stadt am Fluss")
LOGIN_PAGE = Said(200, "<!DOCTYPE html><html><body>Bitte anmelden</body></html>", "text/html")


def entry(number: int, title: str = "Kurs") -> str:
    """Make a resource."""
    return (
        f"BEGIN:VCALENDAR\nVERSION:2.0\nPRODID:t\nBEGIN:VEVENT\nUID:{number}\nSUMMARY:{title}\n"
        f"DTSTART:20261212T17000{number % 10}Z\nEND:VEVENT\nEND:VCALENDAR\n"
    )


def shelf(count: int = 3) -> Shelf:
    """Make a calendar with some entries."""
    made = Shelf()
    for number in range(count):
        made.put(f"{number}.ics", entry(number))
    return made


@contextmanager
def source(of: Shelf) -> Iterator[CalDavSource]:
    """Read a scripted calendar, without waiting long."""
    with serving(of) as url:
        yield CalDavSource(Access(url, patience=0.001), CITY)


def names(reading: Reading) -> list[str]:
    """Name the resources that were read."""
    return sorted(item.source_id.removeprefix(CALENDAR) for item in reading.items)


async def test_everything_then_changes() -> None:
    """The first look brings all; the next only what changed, and what is gone."""
    of = shelf()
    with source(of) as reads:
        first = await reads.read(None)
        assert (first.complete, names(first)) == (True, ["0.ics", "1.ics", "2.ics"])
        second = await reads.read(first.cursor)
        assert (second.complete, second.items, second.gone) == (False, (), ())
        of.put("1.ics", entry(1, "neu"))
        of.put("2.ics", None)
        of.put("3.ics", entry(3))
        third = await reads.read(second.cursor)
        assert (third.complete, names(third), third.gone) == (False, ["1.ics", "3.ics"], (f"{CALENDAR}2.ics",))
        assert (await reads.read(third.cursor)).items == ()


async def test_many_entries_come_in_batches() -> None:
    """More entries than one request may ask for all arrive."""
    with source(shelf(120)) as reads:
        assert len((await reads.read(None)).items) == 120


@pytest.mark.parametrize(
    ("word", "answer"),
    [
        ("sync-collection", LOGIN_PAGE),
        ("sync-collection", Said(207, LOGIN_PAGE.body, "text/html")),
        ("sync-collection", Said(207, '<?xml version="1.0"?><D:multistatus xmlns:D="DAV:"><D:respon')),
        ("sync-collection", Said(207, '<?xml version="1.0"?><x/>')),
        ("sync-collection", Said(207, "")),
        ("sync-collection", Said(207, '<!DOCTYPE x [<!ENTITY a "b">]><x>&a;</x>')),
        ("sync-collection", multistatus()),
        ("PROPFIND", LOGIN_PAGE),
        ("PROPFIND", Said(403)),
        ("PROPFIND", multistatus()),
    ],
    ids=[
        "page",
        "page as 207",
        "cut off",
        "other XML",
        "empty",
        "entities",
        "no token",
        "login",
        "forbidden",
        "nothing",
    ],
)
async def test_answer_that_cannot_be_trusted(word: str, answer: Said) -> None:
    """A page, a cut-off or empty list is an error of the run, the first time and later."""
    of = shelf()
    with source(of) as reads:
        cursor = (await reads.read(None)).cursor
        of.bent[word] = lambda _: answer
        for known in (None, cursor):
            with pytest.raises(SourceUnusableError, match="expected"):
                await reads.read(known)


async def test_emptied_calendar_is_doubted() -> None:
    """A calendar that was full and is empty without telling of deletions is an error, not a deletion."""
    of = shelf()
    with source(of) as reads:
        cursor = (await reads.read(None)).cursor
        of.held.clear()
        of.bent["sync-token>3"] = lambda _: Said(403, '<error xmlns="DAV:"><valid-sync-token/></error>')
        with pytest.raises(SourceUnusableError, match="empty calendar"):
            await reads.read(cursor)


@pytest.mark.parametrize("status", [400, 403, 409, 410, 412])
async def test_forgotten_token(status: int) -> None:
    """A token the server does not know leads to a full look."""
    of = shelf()
    with source(of) as reads:
        cursor = (await reads.read(None)).cursor
        of.bent["sync-token>3"] = lambda _: Said(status, '<error xmlns="DAV:"><valid-sync-token/></error>')
        reading = await reads.read(cursor)
        assert (reading.complete, len(reading.items)) == (True, 3)


async def test_server_without_tokens() -> None:
    """Without sync reports ETags tell what changed and what is gone."""
    of = shelf()
    of.bent["sync-collection"] = lambda _: Said(501)
    with source(of) as reads:
        first = await reads.read(None)
        assert (first.complete, len(first.items)) == (True, 3)
        of.put("1.ics", entry(1, "neu"))
        of.put("2.ics", None)
        second = await reads.read(first.cursor)
        assert (second.complete, names(second), second.gone) == (False, ["1.ics"], (f"{CALENDAR}2.ics",))
        of.held.clear()
        with pytest.raises(SourceUnusableError, match="empty calendar"):
            await reads.read(second.cursor)


async def test_shrunken_list_deletes_nothing() -> None:
    """A list that leaves entries out deletes none of them: each is asked for, and is still there."""
    of = shelf()
    of.bent["sync-collection"] = lambda _: Said(501)
    with source(of) as reads:
        first = await reads.read(None)
        of.bent["PROPFIND"] = lambda _: multistatus(itself(), of.entry("0.ics"))
        second = await reads.read(first.cursor)
        assert second.gone == ()


async def test_whole_list_that_lacks_an_entry() -> None:
    """What a list of everything lacks is asked for by itself: it is absent only where the server says that it is gone.

    And it stays known: deleted later, it is told as gone.
    """
    of = shelf(7)
    with source(of) as reads:
        cursor = (await reads.read(None)).cursor
        of.put("6.ics", None)
        of.bent["sync-token>7"] = lambda _: Said(403, '<error xmlns="DAV:"><valid-sync-token/></error>')
        listed = [of.entry(f"{number}.ics") for number in range(1, 6)]
        of.bent["<D:sync-token></"] = lambda _: multistatus(*listed, "<D:sync-token>8</D:sync-token>")
        reading = await reads.read(cursor)
        assert (reading.complete, names(reading)) == (True, [f"{number}.ics" for number in range(6)])
        of.put("0.ics", None)
        assert (await reads.read(reading.cursor)).gone == (f"{CALENDAR}0.ics",)


async def test_entry_called_gone_that_is_there() -> None:
    """What a sync report calls gone is asked for once more; what answers is alive."""
    of = shelf()
    with source(of) as reads:
        cursor = (await reads.read(None)).cursor
        of.bent["sync-collection"] = lambda _: multistatus(gone("0.ics"), "<D:sync-token>9</D:sync-token>")
        reading = await reads.read(cursor)
        assert (names(reading), reading.gone) == (["0.ics"], ())


async def test_long_report_comes_in_pages() -> None:
    """A report that the server cuts (507) is asked for until its end; one that never ends is an error."""
    of = shelf(4)
    cut = f"<D:response><D:href>{CALENDAR}</D:href><D:status>HTTP/1.1 507 Insufficient Storage</D:status></D:response>"
    pages = {
        "sync-token></": multistatus(of.entry("0.ics"), of.entry("1.ics"), cut, "<D:sync-token>a</D:sync-token>"),
        "sync-token>a<": multistatus(of.entry("2.ics"), cut, "<D:sync-token>b</D:sync-token>"),
        "sync-token>b<": multistatus(of.entry("3.ics"), "<D:sync-token>4</D:sync-token>"),
    }
    of.bent |= {word: (lambda _, page=page: page) for word, page in pages.items()}
    with source(of) as reads:
        assert len((await reads.read(None)).items) == 4
        of.bent["sync-token>b<"] = lambda _: multistatus(cut, "<D:sync-token>b</D:sync-token>")
        with pytest.raises(SourceUnusableError, match="end"):
            await reads.read(None)


async def test_part_of_a_batch() -> None:
    """What a batch leaves out, or cannot say in XML, is fetched by itself."""
    of = shelf()
    for answer in (multistatus(of.entry("0.ics", data=True)), Said(207, "<D:multistatus\x0b"), Said(500 + 1)):
        of.bent["calendar-multiget"] = lambda _, answer=answer: answer
        with source(of) as reads:
            assert names(await reads.read(None)) == ["0.ics", "1.ics", "2.ics"]


async def test_one_entry_that_cannot_be_fetched() -> None:
    """One entry that fails is named, stops nobody, and is asked for again the next time."""
    of = shelf()
    of.bent["calendar-multiget"] = lambda _: multistatus(of.entry("0.ics", data=True), of.entry("2.ics", data=True))
    of.bent["GET /kalender/1.ics"] = lambda _: Said(500)
    with source(of) as reads:
        first = await reads.read(None)
        assert (names(first), first.unreadable) == (["0.ics", "2.ics"], (f"{CALENDAR}1.ics",))
        of.bent.clear()
        assert names(await reads.read(first.cursor)) == ["1.ics"]


async def test_entry_that_is_cut_off() -> None:
    """An entry without its end, as from a connection that broke unnoticed, is read again, and not refused for good."""
    of = shelf()
    whole = of.held["1.ics"]
    with source(of) as reads:
        of.bent["multiget"] = lambda _: Said(207, "<cut")
        of.bent["GET /kalender/1.ics"] = lambda _: Said(200, whole[:60], "text/calendar", {"etag": of.etag("1.ics")})
        reading = await reads.read(None)
        assert (names(reading), reading.unreadable) == (["0.ics", "2.ics"], (f"{CALENDAR}1.ics",))
        of.bent.clear()
        assert names(await reads.read(reading.cursor)) == ["1.ics"]


async def test_all_entries_failing_is_the_server() -> None:
    """Where every entry answers with a page, the run fails."""
    of = shelf()
    of.bent["calendar-multiget"] = lambda _: LOGIN_PAGE
    of.bent["GET"] = lambda _: LOGIN_PAGE
    with source(of) as reads, pytest.raises(SourceUnusableError, match="none that can be read"):
        await reads.read(None)


async def test_busy_server_is_asked_again() -> None:
    """429 and 503 are waited out as the server asks; one that stays busy can be reached another time."""
    of, refusals = shelf(), iter([Said(503), Said(429, headers={"retry-after": "2"})])
    of.bent["sync-collection"] = lambda _: next(refusals, None) or of.sync("")
    with source(of) as reads:
        assert len((await reads.read(None)).items) == 3
        of.bent["sync-collection"] = lambda _: Said(503)
        with pytest.raises(ConnectionError, match="503"):
            await reads.read(None)


async def test_nobody_there() -> None:
    """A server that cannot be reached is an error of the world."""
    with pytest.raises(ConnectionError, match="cannot be reached"):
        await CalDavSource(Access("http://127.0.0.1:9/kalender/", patience=0.001), CITY).read(None)


def test_certificates_are_read_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each pull opens a connection of its own; the authorities it trusts are not read again for it."""
    read, read_them = [], httpx.create_ssl_context
    monkeypatch.setattr(httpx, "create_ssl_context", lambda **how: read.append(how) or read_them(**how))
    exchange._certificates.cache_clear()  # noqa: SLF001 - others have read them
    for host in ("a", "b"):
        exchange.Exchange(f"https://{host}.example/", None)
    assert len(read) == 1


async def test_everything_is_read_again_each_day() -> None:
    """What a server left out of its answer to a token, and a month that began, are found a day later at the latest."""
    with source(shelf()) as reads:
        first = await reads.read(None)
        state = {**json.loads(first.cursor or ""), "day": "2000-01-01"}
        again = await reads.read(json.dumps(state))
        assert (again.complete, len(again.items)) == (True, 3)
        assert again.cursor == first.cursor


@pytest.mark.parametrize("cursor", ["", "{", "[]", '{"token": 1}', "null"])
async def test_cursor_of_somebody_else_begins_anew(cursor: str) -> None:
    """A cursor that is none of ours is none."""
    with source(shelf()) as reads:
        assert (await reads.read(cursor)).complete


@pytest.mark.parametrize("url", ["ftp://stadt.example/", "stadt.example", "https://user:geheim@stadt.example/"])
async def test_address_that_is_none(url: str) -> None:
    """An address that cannot be asked is named as such, without what it holds."""
    with pytest.raises(ValueError, match="expected https://host/path") as refused:
        await CalDavSource(Access(url), CITY).read(None)
    assert "geheim" not in str(refused.value)
