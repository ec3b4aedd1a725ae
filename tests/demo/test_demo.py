"""The demo as a user plays it: ``hub demo`` in a process of its own, its temporary folder watched."""

import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import chain
from pathlib import Path

import psutil
import pytest

from deploy.demo.club import PARTNER
from deploy.demo.places import ASKING
from deploy.few import FEW

pytestmark = pytest.mark.demo
BALANCE = re.compile(r"^ *([a-z]+(?:-[a-z]+)*)(?: +\d+){7} +(\S+)$", re.MULTILINE)
"""A row of ``hub balance``: the partner and, last, its difference, ``-`` where that cannot be told."""

HUB = str(Path(sys.executable).with_name("hub"))


@pytest.fixture
def folder() -> Iterator[Path]:
    """Where the demo may put things; other system users can walk to it.

    Not below pytest's folders: every pytest that starts closes them for others.
    """
    with tempfile.TemporaryDirectory(prefix="hub-test-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        folder.chmod(0o755)
        yield folder
        for process in _left(folder):
            process.kill()


def _play(folder: Path, *words: str) -> "subprocess.Popen[str]":
    environment = {**os.environ, "TMPDIR": str(folder)}
    return subprocess.Popen(  # noqa: S603 - our own command
        [HUB, "demo", *words], env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )


def _left(folder: Path) -> list[psutil.Process]:
    """Processes that still name the folder in their command or work in it."""
    found = []
    for process in psutil.process_iter(["cmdline", "cwd"]):
        words = [*(process.info["cmdline"] or []), process.info["cwd"] or ""]
        if any(str(folder) in word for word in words):
            found.append(process)
    return found


def _check_nothing_is_left(folder: Path) -> None:
    assert [process.cmdline() for process in _left(folder)] == []
    assert list(folder.iterdir()) == []


def test_the_story_is_told_from_the_systems_and_leaves_nothing_behind(folder: Path) -> None:
    """Every scene shows where it should, the balance closes, a pipe gets no colour, and nothing stays."""
    told, complaints = (demo := _play(folder)).communicate(timeout=300)
    assert demo.returncode == 0, complaints
    assert complaints == ""
    assert "\x1b" not in told
    for expected in (
        r"the NGO's folder: Deutsch am Abend: Tue .* 18:00 \(UTC\+0\d00\), Tue .* 18:00 \(UTC\+0\d00\), Wed .* 18:00",
        r"the city's calendar: Lastenrad selbst bauen: ",
        r"the city's calendar: Citizen-Science-Abend: ",
        r"the NGO's folder: Digital-Sprechstunde \(cancelled\): ",
        r"the NGO's folder: Stadtspaziergang Ückendorf: no file any more",
        r"stadt-gelsenkirchen: source-item-refused at .*DTEND",
        r"universitaet-wuppertal: contact-personal at organiser.contact",
        r"the city's calendar: Sprechstunde Bürgerwissenschaft: ",
        r"the university's outbox: 1 cancelled, 7 published, 1 rejected, 1 withdrawn",
        r"by HTTP: 2 associated\n",
        r"the club's table: Zeile 2: abgelehnt: erwartet: ein Tag, den es im Kalender gibt",
        r"the club's table: Zeile 2: Warteliste: ",
        r"the club's table: Zeile 2: Platz: ",
        r"by HTTP: 1 cancelled, 2 associated\n",
        r"hub rebuild enrolments --check: .* folded: 0 of \d+ objects differ",
        r"the analysts' stream: universitaet-wuppertal: \S+dataset.published.v1 Lärmkarte Ückendorf",
        r"the analysts' stream: universitaet-wuppertal: \S+study.opened.v1 Wie klingt die Stadt\?",
        r"universitaet-wuppertal +7 +7 +0 +0 +0 +0 +0 +0\n",
        r"stadt-gelsenkirchen +9 +9 +0 +0 +0 +0 +0 +0\n",
        r"Prefect: stadt-gelsenkirchen pull 20.* UTC: \d read, \d new\n",
        r"Prefect: stadt-gelsenkirchen pull 20.* UTC: .*1 changed",
        r"Prefect: stadt-gelsenkirchen pull 20.* UTC: 1 withdrawn\n",
        r"Prefect: stadt-gelsenkirchen pull 20.* UTC: 1 read, 1 refused\n",
        r"Prefect: stadt-gelsenkirchen push 20.* UTC: 1 read, 1 written\n",
        r"Prefect: lernwerkstatt-rotthausen push 20.* UTC: .*1 removed\n",
        r"Prefect: coming: \S+ pull 20\S+ \S+ UTC, \S+ pull 20\S+ \S+ UTC\n",
        r"\$ \S*hub demo --keep\n$",
    ):
        assert re.search(expected, told), f"expected {expected!r} in:\n{told}"
    assert dict(BALANCE.findall(told)) == dict.fromkeys((*FEW, PARTNER), "0")
    assert [name for name in ("erika.mustermann", *ASKING) if name in told] == []
    _check_nothing_is_left(folder)


@pytest.mark.parametrize("seconds", [0.5, 3, 8])
def test_ctrl_c_stops_everything_at_any_moment(folder: Path, seconds: float) -> None:
    """Interrupted while parts are made, started or running, the demo ends by itself and leaves nothing behind."""
    demo = _play(folder)
    time.sleep(seconds)
    demo.send_signal(signal.SIGINT)
    _, complaints = demo.communicate(timeout=60)
    assert demo.returncode == 130
    assert "Traceback" not in complaints
    _check_nothing_is_left(folder)


def test_what_is_kept_is_looked_at_and_ended_by_the_commands_printed(folder: Path) -> None:
    """``--keep`` leaves all running; each command it prints can be pasted as it is, and the last ones end all of it."""
    told, complaints = (demo := _play(folder, "--keep")).communicate(timeout=300)
    assert demo.returncode == 0, complaints
    kept = told.partition("Everything goes on")[2]
    commands = [line.strip().removeprefix("$ ") for line in kept.splitlines() if line.strip().startswith("$ ")]
    plain = {name: value for name, value in os.environ.items() if not name.startswith("HUB_")}
    answers = {
        command: subprocess.run(command, shell=True, env=plain, capture_output=True, text=True, check=False)  # noqa: S602 - as a user pastes it
        for command in commands
        if not command.startswith("curl") or shutil.which("curl")
    }
    codes = {command: done.returncode for command, done in answers.items()}
    assert codes == {command: int(command.endswith(" status")) for command in codes}  # dead letters need a hand
    said = "".join(done.stdout for done in answers.values())
    for expected in ("lastenrad.ics", "catalogue.csv", "DIFFERENCE", "source-item-refused", "stopped"):
        assert expected in said
    _check_nothing_is_left(folder)


def _event(uid: str, hours: int, *more: str) -> list[str]:
    start = datetime.now(UTC) + timedelta(days=30)
    times = (f"DTSTART:{start:%Y%m%dT%H%M%SZ}", f"DTEND:{start + timedelta(hours=hours):%Y%m%dT%H%M%SZ}")
    named = [f"UID:{uid}", "DTSTAMP:20260901T080000Z", "SUMMARY:Mein Kurs"]
    return ["BEGIN:VEVENT", *named, *times, *more, "END:VEVENT"]


def _calendar(*events: list[str]) -> str:
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//me//DE", *chain.from_iterable(events), "END:VCALENDAR", ""]
    return "\r\n".join(lines)


def test_the_users_own_calendar_joins(folder: Path, tmp_path: Path) -> None:
    """``--calendar`` puts a file's entries into the city's calendar and tells what became of each, of these alone."""
    own = tmp_path / "own.ics"
    own.write_text(_calendar(_event("mine", 2), _event("wrong", -2), _event("secret", 1, "CLASS:PRIVATE")))
    told, complaints = (demo := _play(folder, "--calendar", str(own))).communicate(timeout=300)
    assert demo.returncode == 0, complaints
    reason = "expected an end that is not before DTSTART; correct one of the two"
    assert re.findall(r"→ your calendar: (.*)", told) == [
        "3 entries read",
        "1 entry taken: now in the NGO's folder",
        "1 entry refused, whole or in part; operators see it in hub deadletter list",
        f"  Mein Kurs: source-item-refused at line 7, DTEND: {reason}",
        "1 entry left out: marked CLASS:PRIVATE or CONFIDENTIAL",
    ]
    _check_nothing_is_left(folder)
