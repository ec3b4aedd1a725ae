"""A real CalDAV server in a process of its own, and agreements that point at it."""

import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

from contracts.agreement import Agreement
from deploy import ports
from deploy.demo.calendar_server import USER, radicale
from deploy.passwords import write_private
from deploy.readiness import wait_until
from services.runtime.settings import Settings

PASSWORD = "geheim-nur-hier"
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
    """Start the demo's Radicale on a free loopback port; stopped at the end."""
    folder, (port,) = tmp_path_factory.mktemp("radicale"), ports.free(1)
    write_private(folder / "calendar", PASSWORD)
    server = radicale(folder / "calendars", port, folder, "calendar")
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(server.command, stdout=log, stderr=log)  # noqa: S603 - our own command
        try:
            ended = f"it ended, see {log.name}"
            wait_until(lambda: ports.listening(port), lambda: None if process.poll() is None else ended, "Radicale")
            yield CalDavServer(f"http://{ports.HOST}:{port}")
        finally:
            process.terminate()
            process.wait(timeout=10)


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
