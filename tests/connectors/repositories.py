"""A real OAI-PMH server in a process of its own, and what a test puts into it."""

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

from deploy import ports
from deploy.readiness import wait_until

SERVER = Path(__file__).with_name("repository_server.py")
OAI = "http://www.openarchives.org/OAI/2.0/"


def datacite(
    doi: str, title: str = "Messwerte", *relations: tuple[str, str], kind: str = "Dataset", more: str = ""
) -> str:
    """Make a record of DataCite; relations are pairs of relation and DOI."""
    related = "".join(
        f'<relatedIdentifier relatedIdentifierType="DOI" relationType="{relation}">{other}</relatedIdentifier>'
        for relation, other in relations
    )
    return (
        f'<resource xmlns="http://datacite.org/schema/kernel-4"><identifier identifierType="DOI">{doi}</identifier>'
        f"<creators><creator><creatorName>Sommer, Ada</creatorName></creator></creators>"
        f"<titles><title>{escape(title)}</title></titles><publisher>Universität</publisher>"
        f'<publicationYear>2026</publicationYear><resourceType resourceTypeGeneral="{kind}"/>{more}'
        f"<relatedIdentifiers>{related}</relatedIdentifiers></resource>"
    )


def dublin_core(title: str = "Aufsatz", **elements: str) -> str:
    """Make a record of oai_dc."""
    told = {"title": title, "creator": "Sommer, Ada", "date": "2026", "type": "article", **elements}
    inner = "".join(f"<dc:{name}>{escape(value)}</dc:{name}>" for name, value in told.items() if value)
    spaces = f'xmlns:oai_dc="{OAI}oai_dc/" xmlns:dc="http://purl.org/dc/elements/1.1/"'
    return f"<oai_dc:dc {spaces}>{inner}</oai_dc:dc>"


@dataclass
class RepositoryServer:
    """What the server holds; every change is there with the next request."""

    url: str
    path: Path
    state: dict[str, Any] = field(default_factory=dict)

    def put(self, name: str, stamp: str, *, later: bool = False, **forms: str) -> None:
        """Hold a record in the forms given; ``later``: from the next request with a resumption token on."""
        self._change(name, {"stamp": stamp, "deleted": False, "forms": forms}, later=later)

    def delete(self, name: str, stamp: str, *, later: bool = False) -> None:
        """Delete a record, as a repository does that remembers so."""
        self._change(name, {**self.state["records"][name], "stamp": stamp, "deleted": True}, later=later)

    def forget(self, name: str) -> None:
        """Delete a record, as a repository does that does not."""
        del self.state["records"][name]
        self.set()

    def set(self, **settings: object) -> None:
        """Change how the server behaves."""
        held = json.loads(self.path.read_text()) if self.path.exists() else {}
        self.state |= {"planned": held.get("planned", {})} | settings
        self.path.write_text(json.dumps(self.state))

    def _change(self, name: str, record: dict[str, Any], *, later: bool) -> None:
        self.state["planned" if later else "records"] |= {name: record}
        self.path.write_text(json.dumps(self.state))


@contextmanager
def repository(folder: Path) -> Iterator[RepositoryServer]:
    """Start an empty repository on a free loopback port; stopped at the end."""
    (port,) = ports.free(1)
    server = RepositoryServer(f"http://{ports.HOST}:{port}/oai", folder / "records.json")
    server.state = {"limit": 100, "granularity": "YYYY-MM-DDThh:mm:ssZ", "deleted_record": "persistent", "planned": {}}
    server.set(records={}, broken=[], tokens_expire=True, says_deleted=True)
    with (folder / "log").open("wb") as log:
        command = [sys.executable, str(SERVER), str(server.path), str(port)]
        process = subprocess.Popen(command, stdout=log, stderr=log)  # noqa: S603 - our own command
        try:
            ended = f"it ended, see {log.name}"
            wait_until(lambda: ports.listening(port), lambda: None if process.poll() is None else ended, "oai-repo")
            yield server
        finally:
            process.terminate()
            process.wait(timeout=10)
