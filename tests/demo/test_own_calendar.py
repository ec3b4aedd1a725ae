"""The user's own calendar in the demo: read before anything starts, and told with what became of each entry."""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import httpx
import pytest

from contracts.dead_letter import entry_of
from deploy.demo import fetching, joining
from deploy.demo.becoming import Became
from deploy.demo.fetching import fetch
from deploy.demo.guests import GuestCalendarError, Guests, read

HUB = str(Path(sys.executable).with_name("hub"))


def event(uid: str, *more: str) -> str:
    """One entry; without an UID where there is none."""
    named = [f"UID:{uid}"] if uid else []
    return "\r\n".join(
        ["BEGIN:VEVENT", *named, f"SUMMARY:Kurs {uid}", "DTSTART:20270101T100000Z", *more, "END:VEVENT", ""]
    )


def calendar(*events: str) -> bytes:
    """A calendar of these."""
    return "".join(["BEGIN:VCALENDAR\r\nVERSION:2.0\r\n", *events, "END:VCALENDAR\r\n"]).encode()


def test_a_calendar_is_taken_apart_by_uid() -> None:
    """An entry and its changes are one guest; private, cancelled and nameless ones are known."""
    moved = event("a", "RECURRENCE-ID:20270108T100000Z", "CLASS:PRIVATE")
    guests = read(
        calendar(event("a"), moved, event("b", "CLASS:confidential"), event("c", "STATUS:CANCELLED"), event(""))
    )
    assert [(each.uid, each.private, each.cancelled) for each in guests.entries] == [
        ("a", False, False),
        ("b", True, False),
        ("c", False, True),
    ]
    assert guests.entries[0].text.count("BEGIN:VEVENT") == 2
    assert (guests.nameless, len(guests)) == (1, 4)


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "it is empty"),
        (b"  \r\n<!DOCTYPE html><html>", "came a web page: name the calendar's iCal"),
        (b"PK\x03\x04", "came something else: export the calendar as .ics"),
        (calendar(), "at least one event"),
        (calendar(event("a"))[:-20], "breaks off"),
        (b"BEGIN:VCALENDAR\r\nnonsense\r\nEND:VCALENDAR\r\n", "cannot be read"),
    ],
)
def test_what_is_no_calendar_is_refused(data: bytes, words: str) -> None:
    """The sentence says what was expected, what came and what to do."""
    with pytest.raises(GuestCalendarError, match=words) as refused:
        read(data)
    assert str(refused.value).startswith("expected ")


def test_a_calendar_with_a_byte_order_mark_is_one() -> None:
    """Some programs begin their files so."""
    assert len(read(b"\xef\xbb\xbf" + calendar(event("a")))) == 1


