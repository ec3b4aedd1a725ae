import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from deploy import commands, ports
from deploy.ports import PORTS
from deploy.readiness import wait_until
from deploy.stack import Stack

pytestmark = pytest.mark.real

Living = Callable[[Path], list[str]]
HUB = "import sys, typer; from deploy.commands import {0}; typer.run({0})"
# Signs of how far a start has come, in their order.
SIGNS = ("secrets/hub-admin", "kafka/1/server.properties", "postgres/formatted", "run/address", "logs/kafka.log")


@pytest.fixture
def data() -> Iterator[Path]:
    """A data folder whose hub has ports of its own.

    Not below pytest's: as root, PostgreSQL runs as another user, and every pytest that starts closes them for others.
    """
    with tempfile.TemporaryDirectory(prefix="hub-test-", ignore_cleanup_errors=True) as name:
        Path(name).chmod(0o711)
        folder = Path(name) / "data"
        folder.mkdir()
        numbers = zip(PORTS, ports.free(len(PORTS)), strict=True)
        (folder / "hub.toml").write_text("[ports]\n" + "".join(f"{name} = {port}\n" for name, port in numbers))
        yield folder


@pytest.fixture
def hub(data: Path) -> Iterator[Callable[..., subprocess.Popen[str]]]:
    """Start ``hub`` commands on the data folder; a hub that still runs at the end is stopped."""

    def start(command: str, *options: str) -> subprocess.Popen[str]:
        words = [sys.executable, "-c", HUB.format(command), "--data", str(data), *options]
        return subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)  # noqa: S603

    yield start
    start("down").communicate()


def nothing() -> None:
    """Say that nothing is known to have failed."""


def ended(starting: "subprocess.Popen[str]") -> str | None:
    """Return what a command said that ended by itself; None while it runs."""
    return None if starting.poll() is None else f"it ended with {starting.returncode}: {starting.communicate()[0]}"


@pytest.mark.parametrize(("sign", "number"), [*((sign, signal.SIGINT) for sign in SIGNS), (SIGNS[-1], signal.SIGTERM)])
def test_ctrl_c_during_the_start(
    data: Path,
    hub: Callable[..., subprocess.Popen[str]],
    living_processes: Living,
    sign: str,
    number: signal.Signals,
) -> None:
    """Whenever the start is interrupted, the command ends and no process of the stack is left."""
    starting = hub("up")
    wait_until((data / sign).exists, lambda: ended(starting), sign)
    starting.send_signal(number)
    told, _ = starting.communicate(timeout=60)
    assert "Traceback" not in told, told
    assert not living_processes(data), told


@pytest.mark.parametrize("sign", SIGNS)
def test_impatient_ctrl_c(
    data: Path, hub: Callable[..., subprocess.Popen[str]], living_processes: Living, sign: str
) -> None:
    """Who presses Ctrl-C until the command has ended gets the same: no process is left, no complaint is shown."""
    starting = hub("up")
    wait_until((data / sign).exists, lambda: ended(starting), sign)
    while starting.poll() is None:
        starting.send_signal(signal.SIGINT)
        time.sleep(0.02)
    told, _ = starting.communicate()
    assert not living_processes(data), told
    assert told == "stopped; the data stay\n"
    assert starting.returncode == 0
    assert "Traceback" not in told


def test_killed_starter_leaves_nothing(
    data: Path, hub: Callable[..., subprocess.Popen[str]], living_processes: Living
) -> None:
    """Also when the starter is killed outright, its parts stop."""
    starting = hub("up")
    wait_until((data / "logs" / "kafka.log").exists, lambda: ended(starting), "kafka's log")
    assert living_processes(data)
    starting.kill()
    starting.communicate()
    wait_until(lambda: not living_processes(data), nothing, "the end of the parts")
    assert not living_processes(data)


def test_port_taken(data: Path, hub: Callable[..., subprocess.Popen[str]], living_processes: Living) -> None:
    """A taken port ends the start with an error that names the port, the part and the file; nothing was started."""
    port = ports.free(1)[0]
    others = (data / "hub.toml").read_text().splitlines()  # the usual ports may be another hub's
    rows = [f"prefect = {port}" if row.startswith("prefect") else row for row in others]
    (data / "hub.toml").write_text("\n".join(rows))
    with socket.create_server(("127.0.0.1", port)):
        told, _ = hub("up").communicate(timeout=60)
    assert f"port {port}" in told
    assert str(data / "hub.toml") in told
    assert not living_processes(data), told


def test_up_detached_and_down(data: Path, hub: Callable[..., subprocess.Popen[str]], living_processes: Living) -> None:
    """A detached hub runs when the command has returned, warns that it is for one machine, and goes down again.

    Into a pipe it says where everything is, and not how far it came.
    """
    up = hub("up", "--detach")
    told, _ = up.communicate(timeout=120)
    assert up.returncode == 0, told
    assert "for one machine" in told
    assert "PostgreSQL  postgresql://" in told
    assert "ready" not in told
    assert living_processes(data)
    down = hub("down")
    told, _ = down.communicate(timeout=60)
    assert (down.returncode, told.strip()) == (0, "stopped; the data stay")
    assert not living_processes(data), told
    assert (data / "secrets" / "hub-admin").exists()


@pytest.mark.parametrize("somebody", [True, False])
def test_progress_is_for_who_watches(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], *, somebody: bool
) -> None:
    """Before a terminal each part is told when it is ready, beside the result; elsewhere nobody waits for it."""

    def start(stack: Stack, *, leashed: bool) -> None:
        assert leashed
        stack._tell("kafka is ready")  # noqa: SLF001 - what a start does

    monkeypatch.setattr(Stack, "up", start)
    monkeypatch.setattr(commands, "watched", lambda: somebody)
    monkeypatch.setattr(commands, "_welcome", lambda *_, **__: None)
    monkeypatch.setattr(commands, "_attend", lambda _: None)
    commands.up(Path("/nowhere"))
    told = capsys.readouterr()
    assert (told.out, told.err) == ("", "kafka is ready\n" if somebody else "")


def test_down_without_up(hub: Callable[..., subprocess.Popen[str]]) -> None:
    """Stopping what does not run says so and is no failure."""
    down = hub("down")
    told, _ = down.communicate(timeout=60)
    assert down.returncode == 0
    assert "no hub runs" in told
