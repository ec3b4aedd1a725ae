"""The university's repository: a server of OAI-PMH in a process of its own, and what the university puts into it."""

import json
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from contracts.envelope import now
from deploy import ports
from deploy.process import Process

UNIVERSITY = "Bergische Universität Wuppertal"

_DATACITE = """<resource xmlns="http://datacite.org/schema/kernel-4">
<identifier identifierType="DOI">{doi}</identifier>
<creators><creator><creatorName nameType="Organizational">{creator}</creatorName></creator></creators>
<titles><title xml:lang="de">{title}</title></titles><publisher>{creator}</publisher>
<publicationYear>{year}</publicationYear><resourceType resourceTypeGeneral="Dataset"/>
<rightsList><rights rightsURI="https://creativecommons.org/licenses/by/4.0/"/></rightsList></resource>"""


@dataclass
class Campus:
    """The repository's records lie in one file; nothing runs yet."""

    folder: Path
    port: int = field(default_factory=lambda: ports.free(1)[0])
    _records: dict[str, Any] = field(default_factory=dict)

    @property
    def repository(self) -> str:
        """Its address."""
        return f"http://{ports.HOST}:{self.port}/oai"

    def server(self) -> Process:
        """Return the server's process, over a repository with one data set."""
        self.folder.mkdir(parents=True, exist_ok=True)
        self.publish("10.5072/stadtklima", "Stadtklima 2020 bis 2025")  # without any record a repository has no format
        command = (sys.executable, "-m", "deploy.demo.repository_server", str(self._file), str(self.port))
        return Process("repository", command)

    def answers(self) -> bool:
        """Whether the server is there."""
        return ports.listening(self.port)

    def publish(self, doi: str, title: str) -> None:
        """Put a data set in; it is there with the next request."""
        moment = now()[:19] + "Z"
        text = _DATACITE.format(doi=doi, title=title, creator=UNIVERSITY, year=moment[:4])
        self._records[f"oai:uni.example:{doi}"] = {"stamp": moment, "deleted": False, "forms": {"datacite": text}}
        self._write()

    @property
    def _file(self) -> Path:
        return self.folder / "records.json"

    def _write(self) -> None:
        state = {"limit": 100, "granularity": "YYYY-MM-DDThh:mm:ssZ", "deleted_record": "persistent"}
        whole = self._file.with_suffix(".new")
        whole.write_text(json.dumps({**state, "records": self._records}), encoding="utf-8")
        whole.replace(self._file)
