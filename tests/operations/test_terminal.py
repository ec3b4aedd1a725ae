"""What a terminal and a pipe are told: nothing that steers where NO_COLOR asks for it, no noise where nobody reads."""

import io
import os
import pty
import subprocess
import sys
from collections.abc import Mapping
from types import SimpleNamespace

import pytest

from services.operations import tables
from services.operations.start import UNREAD
from services.operations.terminal import watched
from tests.operations.worlds import ROOT

HUB = "import sys; from services.operations import hub; sys.argv[0] = 'hub'; hub.main()"
TABLE = "from services.operations.tables import *; show([{'state': 'away'}], ['state'], Output.TABLE, empty='')"
PROGRESS = """
from services.operations.watching import counting_up
with counting_up("facts folded") as count: count(7)
"""
STORY = """
from deploy.demo.teller import Teller
teller = Teller()
teller.happened("The city moves a course.")
teller.seen("the NGO's folder", ["moved"])
teller.progress("kafka is ready")
"""
LOG = """
from pathlib import Path
import structlog
from services.runtime import logging_setup
from services.runtime.settings import Settings
logging_setup.configure(Settings(agreements=Path(), secrets=Path(), log_format="console"), "hub pull")
structlog.get_logger("flows").warning("run_failed")
"""
FLOOD = """
import sys, typer
from services.operations import hub
def flood():
    for number in range(100_000): typer.echo(f"line {number}")
hub.OWN = {"flood": "__main__:flood"}
sys.argv = ["hub", "flood"]
hub.main()
"""


def environment(more: Mapping[str, str]) -> dict[str, str]:
    """The present one without what turns colours on or off, and more."""
    deciding = ("NO_COLOR", "FORCE_COLOR", "PY_COLORS", "GITHUB_ACTIONS", "TERM")
    return {
        **{k: v for k, v in os.environ.items() if k not in deciding},
        "TERM": "xterm",
        "HUB_DATA": "/nowhere",
        **more,
    }


def on_terminal(program: str, *words: str, **more: str) -> str:
    """Run a program before a terminal of its own and return all that it wrote there."""
    ours, its = pty.openpty()
    command = [sys.executable, "-c", program, *words]
    child = subprocess.Popen(command, stdin=its, stdout=its, stderr=its, cwd=ROOT, env=environment(more))  # noqa: S603 - our own program
    os.close(its)
    told = bytearray()
    try:
        while part := os.read(ours, 65_536):
            told += part
    except OSError:  # the other end is closed: Linux says so by an error
        pass
    finally:
        os.close(ours)
        child.wait()
    return told.decode()


@pytest.mark.parametrize(
    ("program", "words"),
    [
        (HUB, ["--help"]),
        (HUB, ["deadletter", "list", "--help"]),
        (HUB, ["up", "--help"]),
        (HUB, ["stream", "--wrong"]),
        (HUB, ["fly"]),
        (TABLE, []),
        (PROGRESS, []),
        (STORY, []),
        (LOG, []),
    ],
    ids=[
        "help",
        "help of a command",
        "help of another package's",
        "an option",
        "a command",
        "table",
        "progress",
        "demo",
        "log",
    ],
)
def test_no_color_leaves_text_alone(program: str, words: list[str]) -> None:
    """Before a terminal each of these is coloured, bold or moves; with NO_COLOR not one escape sequence is written."""
    assert "\x1b[" in on_terminal(program, *words)
    assert "\x1b" not in on_terminal(program, *words, NO_COLOR="1")


def test_no_color_still_says_it() -> None:
    """Without styles the same words are there."""
    assert "away" in on_terminal(TABLE, NO_COLOR="1")
    assert "No such option: --wrong" in on_terminal(HUB, "stream", "--wrong", NO_COLOR="1")


@pytest.mark.parametrize(("out", "err"), [(True, True), (True, False), (False, True), (False, False)])
def test_who_watches_has_a_terminal_on_both_outputs(monkeypatch: pytest.MonkeyPatch, *, out: bool, err: bool) -> None:
    """Where one of the two goes into a pipe or a file, only results are told."""
    monkeypatch.setattr(sys, "stdout", SimpleNamespace(isatty=lambda: out))
    monkeypatch.setattr(sys, "stderr", SimpleNamespace(isatty=lambda: err))
    assert watched() is (out and err)


def test_who_is_not_read_to_the_end_ends_quietly() -> None:
    """As with head: no word on the other output, and not the code of a problem found."""
    command = [sys.executable, "-c", FLOOD]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=ROOT) as child:  # noqa: S603 - see above
        assert child.stdout
        assert child.stderr
        assert child.stdout.readline() == b"line 0\n"
        child.stdout.close()
        assert child.stderr.read() == b""
    assert child.returncode == UNREAD == 141


def test_no_cell_is_cut_on_a_narrow_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is to be copied, such as an id, stands there whole, if need be on several lines."""
    monkeypatch.setenv("COLUMNS", "40")
    monkeypatch.setenv("NO_COLOR", "1")
    told = io.StringIO()
    told.isatty = lambda: True  # type: ignore[method-assign]
    monkeypatch.setattr(sys, "stdout", told)
    name = "partner.universitaet-wuppertal.inbox/0/12345"
    tables.show([{"id": name, "partner": "universitaet-wuppertal"}], ["partner", "id"], tables.Output.TABLE, empty="")
    assert "…" not in told.getvalue()
    assert "ID" in told.getvalue()
    assert len("".join(told.getvalue().split())) == len("PARTNERID" + name + "universitaet-wuppertal")
