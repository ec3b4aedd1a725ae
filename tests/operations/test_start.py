import subprocess
import sys

PROGRAM = """
import signal
from services.operations.start import loading
{before}
with loading():
    signal.raise_signal(signal.SIGINT)
print("loaded")
signal.raise_signal(signal.SIGINT)
"""
IGNORED = "signal.signal(signal.SIGINT, signal.SIG_IGN)"


def _run(before: str) -> "subprocess.CompletedProcess[str]":
    words = [sys.executable, "-c", PROGRAM.format(before=before)]
    return subprocess.run(words, capture_output=True, text=True, check=False)  # noqa: S603 - our own text


def test_ctrl_c_while_loading() -> None:
    """While modules are imported Ctrl-C ends the program at once, as shells expect it, and shows nothing."""
    done = _run("")
    assert (done.returncode, done.stdout, done.stderr) == (130, "", "")


def test_ignored_ctrl_c_stays_ignored() -> None:
    """A program that was started deaf to Ctrl-C, as in a script's background, stays so."""
    done = _run(IGNORED)
    assert (done.returncode, done.stdout, done.stderr) == (0, "loaded\n", "")