def test_files_that_cannot_be_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A missing file, a folder and a file too large are refused with the path and the reason."""
    for path, words in (
        (tmp_path / "none.ics", "no such file"),
        (tmp_path, "is none: name the .ics file"),
        ("a\0", "Check"),
    ):
        with pytest.raises(GuestCalendarError, match=words):
            fetch(str(path))
    (tmp_path / "large.ics").write_bytes(calendar(event("a")))
    monkeypatch.setattr(fetching, "MAX_BYTES", 10)
    with pytest.raises(GuestCalendarError, match="is larger"):
        fetch(str(tmp_path / "large.ics"))


REACHED = threading.Event()


class Answers(BaseHTTPRequestHandler):
    """Gives a calendar, except where the path says otherwise; an endless one never stops, a silent one says nothing."""

    def do_GET(self) -> None:
        """Answer."""
        wanted = self.path.strip("/").partition("?")[0]
        self.send_response(int(wanted) if wanted.isdigit() else 200)
        self.end_headers()
        if "silent" in self.path:
            REACHED.set()
            threading.Event().wait(20)
        with suppress(OSError):  # who asked has had enough
            while self.wfile.write(calendar(event("a"))) and "endless" in self.path:
                pass

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture
def address() -> Iterator[str]:
    """Where `Answers` listens."""
    with ThreadingHTTPServer(("127.0.0.1", 0), Answers) as server:
        server.daemon_threads, server.block_on_close = True, False
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"//127.0.0.1:{server.server_port}"
        server.shutdown()


def test_a_calendar_from_the_web(address: str) -> None:
    """An address that answers with a calendar is read."""
    assert len(read(fetch(f"http:{address}/mine.ics"))) == 1


@pytest.mark.parametrize(
    ("path", "words"),
    [
        ("http:{0}/404", "came 404 Not Found: check the address"),
        ("http:{0}/401?token=secret", "it must be open without a login"),
        ("http:{0}/endless", "is larger"),
        ("http://127.0.0.1:1/secret.ics", "no answer"),
        ("ftp:{0}/x.ics", "came ftp://"),
        ("http://[secret", "no answer"),
    ],
)
def test_addresses_that_give_no_calendar(address: str, path: str, words: str) -> None:
    """Each is refused with what came and what to do; the address, which may hold a token, is not repeated."""
    with pytest.raises(GuestCalendarError, match=words) as refused:
        fetch(path.format(address))
    assert "secret" not in str(refused.value)


def test_a_bad_calendar_is_refused_before_anything_starts(tmp_path: Path) -> None:
    """The command ends at once, with 2 and the sentence alone, and has made nothing."""
    began = time.monotonic()
    done = subprocess.run(  # noqa: S603 - our own command
        [HUB, "demo", "--calendar", "/nowhere/mine.ics"],
        env={**os.environ, "TMPDIR": str(tmp_path)},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith(
        "hub: expected a calendar file that can be read at /nowhere/mine.ics, came: no such file"
    )
    assert list(tmp_path.iterdir()) == []
    assert time.monotonic() - began < 10


def test_ctrl_c_while_the_calendar_is_fetched(address: str, tmp_path: Path) -> None:
    """Who does not want to wait for a server that says nothing gets the same as later: an end, and nothing left."""
    command = [HUB, "demo", "--calendar", f"http:{address}/silent"]
    demo = subprocess.Popen(  # noqa: S603 - our own command
        command, env={**os.environ, "TMPDIR": str(tmp_path)}, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    assert REACHED.wait(30)
    demo.send_signal(signal.SIGINT)
    told, complaints = demo.communicate(timeout=15)
    assert (demo.returncode, told, complaints) == (130, "", "stopped; nothing is left behind\n")
    assert list(tmp_path.iterdir()) == []


GUESTS = read(
    calendar(
        event("good"), event("bad"), event("part"), event("mine", "CLASS:PRIVATE"), event("off", "STATUS:CANCELLED"),
        event("clash"), event("lost"), event(""),
    )
)  # fmt: skip


def test_each_entry_is_counted_once_with_its_reason() -> None:
    """Read, taken, refused and why, left out because private; what is rarer only where it is."""
    became = Became(GUESTS, {"clash": "409 Conflict"}, {"bad": ["DTEND: early"], "part": ["a date"]}, {"good", "part"})
    assert list(became.lines()) == [
        "8 entries read",
        "2 entries taken: now in the NGO's folder",
        "2 entries refused, whole or in part; operators see it in hub deadletter list",
        "  Kurs bad: DTEND: early",
        "  Kurs part: a date",
        "1 entry left out: marked CLASS:PRIVATE or CONFIDENTIAL",
        "1 entry left out: cancelled before anybody had heard of them",
        "1 entry left out: without a UID, by which an entry is recognised",
        "1 entry not seen (yet): hub status and the Prefect UI tell what the hub does",
        "1 entry turned away by the city's calendar server itself",
        "  Kurs clash: 409 Conflict",
    ]
    assert [each.uid for each in became.unseen()] == ["lost"]


def test_nothing_of_a_private_entry_is_printed() -> None:
    """Not even its title."""
    assert "Kurs mine" not in str(list(Became(GUESTS, {}, {}, set()).lines()))


class Hub:
    """Stands for the ``hub`` command: dead letters and what waits, look by look; counts what is asked."""

    def __init__(self, letters: list[list[str]], waiting: list[int]) -> None:
        """Take what to answer; the last answer stays."""
        self.letters, self.waiting, self.asked = letters, waiting, list[str]()

    def lines(self, *words: str) -> list[str]:
        """Take a command that is not read."""
        self.asked.append(" ".join(words))
        return []

    def rows(self, *words: str) -> list[dict[str, Any]]:
        """Answer."""
        self.asked.append(words[0])
        if words[0] == "deadletter":
            told = self.letters.pop(0) if len(self.letters) > 1 else self.letters[0]
            return [{"id": each, "rule": "refused", "place": "DTEND", "expected": "expected an end"} for each in told]
        waits = self.waiting.pop(0) if len(self.waiting) > 1 else self.waiting[0]
        steps = [step.split(maxsplit=1) for step in joining._STEPS]  # noqa: SLF001 - the hub has them all
        return [{"partner": partner, "direction": direction, "waiting": waits} for partner, direction in steps]


class Clerk:
    """Takes entries and puts those it is told to into the NGO's folder at once, as the hub would do later."""

    def __init__(self, folder: Path, arriving: set[str]) -> None:
        """Take the folder and the UIDs."""
        self.folder, self.arriving = folder, arriving

    def path(self, name: str) -> str:
        """As `deploy.demo.clerk.Clerk.path`."""
        return f"/city/{name}.ics"

    def put(self, name: str, text: str) -> None:
        """As `deploy.demo.clerk.Clerk.put`; a clash is turned away."""
        if "UID:clash" in text:
            request = httpx.Request("PUT", "http://city")
            raise httpx.HTTPStatusError("", request=request, response=httpx.Response(409, request=request))
        if any(f"UID:{uid}\r" in text for uid in self.arriving):
            (self.folder / f"{name}.ics").write_text(text)


