"""A real CalDAV server in a process of its own, and agreements that point at it."""

import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

from contracts.agreement import Agreement
from services.runtime.settings import Settings

USER, PASSWORD = "stadt", "geheim-nur-hier"
MKCALENDAR = (
    '<?xml version="1.0" encoding="utf-8"?><C:mkcalendar xmlns:D="DAV:" xmlns:C="urn:ietf:params:xml:ns:caldav">'
    "<D:set><D:prop><D:displayname>{name}</D:displayname></D:prop></D:set></C:mkcalendar>"
)


@dataclass(frozen=True)
class CalDavServer:
    """Where the server listens."""

    url: str

    def calendar(self, name: str) -> str:
        """Make an empty calendar and return its address."""
        address = f"{self.url}/{USER}/{name}/"
        answer = httpx.request(
            "MKCALENDAR", address, auth=(USER, PASSWORD), content=MKCALENDAR.format(name=name).encode()
        )
        answer.raise_for_status()
        return address


@pytest.fixture(scope="session")
def caldav_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[CalDavServer]:
    """Start Radicale with a password file on a free loopback port; stopped at the end."""
    folder = tmp_path_factory.mktemp("radicale")
    (folder / "users").write_text(f"{USER}:{PASSWORD}\n")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "radicale", "--config", "", "--hosts", f"127.0.0.1:{port}"]
    command += ["--auth-type", "htpasswd", "--auth-htpasswd-filename", str(folder / "users")]
    command += ["--auth-htpasswd-encryption", "plain", "--auth-delay", "0"]
    command += ["--storage-filesystem-folder", str(folder / "storage"), "--logging-level", "warning"]
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(command, stdout=log, stderr=log)  # noqa: S603 - our own command
        try:
            _wait(f"http://127.0.0.1:{port}/.web/", process, folder / "log")
            yield CalDavServer(f"http://127.0.0.1:{port}")
        finally:
            process.terminate()
            process.wait(timeout=10)


def _wait(url: str, process: "subprocess.Popen[bytes]", log: Path) -> None:
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        if process.poll() is not None:
            pytest.fail(f"Radicale ended: {log.read_text()[-2000:]}")
        try:
            httpx.get(url, timeout=1)
        except httpx.TransportError:
            time.sleep(0.1)
        else:
            return
    pytest.fail("expected Radicale to listen within 20 s")


@pytest.fixture
def hub_settings(tmp_path: Path) -> Settings:
    """Settings with the calendar's password and a folder for agreements."""
    for name in ("agreements", "secrets"):
        (tmp_path / name).mkdir()
    (tmp_path / "secrets" / "caldav-stadt").write_text(PASSWORD)
    return Settings(agreements=tmp_path / "agreements", secrets=tmp_path / "secrets")


def agreement(kind: str, **settings: str) -> Agreement:
    """Make the agreement of a city that is reached through one kind of system."""
    return Agreement.model_validate(
        {
            "id": "stadt",
            "status": "draft",
            "purposes": ["event_publication"],
            "name": {"de": "Stadt am Fluss", "en": "City on the river"},
            "owner": {"unit": "Lernende Stadt", "contact": "bildung@stadt.example"},
            "connector": {
                "kind": kind,
                "directions": ["pull", "push"],
                "licence": "CC-BY-4.0",
                "settings": settings,
            },
        }
    )