Play = Callable[[Guests, Hub, set[str]], list[str]]


@pytest.fixture
def play(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Play:
    """Let guests join a hub; nobody sleeps."""
    monkeypatch.setattr(joining.time, "sleep", lambda _: None)
    (tmp_path / "out").mkdir()

    def played(guests: Guests, hub: Hub, arriving: set[str]) -> list[str]:
        clerk = Clerk(tmp_path / "out", arriving)
        world: Any = SimpleNamespace(ngo=tmp_path, hub=hub, city=SimpleNamespace(clerk=clerk))
        return joining.join(guests, world)

    return played


def test_who_waits_waits_for_the_entries_themselves(play: Play) -> None:
    """It ends with the look that has seen the last entry; dead letters of the story are not the user's."""
    refused = f"{entry_of('/city/guest-2.ics')}@1/0/0"
    hub = Hub([["story/0/0"], ["story/0/0"], ["story/0/0", refused]], [1])
    lines = play(read(calendar(event("good"), event("bad"))), hub, {"good"})
    assert lines[1:] == [
        "1 entry taken: now in the NGO's folder",
        "1 entry refused, whole or in part; operators see it in hub deadletter list",
        "  Kurs bad: refused at DTEND: expected an end",
        "0 entries left out: marked CLASS:PRIVATE or CONFIDENTIAL",
    ]
    assert hub.asked == ["deadletter", "pull stadt-gelsenkirchen", "deadletter", "status", "deadletter"]


def test_an_entry_that_never_shows_is_given_up_when_the_hub_rests(play: Play) -> None:
    """Nothing on its way, seen twice in a row: nothing more comes, and the entry is told as not seen."""
    hub = Hub([[]], [0, 3, 0, 0])
    lines = play(read(calendar(event("lost"))), hub, set())
    assert "1 entry not seen (yet)" in lines[-1]
    assert hub.asked.count("status") == 4


def test_a_private_entry_that_was_told_is_an_error(play: Play) -> None:
    """The demo does not pass over it."""
    with pytest.raises(joining.PrivateEntryToldError, match="1 lie"):
        play(read(calendar(event("mine", "CLASS:PRIVATE"))), Hub([[]], [0]), {"mine"})
